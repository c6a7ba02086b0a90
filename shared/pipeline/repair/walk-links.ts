import type { IncidentId, TenantId } from "../../incident/incident.ts";
import type { ConnectorId } from "../../connectors/connector.ts";
import { type Finding, type MappingVersions, checkLinks, measureFinding, mendLinks } from "./check-links.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import { ConflictError, type ETag, type Table } from "../ports/table.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import { requestReread, requestWalks } from "../request-polls.ts";
import { type WalkPlace, placeOfAll, placeOfOpen, rowsAt } from "./walk-rows.ts";

/** All links once a day; those of what is open every quarter of an hour. */
const ALL_EVERY_MS = 24 * 60 * 60_000;
const OPEN_EVERY_MS = 15 * 60_000;
/** A step ends after this, and the next one goes on: a thousand tenants share the workers. */
const STEP_MS = 5_000;
/** Tickets that a walk over what is open sends because the mapping changed: so many a quarter of an hour, beside live changes. */
const REMAPPED_A_WALK = 50;
const WALK_ROW = "walk";
const TENANTS_AT_ONCE = 32;
const ATTEMPTS = 10;

/** How far a tenant's walks are. One row a tenant, beside the poll state. */
export interface WalkState {
  readonly v: 1;
  readonly openStartedAt: number;
  readonly allStartedAt: number;
  /** The walk under way; undefined between walks. */
  readonly at?: WalkPlace;
  /** Of the walk under way, or of the last one. */
  readonly checked: number;
  readonly found: number;
  /** Findings of all walks. */
  readonly foundEver: number;
  readonly finishedAt: number;
  /** Tickets sent because their mapping changed, of the walk under way or of the last one; absent before there was one. */
  readonly remapped?: number;
}

const NEVER: WalkState = {
  v: 1,
  openStartedAt: 0,
  allStartedAt: 0,
  checked: 0,
  found: 0,
  foundEver: 0,
  finishedAt: 0,
};

export async function readWalk(
  control: Table,
  tenantId: TenantId,
): Promise<{ readonly state: WalkState; readonly etag: ETag | undefined }> {
  const row = await control.get(tenantId, WALK_ROW);
  return row === undefined ? { state: NEVER, etag: undefined } : { state: row.value as WalkState, etag: row.etag };
}

/** True where a walk is under way or due. */
function isWalkDue(state: WalkState, now: number): boolean {
  if (state.at !== undefined) return true;
  return now - state.openStartedAt >= OPEN_EVERY_MS || now - state.allStartedAt >= ALL_EVERY_MS;
}

/** The timer's look: whose walk is under way or due gets a message of its own, so that no tenant waits for another. */
export async function requestDueWalks(deps: {
  readonly tables: { readonly control: Table };
  readonly bus: Bus;
  readonly clock: Clock;
  readonly tenants: readonly TenantId[];
}): Promise<void> {
  const now = deps.clock.now();
  const due: TenantId[] = [];
  for (let from = 0; from < deps.tenants.length; from += TENANTS_AT_ONCE) {
    const some = deps.tenants.slice(from, from + TENANTS_AT_ONCE);
    const states = await Promise.all(some.map((tenantId) => knownWalk(deps.tables.control, tenantId, now)));
    due.push(...some.filter((_tenantId, index) => isWalkDue(states[index] ?? NEVER, now)));
  }
  if (due.length > 0) await requestWalks(deps, due);
}

/** A tenant seen for the first time has its first walk, over all links, a quarter of an hour later: nothing can be behind yet, and its first incidents are on their way. */
async function knownWalk(control: Table, tenantId: TenantId, now: number): Promise<WalkState> {
  const { state, etag } = await readWalk(control, tenantId);
  if (etag !== undefined) return state;
  const first = { ...NEVER, openStartedAt: now, allStartedAt: now - ALL_EVERY_MS + OPEN_EVERY_MS };
  await put(control, tenantId, first, undefined);
  return first;
}

/** Somebody asks for a walk of all links now. */
export async function askWalk(control: Table, tenantId: TenantId, now: number): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { state, etag } = await readWalk(control, tenantId);
    if ((await put(control, tenantId, started(state, "all", now), etag)) !== undefined) return;
  }
  throw new RetryableError("busy", "the walk's row is written by others all the time");
}

/**
 * One step of a tenant's walk over its links: what is behind, was claimed and never ended, or is owed, is sent again, whatever its age.
 * Where it is kept row by row, so a kill repeats little; two at the same time do the same twice, which writes nothing twice.
 */
export async function walkLinks(deps: DetectDeps): Promise<readonly Finding[]> {
  const { tables, tenant, clock } = deps;
  const until = clock.now() + STEP_MS;
  const held = await readWalk(tables.control, tenant.id);
  let { etag } = held;
  let state = begun(held.state, clock.now());
  const findings: Finding[] = [];
  const versions = state.at?.kind === "open" ? await mappingVersions(deps) : undefined;
  let remapped = 0;
  while (state.at !== undefined && clock.now() < until) {
    const { rows, next } = await rowsAt(deps, state.at);
    const ids = rows.map(({ value }) => (value as IncidentSummary).incidentId as IncidentId);
    const all = (await Promise.all(ids.map((id) => checked(deps, id, versions)))).flat();
    const found = all.filter(({ kind }) => kind !== "mapping");
    const left = Math.max(0, REMAPPED_A_WALK - (state.remapped ?? 0));
    const remap = all.filter(({ kind }) => kind === "mapping").slice(0, left);
    const lost = await mendLinks(deps, [...found, ...remap]);
    if (lost.length > 0) await requestReread(deps, tenant.id, lost, "sweep", deps.random.uuid());
    findings.push(...found);
    remapped += remap.length;
    state = moved(
      { ...state, remapped: (state.remapped ?? 0) + remap.length },
      next,
      ids.length,
      found.length,
      clock.now(),
    );
    const after = await put(tables.control, tenant.id, state, etag);
    // Another step is under way: it goes on from there.
    if (after === undefined) break;
    etag = after;
  }
  for (const finding of findings) {
    measureFinding(deps, finding);
    deps.log.warn("a walk found what a ticket does not show; it is sent again", { tenantId: tenant.id, ...finding });
  }
  if (remapped > 0) deps.log.info("a changed mapping is rolled out", { tenantId: tenant.id, tickets: remapped });
  return findings;
}

async function mappingVersions({ tenant, mappingVersionOf }: DetectDeps): Promise<MappingVersions> {
  const versions = new Map<ConnectorId, number>();
  for (const lane of tenant.lanes) {
    const version = await mappingVersionOf?.(lane);
    if (version !== undefined) versions.set(lane, version);
  }
  return versions;
}

/** A row of another version says so where it is read; here it may not end the walk. */
async function checked(
  deps: DetectDeps,
  id: IncidentId,
  versions: MappingVersions | undefined,
): Promise<readonly Finding[]> {
  try {
    return await checkLinks(deps, id, versions);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    deps.log.error("a walk met a row that it cannot read", {
      tenantId: deps.tenant.id,
      incidentId: id,
      reason: error.reason,
    });
    return [];
  }
}

function begun(state: WalkState, now: number): WalkState {
  if (state.at !== undefined) return state;
  if (now - state.allStartedAt >= ALL_EVERY_MS) return started(state, "all", now);
  if (now - state.openStartedAt >= OPEN_EVERY_MS) return started(state, "open", now);
  return state;
}

function started(state: WalkState, kind: WalkPlace["kind"], now: number): WalkState {
  const at = kind === "open" ? placeOfOpen() : placeOfAll();
  return {
    ...state,
    at,
    openStartedAt: now,
    allStartedAt: kind === "all" ? now : state.allStartedAt,
    checked: 0,
    found: 0,
    remapped: 0,
  };
}

function moved(state: WalkState, next: WalkPlace | undefined, rows: number, found: number, now: number): WalkState {
  const { at: _at, ...rest } = state;
  return {
    ...rest,
    ...(next === undefined ? { finishedAt: now } : { at: next }),
    checked: state.checked + rows,
    found: state.found + found,
    foundEver: state.foundEver + found,
  };
}

/** Undefined where somebody else wrote it meanwhile. */
async function put(
  control: Table,
  tenantId: TenantId,
  state: WalkState,
  etag: ETag | undefined,
): Promise<ETag | undefined> {
  try {
    return await control.put(tenantId, WALK_ROW, state, etag === undefined ? "absent" : { etag });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return undefined;
  }
}
