import type { IncidentId, TenantId } from "./incident.ts";

/** Ties a ticket to its incident in every tool, for good: `mdx:<tenant id>:<incident id>`, at most 100 characters, safe in every query language. */
export type CorrelationKey = string & { readonly __correlationKey: never };

const SAFE_ID = /^[A-Za-z0-9_-]{1,58}$/;

/** True where an id can be part of a key, a table key and a query without quoting. */
export function isSafeId(id: string): boolean {
  return SAFE_ID.test(id);
}

export function correlationKeyOf(tenantId: TenantId, incidentId: IncidentId): CorrelationKey {
  return `mdx:${tenantId}:${incidentId}` as CorrelationKey;
}

/** The incident of a key that was made here. */
export function incidentOfKey(key: CorrelationKey): { readonly tenantId: TenantId; readonly incidentId: IncidentId } {
  const [, tenantId = "", incidentId = ""] = key.split(":");
  return { tenantId: tenantId as TenantId, incidentId: incidentId as IncidentId };
}
