import { type Stage, isClosed } from "../../incident/lifecycle.ts";
import type { Snapshot } from "../../incident/snapshot.ts";

/** What a connector's configuration says of tickets that people are done with. */
export interface TicketPolicy {
  /** An incident that was closed for longer than this before it was reopened gets a new ticket, which continues the old one. */
  readonly reopenWithinMs: number;
  /** A ticket that is gone: made anew once while its incident is open, or let be until an operator replays the work. */
  readonly deleted: "recreate" | "detach";
}

/** Two weeks: what comes back later is new work to most teams. A second ticket is never made unasked. */
export const DEFAULT_TICKET_POLICY: TicketPolicy = { reopenWithinMs: 14 * 24 * 60 * 60_000, deleted: "detach" };

/** What is not known is left alone, never guessed. */
const IS_OPEN = {
  active: true,
  inProgress: true,
  awaitingCustomerAction: true,
  resolved: false,
  redirected: false,
  unrecognised: false,
} satisfies Record<Stage, boolean>;

export function isOpen(stage: Stage): boolean {
  return IS_OPEN[stage];
}

/** True where the ticket shows a closed incident that is open again. */
export function isReopening(shown: Stage | undefined, stage: Stage): boolean {
  return shown !== undefined && isClosed(shown) && IS_OPEN[stage];
}

/** How long the incident was closed before it was reopened, by the source's times; 0 where it was not, or that is no longer known. */
export function closedForMs(stages: Snapshot["stages"]): number {
  const last = stages.findLastIndex(({ stage }) => isClosed(stage));
  const reopened = stages[last + 1];
  if (last === -1 || reopened === undefined) return 0;
  const first = stages.slice(0, last).findLastIndex(({ stage }) => !isClosed(stage)) + 1;
  return reopened.since - (stages[first]?.since ?? reopened.since);
}
