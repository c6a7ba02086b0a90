import { PermanentError, RetryableError } from "../../errors.ts";
import type { LanePass } from "./sync-deps.ts";

/** Throws while the tool is left alone: the work waits in a copy, like after any failure, and nothing is sent. Where it wants nothing more, the work is a person's. */
export async function checkBreaker({ deps }: Pick<LanePass, "deps">): Promise<"closed" | "probe"> {
  const admission = await deps.breaker.admit();
  if (admission.kind !== "open") return admission.kind;
  if (admission.isGone === true) {
    throw new PermanentError("gone", `nothing is sent: ${admission.reason}`, { mend: goneMend(deps.connector.id) });
  }
  throw new RetryableError("unavailable", `the tool fails as a whole (${admission.reason}) and is left alone for now`, {
    retryAfterMs: admission.until - deps.clock.now(),
    mend: admission.mend,
  });
}

/** What an operator does once the tool is wanted again. */
export function goneMend(connector: string): string {
  return `once it takes events again: \`dex-sync resume --connector ${connector}\`, then \`dex-sync parked replay --connector ${connector}\``;
}
