import type { CheckFinding, ConnectorId } from "../../connectors/connector.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import type { Route } from "../../incident/route.ts";
import { allRows } from "../all-rows.ts";
import { type BreakerState, readBreaker } from "../breaker.ts";
import { countUnknownValues } from "./count-unknown-values.ts";
import { readFindings } from "../lane/first-check.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { incidentPartition, linkRow } from "../keys.ts";
import { type Link, unpackLink } from "../link.ts";
import type { ConnectorOverview, IncidentOverview, Overview, TenantOverview, TicketOverview } from "./overview.ts";
import { DETACHED, type ParkedWork } from "../park/park.ts";
import { NOBODY } from "../park/park-unreadable.ts";
import { readPollState } from "../poll-state.ts";
import type { Clock } from "../ports/clock.ts";
import type { Tables } from "../ports/table.ts";
import { hasTicket } from "../routed-lanes.ts";
import { pushOf, readSubscription } from "../bells/subscription-state.ts";

const LISTED = 100;
const CLOSED_LISTED = 40;
const MONTHS_READ = 12;
const MONTH_MS = 30 * 24 * 60 * 60_000;
/** Sentinel's own connector may take ten minutes; until then a difference is only slowness. */
const DRIFT_GRACE_MS = 10 * 60_000;

export interface OverviewDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly isDemo: boolean;
  readonly pollIntervalMs: number;
  readonly tenants: readonly { readonly id: TenantId; readonly name: string; readonly portalUrl: string }[];
  readonly connectors: readonly {
    readonly id: ConnectorId;
    readonly kind: string;
    readonly url: string;
    readonly tenantIds: readonly TenantId[];
    readonly route?: Route;
  }[];
}

/** Everything the page and health show, from `open`, `report`, the links of what is listed, and the parked rows. */
export async function readOverview(deps: OverviewDeps): Promise<Overview> {
  const now = deps.clock.now();
  const perTenant = await Promise.all(deps.tenants.map((tenant) => readTenant(deps, tenant, now)));
  const listed = perTenant
    .flatMap(({ tenantId, open, closed }) => [...open, ...closed].map((summary) => ({ tenantId, summary })))
    .toSorted((a, b) => rank(a.summary) - rank(b.summary) || b.summary.changedAt - a.summary.changedAt)
    .slice(0, LISTED);
  const incidents = await Promise.all(
    listed.map(({ tenantId, summary }) =>
      incidentOverview(deps, { tenantId, summary, mends: mendsOf(perTenant) }, now),
    ),
  );
  const parked = perTenant.flatMap((tenant) => tenant.parked);
  const breakers = await Promise.all(deps.connectors.map(({ id }) => readBreaker(deps.tables.control, id)));
  const findings = await Promise.all(deps.connectors.map(({ id }) => readFindings(deps.tables.control, id)));
  const unreadable = (await allRows<ParkedWork>(deps.tables.parked, NOBODY, "")).length;
  const openCount = perTenant.reduce((sum, tenant) => sum + tenant.open.length, 0);
  const openListed = listed.filter(({ summary }) => summary.resolvedAt === null).length;
  return {
    generatedAt: now,
    isDemo: deps.isDemo,
    pollIntervalMs: deps.pollIntervalMs,
    tenants: perTenant.map((tenant) => tenant.overview),
    connectors: deps.connectors.map((connector, index) => ({
      ...withFindings(connectorOverview(connector, incidents, parked, heldOf(breakers[index])), findings[index]),
      ...routeProblemOf(connector, perTenant),
    })),
    incidents,
    moreOpen: openCount - openListed,
    ...(unreadable === 0 ? {} : { unreadable }),
  };
}

interface TenantRows {
  readonly tenantId: TenantId;
  readonly overview: TenantOverview;
  readonly cannotReadAlerts: boolean;
  readonly open: readonly IncidentSummary[];
  readonly closed: readonly IncidentSummary[];
  readonly parked: readonly ParkedWork[];
}

async function readTenant(
  deps: OverviewDeps,
  tenant: OverviewDeps["tenants"][number],
  now: number,
): Promise<TenantRows> {
  const [open, closed, parked, poll, subscription] = await Promise.all([
    allRows<IncidentSummary>(deps.tables.open, tenant.id, "incident:"),
    closedRecently(deps, tenant.id, now),
    allRows<ParkedWork>(deps.tables.parked, tenant.id, ""),
    readPollState(deps.tables.control, tenant.id),
    readSubscription(deps.tables.control, tenant.id),
  ]);
  const ofConnectors = new Set<string>(deps.connectors.map((connector) => connector.id));
  const strange = parked.filter((work) => !ofConnectors.has(work.what)).length;
  const notRead = Object.entries(poll?.state.refused ?? {}).map(([name, refusal]) => `${name} (${refusal.status})`);
  const push = pushOf(subscription.state, now);
  const unknownValues = countUnknownValues([...open, ...closed]);
  const inStage = (stage: IncidentSummary["stage"]): number => open.filter((row) => row.stage === stage).length;
  return {
    tenantId: tenant.id,
    cannotReadAlerts: poll?.state.refused.alerts !== undefined,
    open,
    closed: closed.toSorted((a, b) => b.changedAt - a.changedAt).slice(0, CLOSED_LISTED),
    parked,
    overview: {
      id: tenant.id,
      name: tenant.name,
      portalUrl: tenant.portalUrl,
      card: {
        awaitingCustomerAction: inStage("awaitingCustomerAction"),
        inProgress: inStage("inProgress"),
        active: inStage("active"),
        resolvedIn30Days: closed.filter((row) => row.stage === "resolved").length,
      },
      lastPollAt: poll?.state.lastOkAt ?? 0,
      problem: pausedOf(poll?.state.paused) ?? poll?.state.lastError ?? "",
      ...(strange === 0 ? {} : { parked: strange }),
      ...(notRead.length === 0 ? {} : { notRead }),
      ...(unknownValues === undefined ? {} : { unknownValues }),
      ...(push === undefined ? {} : { push }),
    },
  };
}

async function closedRecently(
  deps: OverviewDeps,
  tenantId: TenantId,
  now: number,
): Promise<readonly IncidentSummary[]> {
  const today = new Date(now);
  const months = Array.from({ length: MONTHS_READ }, (_unused, back) =>
    new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
  const rows = await Promise.all(
    months.map((month) => allRows<IncidentSummary>(deps.tables.report, `${tenantId}:${month}`, "")),
  );
  return rows.flat().filter((row) => row.resolvedAt !== null && now - row.resolvedAt <= MONTH_MS);
}

/** The customer's turn first, then what is open, then what is closed. */
function rank(summary: IncidentSummary): number {
  if (summary.ball === "customer" && summary.resolvedAt === null) return 0;
  return summary.resolvedAt === null ? 1 : 2;
}

/** The mend of each parked work, by tenant, incident and connector. */
function mendsOf(tenants: readonly TenantRows[]): ReadonlyMap<string, string> {
  return new Map(
    tenants.flatMap(({ tenantId, parked }) =>
      parked.map((work) => [`${tenantId}:${work.incidentId}:${work.what}`, work.mend] as const),
    ),
  );
}

interface Listed {
  readonly tenantId: TenantId;
  readonly summary: IncidentSummary;
  readonly mends: ReadonlyMap<string, string>;
}

async function incidentOverview(deps: OverviewDeps, listed: Listed, now: number): Promise<IncidentOverview> {
  const { tenantId, summary, mends } = listed;
  const connectors = deps.connectors.filter((connector) => connector.tenantIds.includes(tenantId));
  const rows = await deps.tables.incident.getMany(
    incidentPartition(tenantId, summary.incidentId as IncidentId),
    connectors.map((connector) => linkRow(connector.id)),
  );
  const { seq: _seq, resolvedAt: _resolvedAt, seenAt: _seenAt, toldLanes: _toldLanes, ...shown } = summary;
  return {
    tenantId,
    ...shown,
    tickets: connectors.map((connector) => {
      const row = rows.get(linkRow(connector.id));
      const ticket = ticketOverview(connector, row === undefined ? undefined : unpackLink(row.value), summary, now);
      const parked = mends.get(`${tenantId}:${summary.incidentId}:${connector.id}`) ?? "";
      return (ticket.state === "parked" || ticket.state === "detached") && parked !== ""
        ? { ...ticket, mend: parked }
        : ticket;
    }),
  };
}

function ticketOverview(
  connector: OverviewDeps["connectors"][number],
  link: Link | undefined,
  summary: IncidentSummary,
  now: number,
): TicketOverview {
  return {
    connector: connector.id,
    kind: connector.kind,
    state: stateOf(connector.id, link, summary),
    label: (link?.ticket ?? link?.detached?.ticket)?.label ?? "",
    url: link?.ticket?.url ?? "",
    tags: link?.tags ?? [],
    drift: link !== undefined && now - link.driftSince > DRIFT_GRACE_MS ? link.drift : [],
    lagMs: link?.lag === undefined ? null : Math.max(0, link.lag.writtenAt - link.lag.changedAt),
    problem: problemOf(connector.id, link, summary),
    ...(link?.lastError?.mend === undefined ? {} : { mend: link.lastError.mend }),
  };
}

function problemOf(connector: ConnectorId, link: Link | undefined, summary: IncidentSummary): string {
  const isDropped = link !== undefined && stateOf(connector, link, summary) === "dropped";
  return isDropped ? `dropped by an operator: ${link.dropped?.reason ?? ""}` : (link?.lastError?.message ?? "");
}

function stateOf(
  connector: ConnectorId,
  link: Link | undefined,
  { seq, toldLanes }: IncidentSummary,
): TicketOverview["state"] {
  if (link?.detached !== undefined) return "detached";
  const isTold = toldLanes?.includes(connector) !== false;
  if (!hasTicket(link) && (!isTold || (link?.unroutedSeq ?? 0) >= seq)) return "unrouted";
  if (link === undefined) return "behind";
  if (link.isParked) return "parked";
  if (link.appliedSeq >= seq) return link.isAbsent ? "absent" : "shown";
  if ((link.dropped?.seq ?? 0) >= seq) return "dropped";
  return link.pending === undefined ? "behind" : "waiting";
}

/** Why nothing is sent to a tool as a whole; "" where that is not so. */
function heldOf(breaker: BreakerState | undefined): string {
  if (breaker?.gone !== undefined) {
    return `since ${momentOf(breaker.gone.at)} it answers that it wants nothing more, and nothing is sent; once it does again, resume this connector and replay what is parked`;
  }
  const paused = pausedOf(breaker?.paused);
  if (paused !== undefined) return paused;
  if (breaker?.isOpen !== true) return "";
  const said = breaker.said === undefined ? "" : `: ${breaker.said}`;
  const mend = breaker.mend === undefined ? "" : `: ${breaker.mend}`;
  return `the tool fails as a whole since ${momentOf(breaker.openedAt)} (${breaker.reason}${said}); it is probed once a minute${mend}`;
}

/** What a route asks about cannot be told of incidents whose alerts may not be read: it wants none of them. */
function routeProblemOf(
  { route, tenantIds }: OverviewDeps["connectors"][number],
  tenants: readonly TenantRows[],
): Pick<ConnectorOverview, "routeProblem"> {
  const blind = tenants.filter(({ tenantId, cannotReadAlerts }) => cannotReadAlerts && tenantIds.includes(tenantId));
  if (route?.categories === undefined || blind.length === 0) return {};
  const names = blind.map(({ overview }) => overview.name).join(", ");
  return {
    routeProblem: `its route is by category, and Graph does not let this app read alerts of ${names}: no new ticket is made for them; grant SecurityAlert.Read.All, or take route.categories away`,
  };
}

function pausedOf(paused: BreakerState["paused"]): string | undefined {
  return paused === undefined ? undefined : `paused by an operator since ${momentOf(paused.at)}: ${paused.reason}`;
}

function momentOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

function withFindings(overview: ConnectorOverview, findings: readonly CheckFinding[] = []): ConnectorOverview {
  return findings.length === 0 ? overview : { ...overview, findings };
}

function connectorOverview(
  connector: OverviewDeps["connectors"][number],
  incidents: readonly IncidentOverview[],
  parked: readonly ParkedWork[],
  held: string,
): ConnectorOverview {
  const tickets = incidents.flatMap((incident) =>
    incident.tickets.filter((ticket) => ticket.connector === connector.id),
  );
  const unrouted = tickets.filter((ticket) => ticket.state === "unrouted").length;
  const lags = tickets.flatMap((ticket) => (ticket.lagMs === null ? [] : [ticket.lagMs])).toSorted((a, b) => a - b);
  const detached = parked.filter((work) => work.what === connector.id && work.reason === DETACHED).length;
  const median = lags[Math.floor(lags.length / 2)];
  return {
    id: connector.id,
    kind: connector.kind,
    url: connector.url,
    parked: parked.filter((work) => work.what === connector.id && work.reason !== DETACHED).length,
    waiting: tickets.filter((ticket) => ticket.state === "waiting").length,
    drifted: tickets.filter((ticket) => ticket.drift.length > 0).length,
    ...(detached === 0 ? {} : { detached }),
    lagMs: median === undefined ? null : { median, slowest: lags.at(-1) ?? median },
    ...(unrouted === 0 ? {} : { unrouted }),
    ...(held === "" ? {} : { isHeld: true as const }),
    problem:
      held !== ""
        ? held
        : (tickets.find(({ problem, state }) => problem !== "" && state !== "shown" && state !== "detached")?.problem ??
          ""),
  };
}
