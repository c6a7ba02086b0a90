import type { IncidentId } from "../../incident/incident.ts";

/** How soon a read of alerts is wanted: a handover or an incident that moved, a new incident, or one of the many of a first run. */
export type Urgency = "urgent" | "new" | "usual";

/** Sorted so that the urgent are looked at first, then the new ones: no incident's id begins with these marks. */
const PREFIX = { urgent: "wants:!", new: "wants:$", usual: "wants:" } satisfies Record<Urgency, string>;

export const URGENCIES: readonly Urgency[] = ["urgent", "new", "usual"];

export function wantRow(urgency: Urgency, id: IncidentId): string {
  return `${PREFIX[urgency]}${id}`;
}

export function urgencyOf(row: string): Urgency {
  return URGENCIES.find((urgency) => row.startsWith(PREFIX[urgency])) ?? "usual";
}
