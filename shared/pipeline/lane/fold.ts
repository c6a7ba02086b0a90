import { isCopyDue } from "../link.ts";
import { putLink } from "./save-link.ts";
import type { DeltaMessage } from "../schema.ts";
import type { LanePass, SyncOutcome } from "./sync-deps.ts";
import { sendCopy } from "./wait.ts";

const HANDOVER_WAIT_MS = 2 * 60_000;

/** True where a copy is on its way that will do this work too. */
export function isFoldable({ link, message, deps }: LanePass): boolean {
  return link.pending !== undefined && message.n < link.pending.n && isCopyDue(link, deps.clock.now());
}

/** A copy that is due later will read the newest snapshot anyway; its mark is raised under the ETag, so that it cannot just have ended. */
export async function fold(pass: LanePass): Promise<SyncOutcome> {
  const { pending } = pass.link;
  if (pending === undefined) return "folded";
  const soon = pass.deps.clock.now() + HANDOVER_WAIT_MS;
  const wasAsked = pass.link.lastError?.reason === "throttled";
  if (pass.snapshot.delta.to === "awaitingCustomerAction" && pending.dueAt > soon && !wasAsked) {
    // It is the customer's turn now: nobody waits ten minutes to learn that.
    const copy: DeltaMessage = { ...pass.message, cause: "retry", n: pending.n + 1 };
    await sendCopy(pass.deps, copy, soon);
    await putLink(pass, { ...pass.link, pending: { n: copy.n, dueAt: soon, seq: pass.snapshot.seq } });
    return "folded";
  }
  await putLink(pass, { ...pass.link, pending: { ...pending, seq: Math.max(pending.seq, pass.snapshot.seq) } });
  return "folded";
}
