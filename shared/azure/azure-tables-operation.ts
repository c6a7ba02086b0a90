import { setTimeout as sleep } from "node:timers/promises";
import { RetryableError } from "../errors.ts";
import { type RequestDeadline, startDeadline } from "../http/request-deadline.ts";
import {
  type Operation,
  type Refusal,
  isPassing,
  networkError,
  refusalError,
  refusalOf,
} from "./azure-tables-error.ts";
import type { DataTables } from "./azure-tables-client.ts";

export interface Performing extends Operation {
  readonly timeoutMs: number;
  readonly sdk: DataTables;
}

const ATTEMPTS = 3;
/** Longer waits are the caller's: it has other work. */
const LONGEST_WAIT_MS = 1_000;
const FIRST_WAIT_MS = 50;

/**
 * Runs one request within its time, and names its failure. A refusal that `handle` knows is its own; what surely was not carried out is
 * tried again, a little later, up to three times in all.
 */
export async function perform<T>(
  performing: Performing,
  request: (signal: AbortSignal) => Promise<T>,
  handle: (refusal: Refusal) => { readonly result: T } | undefined = () => undefined,
): Promise<T> {
  const deadline = startDeadline(performing.timeoutMs, undefined);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await Promise.race([request(deadline.signal), deadline.passed]);
      } catch (thrown) {
        const outcome = judge(performing, deadline, thrown, handle);
        if ("result" in outcome) return outcome.result;
        const waitMs = waitAfter(outcome, attempt);
        if (waitMs === undefined) throw outcome.error;
        await sleep(waitMs);
      }
    }
  } finally {
    deadline.end();
  }
}

interface Failed {
  readonly error: unknown;
  readonly isPassing: boolean;
}

function judge<T>(
  performing: Performing,
  deadline: RequestDeadline,
  thrown: unknown,
  handle: (refusal: Refusal) => { readonly result: T } | undefined,
): { readonly result: T } | Failed {
  const { what, isWrite, timeoutMs } = performing;
  if (deadline.signal.aborted) {
    const message = `${what} gave no answer within ${timeoutMs} ms`;
    const error = new RetryableError("timeout", message, { mayHaveHappened: isWrite, cause: thrown });
    return { error, isPassing: false };
  }
  if (!(thrown instanceof performing.sdk.RestError)) return { error: thrown, isPassing: false };
  const refusal = refusalOf(thrown);
  if (refusal === undefined) return { error: networkError(thrown, performing), isPassing: true };
  return handle(refusal) ?? { error: refusalError(refusal, performing, thrown), isPassing: isPassing(refusal) };
}

/** Undefined where it is not to be tried again. */
function waitAfter({ error, isPassing }: Failed, attempt: number): number | undefined {
  if (attempt === ATTEMPTS || !isPassing || !(error instanceof RetryableError) || error.mayHaveHappened)
    return undefined;
  const waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return waitMs <= LONGEST_WAIT_MS ? waitMs : undefined;
}
