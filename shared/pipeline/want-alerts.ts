import type { IncidentId } from "../incident/incident.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { wantsRow } from "./keys.ts";
import { ConflictError } from "./ports/table.ts";
import type { SaveOutcome } from "./save-reading.ts";

/** Alerts of one incident are not read more often than this, but at a handover or a closing. */
export const ALERTS_INTERVAL_MS = 5 * 60_000;

/** A read of an incident's alerts that waits for its share of the budget. */
export interface Want {
  readonly incidentId: IncidentId;
  readonly dueAt: number;
  /** Reads in a row that failed. */
  readonly tries?: number;
}

/**
 * Notes that an incident's alerts should be read, when its share of the budget comes: never in a ticket's way. A touch that changed no field
 * may be a new alert, so it counts.
 */
export async function wantAlerts(deps: DetectDeps, held: readonly SaveOutcome[]): Promise<void> {
  const wants = held.filter(
    (item) => !item.isOwing || item.snapshot.delta.changed.some((field) => field !== "alerts" && field !== "tasks"),
  );
  for (let start = 0; start < wants.length; start += 100) {
    await deps.tables.open.batch(
      deps.tenant.id,
      wants.slice(start, start + 100).map((item) => ({
        kind: "put",
        row: wantsRow(item.snapshot.incident.id),
        value: { incidentId: item.snapshot.incident.id, dueAt: dueAt(deps, item) } satisfies Want,
        condition: "any",
      })),
    );
  }
}

/** Wants it by then, unless it is wanted already. */
export async function wantAlertsBy(deps: DetectDeps, incidentId: IncidentId, at: number): Promise<void> {
  try {
    const want: Want = { incidentId, dueAt: at };
    await deps.tables.open.put(deps.tenant.id, wantsRow(incidentId), want, "absent");
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

function dueAt(deps: DetectDeps, item: SaveOutcome): number {
  const { delta, incident } = item.snapshot;
  const hasMoved = item.isOwing && delta.from !== delta.to;
  const readAt = incident.alerts?.readAt ?? 0;
  return hasMoved ? deps.clock.now() : Math.max(deps.clock.now(), readAt + ALERTS_INTERVAL_MS);
}
