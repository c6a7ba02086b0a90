import type { ConnectorId } from "../shared/connectors/connector.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import type { TenantPlan } from "../shared/pipeline/detect/detect-deps.ts";

/** The configuration's defaults. */
export const OVERLAP_MS = 120_000;

/** Everything of the tenant is in scope, for one lane. */
export function planOf(
  id: TenantId,
  { createdAfter, requestsPerMinute }: { readonly createdAfter: string; readonly requestsPerMinute: number },
): TenantPlan {
  return {
    id,
    scope: { experts: "all", minimumSeverity: "informational", createdAfter, assignees: DEFAULT_ASSIGNEE_NAMES },
    assignees: DEFAULT_ASSIGNEE_NAMES,
    lanes: ["itsm" as ConnectorId],
    overlapMs: OVERLAP_MS,
    requestsPerMinute,
  };
}
