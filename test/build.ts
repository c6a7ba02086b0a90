import { type Incident, type IncidentId, type TenantId } from "../shared/incident/incident.ts";
import { type Revision, revisionOf } from "../shared/incident/revision.ts";

export const TENANT = "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514" as TenantId;

/** A valid incident; a test breaks one field. */
export function anIncident(overrides: Partial<Incident> = {}): Incident {
  const updatedAt = overrides.updatedAt ?? "2026-02-25T16:29:33.1Z";
  return {
    tenantId: TENANT,
    id: "29" as IncidentId,
    revision: revisionOf(updatedAt) as Revision,
    updatedAt,
    createdAt: "2026-01-22T12:09:23.1433333Z",
    title: "Multi-stage incident involving Execution on one endpoint",
    description: "Worm activity spreads through USB devices.",
    summary: "",
    resolvingComment: "",
    status: "active",
    severity: "high",
    classification: "",
    determination: "",
    assignedTo: "",
    customTags: [],
    systemTags: ["Defender Experts"],
    comments: [],
    redirectIncidentId: "",
    url: "https://security.microsoft.com/incident2/29/overview",
    lastModifiedBy: "",
    priorityScore: null,
    ...overrides,
  };
}
