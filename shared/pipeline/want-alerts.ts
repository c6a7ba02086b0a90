import type { IncidentId } from "../incident/incident.ts";
import { lifecycleOf } from "../incident/lifecycle.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { urgentWantsRow, wantsRow } from "./keys.ts";
import { ConflictError, type Write } from "./ports/table.ts";
import type { SaveOutcome } from "./save-reading.ts";

/** Alerts of one incident are not read more often than this, but at a handover or a closing. */
export const ALERTS_INTERVAL_MS = 5 * 60_000;

/** A read of an incident's alerts that waits for its share of the budget. */
export interface Want {
  readonly incidentId: IncidentId;
  readonly dueAt: number;
  /** Reads in a row that failed. */
  readonly tries?: number;
  /** Read before, and due by time alone: what is new goes first. */
  readonly isAgain?: true;
}

/**
 * Notes that an incident's alerts should be read, when its share of the budget comes: never in a ticket's way. A touch that changed no field
 * may be a new alert, so it counts.
 */
export async function wantAlerts(deps: DetectDeps, held: readonly SaveOutcome[]): Promise<void> {
  const wants = held.filter(
    (item) => !item.isOwing || item.snapshot.delta.changed.some((field) => field !== "alerts" && field !== "tasks"),
  );
  for (let start = 0; start < wants.length; start += 50) {
    await deps.tables.open.batch(
      deps.tenant.id,
      wants.slice(start, start + 50).flatMap((item) => writesOf(deps, item)),
    );
  }
}

/** One row an incident; a touch does not make less urgent what still waits. */
function writesOf(deps: DetectDeps, item: SaveOutcome): readonly Write[] {
  const { id: incidentId } = item.snapshot.incident;
  const want: Want = { incidentId, dueAt: dueAt(deps, item) };
  if (!isUrgent(deps, item)) return [{ kind: "put", row: wantsRow(incidentId), value: want, condition: "any" }];
  return [
    { kind: "put", row: urgentWantsRow(incidentId), value: want, condition: "any" },
    { kind: "delete", row: wantsRow(incidentId), condition: "any" },
  ];
}

/** Younger than this, an incident that was not known is new, and not one of the many of a first run. */
const NEW_MS = 60 * 60_000;

/** It is the customer's turn, an incident that was known has moved, or it is new. */
function isUrgent(deps: DetectDeps, item: SaveOutcome): boolean {
  const { incident, delta } = item.snapshot;
  if (lifecycleOf(incident).stage === "awaitingCustomerAction") return true;
  if (delta.from !== undefined) return hasMoved(item);
  return deps.clock.now() - Date.parse(incident.createdAt) < NEW_MS;
}

/** Wants it by then, unless it is wanted already. */
export async function wantAlertsBy(
  deps: DetectDeps,
  incidentId: IncidentId,
  at: number,
  options: Pick<Want, "isAgain"> & { readonly isUrgent?: boolean } = {},
): Promise<void> {
  const { isUrgent: isUrgentWant = false, ...rest } = options;
  try {
    const want: Want = { incidentId, dueAt: at, ...rest };
    const row = isUrgentWant ? urgentWantsRow(incidentId) : wantsRow(incidentId);
    await deps.tables.open.put(deps.tenant.id, row, want, "absent");
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

function dueAt(deps: DetectDeps, item: SaveOutcome): number {
  const readAt = item.snapshot.incident.alerts?.readAt ?? 0;
  return hasMoved(item) ? deps.clock.now() : Math.max(deps.clock.now(), readAt + ALERTS_INTERVAL_MS);
}

function hasMoved({ isOwing, snapshot }: SaveOutcome): boolean {
  return isOwing && snapshot.delta.from !== snapshot.delta.to;
}
