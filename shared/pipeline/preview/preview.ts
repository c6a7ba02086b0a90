import type { ConnectorId } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import { severityOf } from "../../incident/verdict.ts";
import { type BreakerState, readBreaker } from "../breaker.ts";
import { startDeadline } from "../deadline.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { type KnownIncident, type NewestIncidents, newestIncidents, readAllKnown } from "../repair/newest-incidents.ts";
import type { Link } from "../link.ts";
import { previewTicket } from "./preview-ticket.ts";
import type { Preview, PreviewedIncident, PreviewedTicket } from "./previewed.ts";
import type { Clock } from "../ports/clock.ts";
import type { Tables } from "../ports/table.ts";
import { SILENT_BUS, readOnlyConnector, readOnlyTables } from "./read-only.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import { previewEvent } from "./preview-event.ts";
import { type EventDeps, type SyncDeps, isEventLane } from "../lane/sync-deps.ts";

export interface PreviewDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly config: {
    readonly tenants: readonly { readonly id: TenantId }[];
    readonly connectors: readonly { readonly id: string; readonly kind: string }[];
  };
  detectDeps(tenantId: TenantId): Promise<DetectDeps>;
  laneDeps(connector: ConnectorId): Promise<SyncDeps | EventDeps>;
}

export interface PreviewRequest {
  readonly last: number;
  /** One of them; all where none is named. */
  readonly tenant?: string;
  readonly connector?: string;
  /** One incident alone, which must be known here; those that changed last where none is named. */
  readonly incident?: string;
}

const AT_ONCE = 4;
/** Less than a handler's time: what it does not reach is counted as left. */
const DEADLINE_MS = 35_000;
const UNKNOWN: Omit<PreviewedTicket, "connector" | "kind" | "reason"> = {
  action: "unknown",
  label: "",
  url: "",
  isShown: false,
  fields: [],
  tags: { add: [], remove: [] },
  notes: 0,
  files: [],
  drift: [],
};
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What would be created and changed in each tool for the incidents that changed last, and why. Writes nothing, to no tool and to no table. */
export async function preview(deps: PreviewDeps, request: PreviewRequest): Promise<Preview> {
  const deadline = startDeadline(deps.clock, deps.clock.now() + DEADLINE_MS);
  try {
    const problems: string[] = [];
    const tenants = deps.config.tenants.filter(({ id }) => request.tenant === undefined || request.tenant === id);
    const found: KnownIncident[] = [];
    for (const { id } of tenants) {
      try {
        const newest = await wantedOf(await readOnlyTenant(deps, id), request, deadline.signal);
        found.push(...newest.found);
        problems.push(...unreadableWords(id, newest));
      } catch (error) {
        problems.push(`${id}: ${wordsOf(error)}`);
      }
    }
    if (request.incident !== undefined && found.length === 0 && problems.length === 0) {
      problems.push(`incident ${request.incident} is not known here (yet)`);
    }
    const newest = found.toSorted((a, b) => b.snapshot.changedAt - a.snapshot.changedAt).slice(0, request.last);
    const previewOf = createPreviewer(deps, request.connector);
    const incidents: PreviewedIncident[] = [];
    for (let from = 0; from < newest.length && !deadline.signal.aborted; from += AT_ONCE) {
      const some = newest.slice(from, from + AT_ONCE);
      incidents.push(...(await Promise.all(some.map((known) => previewOf(known, deadline.signal)))));
    }
    return { generatedAt: deps.clock.now(), incidents, left: newest.length - incidents.length, problems };
  } finally {
    deadline.stop();
  }
}

async function wantedOf(
  tenant: DetectDeps,
  { last, incident }: PreviewRequest,
  signal: AbortSignal,
): Promise<NewestIncidents> {
  return incident === undefined
    ? newestIncidents(tenant, last, signal)
    : readAllKnown(tenant, [incident as IncidentId]);
}

/** Previews one incident for each of its connectors, or for the one named; what they are made of is asked for once. */
export function createPreviewer(
  deps: PreviewDeps,
  connector: string | undefined,
  isRebuild = false,
): (known: KnownIncident, signal: AbortSignal) => Promise<PreviewedIncident> {
  const lanes = new Map<ConnectorId, Promise<SyncDeps | EventDeps>>();
  return async ({ deps: { tenant }, snapshot, links, readFrom }, signal) => {
    const { incident } = snapshot;
    const wanted = tenant.lanes.filter((lane) => connector === undefined || lane === connector);
    return {
      tenantId: tenant.id,
      incidentId: incident.id,
      title: incident.title,
      stage: lifecycleOf(incident).stage,
      severity: severityOf(incident.severity),
      changedAt: snapshot.changedAt,
      readFrom,
      tickets: await Promise.all(wanted.map((lane) => ticketOf(lane, snapshot, links.get(lane), signal))),
    };
  };

  async function ticketOf(
    lane: ConnectorId,
    snapshot: StoredSnapshot,
    link: Link | PermanentError | undefined,
    signal: AbortSignal,
  ): Promise<PreviewedTicket> {
    let sync: SyncDeps | EventDeps;
    try {
      if (link instanceof PermanentError) throw link;
      sync = await laneOf(lane);
    } catch (error) {
      // A connector that cannot be made (a secret that is not set), or a link that cannot be read, hides nothing of the others.
      const kind = deps.config.connectors.find(({ id }) => id === lane)?.kind ?? "";
      return { ...UNKNOWN, connector: lane, kind, reason: wordsOf(error) };
    }
    return isEventLane(sync)
      ? previewEvent(sync, snapshot, link, isRebuild)
      : previewTicket(sync, snapshot, link, signal);
  }

  function laneOf(lane: ConnectorId): Promise<SyncDeps | EventDeps> {
    const known = lanes.get(lane) ?? readOnlyLane(deps, lane);
    lanes.set(lane, known);
    return known;
  }
}

export async function readOnlyTenant(deps: PreviewDeps, id: TenantId): Promise<DetectDeps> {
  return { ...(await deps.detectDeps(id)), tables: readOnlyTables(deps.tables), bus: SILENT_BUS, log: SILENT };
}

async function readOnlyLane(deps: PreviewDeps, lane: ConnectorId): Promise<SyncDeps | EventDeps> {
  const given = await deps.laneDeps(lane);
  const withoutWrites = { tables: readOnlyTables(deps.tables), bus: SILENT_BUS, log: SILENT };
  // Of an event connector nothing is called.
  if (isEventLane(given)) return { ...given, ...withoutWrites };
  const state = await readBreaker(deps.tables.control, lane);
  return { ...given, ...withoutWrites, connector: readOnlyConnector(given.connector, heldBecause(state)) };
}

function heldBecause(state: BreakerState): string {
  if (state.gone !== undefined) return "the tool wants nothing more";
  if (state.paused !== undefined) return "paused by an operator";
  return state.isOpen ? "the tool fails as a whole and is left alone for now" : "";
}

/** One sentence for each that could not be looked at. */
export function unreadableWords(tenantId: TenantId, { unreadable }: NewestIncidents): readonly string[] {
  return unreadable.map(({ id, error }) => `${tenantId}: incident ${id}: ${wordsOf(error)}`);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof PermanentError) && !(error instanceof RetryableError)) throw error;
  return `${error.message}${error.mend === "" ? "" : `; ${error.mend}`}`;
}
