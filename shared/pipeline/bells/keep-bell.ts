import { PermanentError, RetryableError } from "../../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** "kept": what the bell asks for is on the bus, or it asks for nothing. "notKept": whoever rang has to ring again. */
export type BellOutcome = "kept" | "notKept";

/** Graph waits three seconds, and counts an endpoint as slow that often takes longer; whoever rings is answered in under a second. */
const ANSWER_MS = 900;

/** Does what is to be done before a bell is answered, but never longer than its caller waits: what is not sure to be kept by then is not. */
export async function keepBell(
  deps: { readonly clock: Clock; readonly log: Log },
  work: () => Promise<void>,
): Promise<BellOutcome> {
  const answered = new AbortController();
  const done = work().then(
    () => "",
    (error: unknown) => reasonOf(error),
  );
  const late = deps.clock.sleep(ANSWER_MS, answered.signal).then(
    () => "late",
    () => "late",
  );
  // Work that goes on can only fail, or ring a bell too many.
  const problem = await Promise.race([done, late]);
  answered.abort();
  if (problem === "") return "kept";
  deps.log.error("a doorbell could not be kept", { reason: problem });
  return "notKept";
}

/** Whatever it was, bugs included: the caller is told to ring again, and the log has where it came from. */
function reasonOf(error: unknown): string {
  if (error instanceof RetryableError || error instanceof PermanentError) return error.reason;
  return error instanceof Error ? (error.stack ?? error.name).slice(0, 2_000) : "unknown";
}
