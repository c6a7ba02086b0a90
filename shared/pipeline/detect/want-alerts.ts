import type { IncidentId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { ConflictError, type Write } from "../ports/table.ts";
import type { SaveOutcome } from "./save-reading.ts";
import { URGENCIES, type Urgency, wantRow } from "./want-rows.ts";

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
  const moved = wants.filter(hasMoved);
  for (let start = 0; start < moved.length; start += MOVED_AT_ONCE) {
    const some = moved.slice(start, start + MOVED_AT_ONCE);
    await deps.tables.open.batch(
      deps.tenant.id,
      some.flatMap((item) => writesOf(deps, item)),
    );
  }
  // A touch makes nothing later that waits already.
  await Promise.all(
    wants
      .filter((item) => !hasMoved(item))
      .map((item) =>
        wantAlertsBy(deps, item.snapshot.incident.id, touchedDueAt(deps, item), { urgency: urgencyOfItem(deps, item) }),
      ),
  );
}

/** Three writes each, of the hundred that a batch takes. */
const MOVED_AT_ONCE = 33;

/** One row an incident, at once. */
function writesOf(deps: DetectDeps, item: SaveOutcome): readonly Write[] {
  const { id: incidentId } = item.snapshot.incident;
  const want: Want = { incidentId, dueAt: deps.clock.now() };
  const wanted = urgencyOfItem(deps, item);
  return URGENCIES.map((urgency): Write => {
    const row = wantRow(urgency, incidentId);
    return urgency === wanted
      ? { kind: "put", row, value: want, condition: "any" }
      : { kind: "delete", row, condition: "any" };
  });
}

/** Younger than this, an incident that was not known is new, and not one of the many of a first run. */
const NEW_MS = 60 * 60_000;

/** It is the customer's turn, or an incident that was known has moved; then those that are new. */
function urgencyOfItem(deps: DetectDeps, item: SaveOutcome): Urgency {
  const { incident, delta } = item.snapshot;
  if (lifecycleOf(incident).stage === "awaitingCustomerAction") return "urgent";
  if (delta.from !== undefined) return hasMoved(item) ? "urgent" : "usual";
  return deps.clock.now() - Date.parse(incident.createdAt) < NEW_MS ? "new" : "usual";
}

/** Wants it by then, unless it is wanted already. */
export async function wantAlertsBy(
  deps: DetectDeps,
  incidentId: IncidentId,
  at: number,
  options: Pick<Want, "isAgain"> & { readonly urgency?: Urgency } = {},
): Promise<void> {
  const { urgency = "usual", ...rest } = options;
  try {
    const want: Want = { incidentId, dueAt: at, ...rest };
    await deps.tables.open.put(deps.tenant.id, wantRow(urgency, incidentId), want, "absent");
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

function touchedDueAt({ clock }: DetectDeps, { snapshot }: SaveOutcome): number {
  return Math.max(clock.now(), (snapshot.incident.alerts?.readAt ?? 0) + ALERTS_INTERVAL_MS);
}

function hasMoved({ isOwing, snapshot }: SaveOutcome): boolean {
  return isOwing && snapshot.delta.from !== snapshot.delta.to;
}
