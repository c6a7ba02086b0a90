import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";
import { severityWords } from "./words.ts";

export type Order = "newest" | "severity" | "longest";

export const ORDERS = ["newest", "severity", "longest"] as const satisfies readonly Order[];

/** The customer's turn always first; equal rows by tenant and incident, so that a refresh never makes two of them change places. */
export function sortIncidents(incidents: readonly IncidentOverview[], order: Order): readonly IncidentOverview[] {
  return [...incidents].sort((a, b) => turnRank(a) - turnRank(b) || byOrder(a, b, order) || byKey(a, b));
}

function turnRank(incident: IncidentOverview): number {
  return incident.ball === "customer" ? 0 : 1;
}

function byOrder(a: IncidentOverview, b: IncidentOverview, order: Order): number {
  switch (order) {
    case "newest":
      return b.changedAt - a.changedAt;
    case "severity":
      return severityWords(b.severity).level - severityWords(a.severity).level || b.changedAt - a.changedAt;
    case "longest":
      return a.stageSince - b.stageSince;
  }
}

function byKey(a: IncidentOverview, b: IncidentOverview): number {
  return a.tenantId.localeCompare(b.tenantId) || a.incidentId.localeCompare(b.incidentId, "en", { numeric: true });
}
