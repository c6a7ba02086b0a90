import type { ConnectorConfig } from "./schema.ts";

export type ConnectorKind = ConnectorConfig["kind"];

/** One entry a kind, or it does not compile. */
const EVERY_KIND = { servicenow: true, jira: true, sentinel: true, qradar: true, webhook: true } satisfies Record<
  ConnectorKind,
  true
>;
export const CONNECTOR_KINDS = Object.keys(EVERY_KIND) as readonly ConnectorKind[];

/** Those of tools that take events; all others have tickets. */
export const EVENT_KINDS = ["webhook"] as const satisfies readonly ConnectorKind[];

export type EventKind = (typeof EVENT_KINDS)[number];
export type TicketKind = Exclude<ConnectorKind, EventKind>;

export function isEventKind(kind: string): kind is EventKind {
  return EVENT_KINDS.some((known) => known === kind);
}

/** Names that are kept for tools to come. */
export const PLANNED_KINDS = ["people"] as const;
