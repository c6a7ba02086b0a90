import { ENRICHMENT, type PollRun } from "../detect/poll-run.ts";

/** At most this share of the quota goes to what is read beside the lists. */
export const ENRICHMENT_SHARE = 0.4;

/** True while a request of this kind may be sent: its share is not spent, and neither is the whole but for the first one of a poll. */
export function mayEnrich(run: PollRun): boolean {
  if (run.state.enrichment.left < 1) return false;
  const isFirst = [...run.requests.keys()].every((stream) => !ENRICHMENT.has(stream));
  return isFirst || run.state.budget.left >= 1;
}
