import type { ConnectorConfig } from "./schema.ts";

export type ConnectorKind = ConnectorConfig["kind"];

/** One entry a kind, or it does not compile. */
const EVERY_KIND = { servicenow: true, jira: true, sentinel: true, qradar: true } satisfies Record<ConnectorKind, true>;
export const CONNECTOR_KINDS = Object.keys(EVERY_KIND) as readonly ConnectorKind[];

/** Names that are kept for tools to come. */
export const PLANNED_KINDS = ["people", "webhook"] as const;
