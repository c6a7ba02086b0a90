import type { CheckFinding } from "../../connectors/connector.ts";
import type { Overview, PushOverview, UnknownValueCounts } from "./overview.ts";

/** What `GET /api/health` answers: what is late, and why. */
export interface Health {
  /** "ok", "late" (something waits or is old), or "failing" (a tenant or connector takes nothing). */
  readonly status: "ok" | "late" | "failing";
  readonly at: string;
  /** What belongs to no tenant or connector; one sentence each. */
  readonly problems: readonly string[];
  readonly tenants: readonly PartHealth[];
  readonly connectors: readonly PartHealth[];
}

export interface PartHealth {
  readonly id: string;
  readonly status: Health["status"];
  /** One sentence each; empty when all is well. */
  readonly problems: readonly string[];
  /** Incidents (the newest 100) whose ticket does not show the newest change yet. */
  readonly behind?: number;
  readonly parked?: number;
  /** Of the newest incidents, those that its route does not want: no ticket, and nothing is late. */
  readonly unrouted?: number;
  /** Incidents whose ticket was deleted in the tool: nothing is written for them. Absent where there are none. */
  readonly detached?: number;
  readonly lastPollAgeMs?: number | null;
  /** Parts that Graph refuses to this application: left out, and no fault of the rest. */
  readonly notRead?: readonly string[];
  /** Values of status, severity, classification and determination that this version does not know: kept raw, and no fault. */
  readonly unknownValues?: UnknownValueCounts;
  /** What in the configuration may not fit the tool: tickets are written, but maybe other than meant. */
  readonly warnings?: readonly string[];
  /** Whether Graph rings when something changes: no problem where it does not, for the timer reads everything. Absent where it is not asked to. */
  readonly push?: { readonly status: "on" | "off"; readonly reason: string };
}

/** A ticket may be this late before health says so. */
const LATE_MS = 60_000;

export function healthOf(overview: Overview): Health {
  const tenants = overview.tenants.map((tenant) => tenantHealth(overview, tenant));
  const connectors = overview.connectors.map((connector) => connectorHealth(overview, connector));
  const unreadable = overview.unreadable ?? 0;
  const problems = unreadable === 0 ? [] : [`${unreadable} parked messages do not say whose they are`];
  return {
    status: worst([...[...tenants, ...connectors].map((part) => part.status), statusOf(false, problems.length > 0)]),
    at: new Date(overview.generatedAt).toISOString(),
    problems,
    tenants,
    connectors,
  };
}

function tenantHealth(overview: Overview, tenant: Overview["tenants"][number]): PartHealth {
  const ageMs = tenant.lastPollAt === 0 ? null : overview.generatedAt - tenant.lastPollAt;
  const isSilent = ageMs === null || ageMs > Math.max(LATE_MS, 3 * overview.pollIntervalMs);
  const problems = [
    ...(tenant.problem === "" ? [] : [`the last poll: ${tenant.problem}`]),
    ...(ageMs === null ? ["no poll has succeeded yet"] : []),
    ...(ageMs !== null && isSilent ? [`the last poll that succeeded was ${Math.round(ageMs / 1000)} s ago`] : []),
    ...((tenant.parked ?? 0) === 0
      ? []
      : [`${tenant.parked} parked that could not be read: see the reason and the mend`]),
  ];
  const status = statusOf(isSilent && tenant.problem !== "", problems.length > 0);
  const parked = tenant.parked === undefined ? {} : { parked: tenant.parked };
  const notRead = tenant.notRead === undefined ? {} : { notRead: tenant.notRead };
  const unknownValues = tenant.unknownValues === undefined ? {} : { unknownValues: tenant.unknownValues };
  return {
    id: tenant.id,
    status,
    problems,
    lastPollAgeMs: ageMs,
    ...parked,
    ...notRead,
    ...unknownValues,
    ...pushHealth(tenant.push),
  };
}

function pushHealth(push: PushOverview | undefined): Pick<PartHealth, "push"> {
  if (push === undefined) return {};
  return push.isOn
    ? { push: { status: "on", reason: "" } }
    : { push: { status: "off", reason: `${push.reason}; the timer reads everything` } };
}

function connectorHealth(overview: Overview, connector: Overview["connectors"][number]): PartHealth {
  const late = overview.incidents.filter(
    (incident) =>
      overview.generatedAt - incident.changedAt > LATE_MS &&
      incident.tickets.some(
        (ticket) => ticket.connector === connector.id && (ticket.state === "behind" || ticket.state === "waiting"),
      ),
  ).length;
  // Everything waits or is parked, and nothing at all arrives.
  const isStuck = overview.incidents
    .flatMap((incident) => incident.tickets)
    .filter((ticket) => ticket.connector === connector.id && ticket.state !== "absent" && ticket.state !== "unrouted")
    .every((ticket) => ticket.state === "parked" || ticket.state === "waiting");
  const problems = [
    ...(late > 0 ? [`${late} of the newest incidents have a ticket that is more than a minute late`] : []),
    ...(connector.routeProblem === undefined ? [] : [connector.routeProblem]),
    ...(connector.parked > 0 ? [`${connector.parked} parked: see the page for the reason and the mend`] : []),
    ...findingsOf(connector, "error"),
    ...(connector.detached === undefined
      ? []
      : [`${connector.detached} detached, for their tickets were deleted in the tool: replay them or drop them`]),
    ...(connector.problem === ""
      ? []
      : [connector.isHeld === true ? connector.problem : `the tool answers: ${connector.problem}`]),
  ];
  const isFailing = (late > 0 || (isStuck && connector.parked > 0)) && connector.problem !== "";
  const status = statusOf(isFailing, problems.length > 0);
  const unrouted = connector.unrouted === undefined ? {} : { unrouted: connector.unrouted };
  const detached = connector.detached === undefined ? {} : { detached: connector.detached };
  const warnings = findingsOf(connector, "warning");
  const noted = warnings.length === 0 ? {} : { warnings };
  return {
    id: connector.id,
    status,
    problems,
    behind: late,
    parked: connector.parked,
    ...unrouted,
    ...detached,
    ...noted,
  };
}

function findingsOf(connector: Overview["connectors"][number], wanted: CheckFinding["severity"]): readonly string[] {
  return (connector.findings ?? [])
    .filter(({ severity }) => severity === wanted)
    .map(({ place, problem, mend }) => `${place}: ${problem}; ${mend}`);
}

function statusOf(isFailing: boolean, isLate: boolean): Health["status"] {
  if (isFailing) return "failing";
  return isLate ? "late" : "ok";
}

function worst(all: readonly Health["status"][]): Health["status"] {
  if (all.includes("failing")) return "failing";
  return all.includes("late") ? "late" : "ok";
}
