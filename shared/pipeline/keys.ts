import type { ConnectorId } from "../connectors/connector.ts";
import type { IncidentId, TenantId } from "../incident/incident.ts";

/** Names of partitions and rows (ARCHITECTURE.md, "Where things are kept"), in one place: they are never changed, only added to. */
export function incidentPartition(tenantId: TenantId, incidentId: IncidentId): string {
  return `${tenantId}:${incidentId}`;
}

export const SNAPSHOT_ROW = "snapshot";
/** Of an incident that was never read, for the source answered another in its place: the one it went into. */
export const ANSWERED_ROW = "answered-by";

export function linkRow(connector: ConnectorId): string {
  return `link:${connector}`;
}

/** Sorted by time: the ledger of an incident reads in the order things happened. */
export function ledgerRow(atMs: number, name: string): string {
  return `ledger:${atMs.toString().padStart(15, "0")}:${name}`;
}

export function openRow(incidentId: IncidentId): string {
  return `incident:${incidentId}`;
}

/** It is the customer's turn, or was until its tasks are compared once more. */
export function handoverRow(incidentId: IncidentId): string {
  return `handover:${incidentId}`;
}

/** A mark that could not be cleared at once. */
export function owedRow(incidentId: IncidentId): string {
  return `owed:${incidentId}`;
}

/** One row per incident for good, so by the month the incident was created in. */
export function reportPartition(tenantId: TenantId, createdAt: string): string {
  return `${tenantId}:${createdAt.slice(0, 7)}`;
}

export function parkedRow(incidentId: IncidentId, what: string): string {
  return `${incidentId}:${what}`;
}

/** The partition of the breakers. */
export const BREAKERS = "breakers";

export function breakerRow(connector: ConnectorId): string {
  return `connector:${connector}`;
}

/** The partition of what connectors found when they compared their configuration with the tool. */
export const CHECKS = "checks";

export function checkRow(connector: ConnectorId): string {
  return `connector:${connector}`;
}

export const POLL_ROW = "poll";
/** Graph asked this tenant's callers to wait. */
export const GATE_ROW = "gate";
/** The tenant's Graph subscription, which rings the bell. */
export const SUBSCRIPTION_ROW = "subscription";

/** How far a connector's tickets of a tenant are written anew. */
export function rebuildRow(connector: ConnectorId): string {
  return `rebuild:${connector}`;
}

export function laneQueue(connector: ConnectorId): string {
  return `incident-deltas-${connector}`;
}

export const POLL_QUEUE = "poll-requests";
