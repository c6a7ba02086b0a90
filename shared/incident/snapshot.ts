import type { Incident, IncidentId } from "./incident.ts";
import type { Stage } from "./lifecycle.ts";

/** The newest state of an incident that is known, with the number that orders it. */
export interface Snapshot {
  readonly incident: Incident;
  /** Ours: `max(previous + 1, clock in ms)` at each snapshot saved. The only order that links, workers and message ids use. */
  readonly seq: number;
  /** Entered the present stage at (milliseconds since 1970, by the source's stamp of the change that showed it). */
  readonly stageSince: number;
  /** Stages passed through, oldest first, the present one last; the newest 50 are kept. */
  readonly stages: readonly StageStay[];
  /** First seen by us, milliseconds since 1970. */
  readonly firstSeenAt: number;
  /** When the newest change of the incident itself was seen by us, and when the source says it was made. What is read beside it (alerts, tasks) is none. */
  readonly seenAt: number;
  readonly changedAt: number;
  /** The newest 10 of those changes, oldest first: from them a ticket's delay is told, whatever was coalesced. */
  readonly changes: readonly SourceChange[];
  /** The present handover: the stay in awaitingCustomerAction, with the start of its clock. Undefined in every other stage. */
  readonly handover?: { readonly since: number };
  /** Incidents that were merged into this one, those merged into them before included. */
  readonly mergedFrom: readonly IncidentId[];
}

/** False where only what is read beside the incident has changed: alerts, tasks, a notification's text. */
export function isSourceChange({ seq, changes }: Pick<Snapshot, "seq" | "changes">): boolean {
  return changes.at(-1)?.seq === seq;
}

export interface SourceChange {
  readonly seq: number;
  readonly changedAt: number;
  readonly seenAt: number;
}

export interface StageStay {
  readonly stage: Stage;
  readonly since: number;
  /** Who had it then, raw. */
  readonly assignedTo: string;
}
