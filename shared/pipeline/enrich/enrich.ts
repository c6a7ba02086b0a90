import { findExpertsAlerts } from "./find-experts-alerts.ts";
import { keepHandovers } from "./keep-handovers.ts";
import type { PollRun } from "../detect/poll-run.ts";
import { readWantedAlerts } from "./read-wanted-alerts.ts";

/** Lists come first: what is read beside them may not keep the next poll waiting longer than this. */
const ENRICH_MS = 1_500;

/** Reads what incidents do not carry themselves: alerts, the experts' tasks, notifications; from a share of the budget of its own. */
export async function enrich(run: PollRun, deadlineAt: number): Promise<void> {
  const until = Math.min(run.deps.clock.now() + ENRICH_MS, deadlineAt);
  await keepHandovers(run);
  await findExpertsAlerts(run, until);
  await readWantedAlerts(run, until);
}
