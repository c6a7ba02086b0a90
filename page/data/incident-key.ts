import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";

/** One incident among all tenants. */
export function incidentKey(incident: Pick<IncidentOverview, "tenantId" | "incidentId">): string {
  return `${incident.tenantId}/${incident.incidentId}`;
}
