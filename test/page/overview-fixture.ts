import type {
  ConnectorOverview,
  IncidentOverview,
  Overview,
  TenantOverview,
  TicketOverview,
} from "../../shared/pipeline/overview/overview.ts";

export const NOW = Date.parse("2026-11-24T12:00:00Z");
const MINUTE_MS = 60_000;

export const CONTOSO = "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514";
export const FABRIKAM = "0a7d9d3e-58c1-44f2-9b37-6a4b8e1c2d90";

export function aTicket(change: Partial<TicketOverview> = {}): TicketOverview {
  return {
    connector: "jira",
    kind: "jira",
    state: "shown",
    label: "SEC-101",
    url: "https://contoso.atlassian.net/browse/SEC-101",
    tags: ["dex:experts"],
    drift: [],
    lagMs: 1_840,
    problem: "",
    ...change,
  };
}

export function anIncident(change: Partial<IncidentOverview> = {}): IncidentOverview {
  const incidentId = change.incidentId ?? "101";
  return {
    tenantId: CONTOSO,
    incidentId,
    title: "Multi-stage incident involving Execution on one endpoint",
    url: `https://security.microsoft.com/incidents/${incidentId}`,
    stage: "inProgress",
    statusRaw: "inProgress",
    ball: "experts",
    assignedTo: "Defender Experts",
    severity: "medium",
    classification: "unknown",
    determination: "unknown",
    isNotification: false,
    isExpertsWork: true,
    tags: [],
    createdAt: new Date(NOW - 95 * MINUTE_MS).toISOString(),
    stageSince: NOW - 34 * MINUTE_MS,
    handoverSince: null,
    closedBy: null,
    changedAt: NOW - 12 * MINUTE_MS,
    mergedInto: "",
    mergedFrom: [],
    commentCount: 0,
    tickets: [aTicket()],
    ...change,
  };
}

export function aTenant(change: Partial<TenantOverview> = {}): TenantOverview {
  return {
    id: CONTOSO,
    name: "Contoso",
    portalUrl: "https://security.microsoft.com/incidents",
    card: { awaitingCustomerAction: 1, inProgress: 1, active: 1, resolvedIn30Days: 214 },
    lastPollAt: NOW - 4_000,
    problem: "",
    ...change,
  };
}

export function aConnector(change: Partial<ConnectorOverview> = {}): ConnectorOverview {
  return {
    id: "jira",
    kind: "jira",
    url: "https://contoso.atlassian.net",
    parked: 0,
    waiting: 0,
    drifted: 0,
    lagMs: { median: 1_840, slowest: 6_200 },
    problem: "",
    ...change,
  };
}

export function anOverview(change: Partial<Overview> = {}): Overview {
  return {
    generatedAt: NOW,
    isDemo: false,
    pollIntervalMs: 15_000,
    tenants: [aTenant()],
    connectors: [aConnector()],
    incidents: [anIncident()],
    moreOpen: 0,
    ...change,
  };
}
