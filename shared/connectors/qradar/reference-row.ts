import type { LifecycleEvent } from "../../incident/lifecycle-event.ts";
import { leefText } from "../neutralise-qradar.ts";

const LONGEST = 200;

/** The present state of an incident, for rules, searches and dashboards. Every column each time, so that none keeps an old value. */
export function rowOfEvent(event: LifecycleEvent): Readonly<Record<string, string>> {
  const { projection } = event;
  const { lifecycle } = projection;
  const columns = {
    incidentId: event.incidentId,
    tenantId: event.tenantId,
    stage: lifecycle.stage,
    status: event.status,
    ball: projection.ball,
    assignedTo: projection.assignedTo,
    severity: projection.severityRaw,
    classification: projection.classificationRaw,
    determination: projection.determination,
    mergedInto: lifecycle.stage === "redirected" ? (lifecycle.into ?? "") : "",
    pendingActions: String(projection.pendingTasks.length + projection.pendingApprovals),
    title: projection.title,
    seq: String(event.seq),
    at: new Date(event.at).toISOString(),
  };
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, leefText(value, LONGEST)]));
}
