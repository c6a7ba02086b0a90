import { PermanentError, RetryableError } from "../errors.ts";
import { certificateProblem } from "./certificate-problem.ts";
import { EGRESS_REFUSED, refusedAddress } from "./guarded-connect.ts";

export interface Failure {
  /** What was done, for the message. */
  readonly what: string;
  /** A write of which at least a part may have been sent. */
  readonly mayHaveHappened: boolean;
  /** Its time was over, or the caller gave up. */
  readonly isAborted: boolean;
  /** The answer had begun. */
  readonly isAnswered: boolean;
}

/** A request without a whole answer, as an error. Codes are those of Node and undici. */
export function transportError(thrown: unknown, failure: Failure): Error {
  const { what, mayHaveHappened } = failure;
  const options = { mayHaveHappened, cause: thrown };
  if (failure.isAborted) return new RetryableError("timeout", `${what} was not answered in time`, options);
  const code = codeOf(thrown);
  if (code === EGRESS_REFUSED) return refusedAddress(what);
  if (code === "UND_ERR_INVALID_ARG") {
    return new PermanentError("misconfigured", `${what} was not sent: a header or the address cannot be written`, {
      mend: "look for line breaks and the like in the address, the user name and the secret",
      cause: thrown,
    });
  }
  const problem = certificateProblem(code);
  if (problem !== undefined) return new RetryableError("unavailable", `${what} was not sent: ${problem}`, options);
  if (code.endsWith("TIMEOUT") || code === "ETIMEDOUT") {
    return new RetryableError("timeout", `${what} was not answered in time: ${code}`, options);
  }
  return failure.isAnswered
    ? new RetryableError("unreadable", `${what} was cut off in its answer: ${code}`, options)
    : new RetryableError("unavailable", `${what} got no answer: ${code}`, options);
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "unknown";
  return "code" in thrown ? String(thrown.code) : thrown.name;
}
