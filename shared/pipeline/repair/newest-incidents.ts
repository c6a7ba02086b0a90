import type { IncidentId } from "../../incident/incident.ts";
import { isInScope } from "../../incident/scope.ts";
import { type Revision, revisionOf } from "../../incident/revision.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import { allRows } from "../all-rows.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { readGate } from "../graph-gate.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { judgeReading } from "../detect/judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition, linkRow, reportPartition } from "../keys.ts";
import { type Link, unpackLink } from "../link.ts";
import type { SourcePage } from "../ports/source.ts";
import { withRoutes } from "../routed-lanes.ts";
import { type StoredSnapshot, unpackSnapshot } from "../stored-snapshot.ts";
import { MONTHS, monthBack } from "./walk-rows.ts";

/** An incident as a lane's worker would find it. */
export interface KnownIncident {
  readonly deps: DetectDeps;
  readonly snapshot: StoredSnapshot;
  /** By connector; the error where another version of this product wrote it. */
  readonly links: ReadonlyMap<string, Link | PermanentError>;
  readonly readFrom: "state" | "source";
}

const PAGE = 50;
/** Pages that may be full of what is out of scope. */
const PAGES_BESIDE = 4;

export interface NewestIncidents {
  readonly found: readonly KnownIncident[];
  /** Of incidents that cannot be read: they hide nothing of the others. */
  readonly unreadable: readonly { readonly id: IncidentId; readonly error: PermanentError }[];
}

/** A tenant's incidents that changed last, newest first: those known here, or where none is known yet, as the source lists them now. */
export async function newestIncidents(deps: DetectDeps, most: number, signal: AbortSignal): Promise<NewestIncidents> {
  const ids = await newestIds(deps, most);
  if (ids.length === 0) return { found: await newestOfSource(deps, most, signal), unreadable: [] };
  return readAllKnown(deps, ids);
}

/** Those that are known, of these. */
export async function readAllKnown(deps: DetectDeps, ids: readonly IncidentId[]): Promise<NewestIncidents> {
  const known = await Promise.all(ids.map(async (id) => ({ id, known: await readKnown(deps, id) })));
  return {
    found: known.flatMap((one) => (one.known === undefined || one.known instanceof PermanentError ? [] : [one.known])),
    unreadable: known.flatMap(({ id, known: error }) => (error instanceof PermanentError ? [{ id, error }] : [])),
  };
}

/** Open ones, and those created in the newest months until there are enough. */
async function newestIds({ tables, tenant, clock }: DetectDeps, most: number): Promise<readonly IncidentId[]> {
  const rows = new Map<string, number>();
  const add = (found: readonly IncidentSummary[]): void => {
    for (const { incidentId, changedAt } of found) rows.set(incidentId, changedAt);
  };
  add(await allRows<IncidentSummary>(tables.open, tenant.id, "incident:"));
  for (let month = 0; month < MONTHS && (month < 2 || rows.size < most); month += 1) {
    const partition = reportPartition(tenant.id, monthBack(clock.now(), month));
    add(await allRows<IncidentSummary>(tables.report, partition, ""));
  }
  return [...rows]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([id]) => id as IncidentId);
}

/** The error where another version of this product wrote the snapshot. */
export async function readKnown(deps: DetectDeps, id: IncidentId): Promise<KnownIncident | PermanentError | undefined> {
  const { tables, tenant } = deps;
  const rows = await tables.incident.getMany(incidentPartition(tenant.id, id), [
    SNAPSHOT_ROW,
    ...tenant.lanes.map(linkRow),
  ]);
  const row = rows.get(SNAPSHOT_ROW);
  if (row === undefined) return undefined;
  const snapshot = readable(() => unpackSnapshot(row.value));
  if (snapshot instanceof PermanentError) return snapshot;
  const links = tenant.lanes.flatMap((lane): readonly (readonly [string, Link | PermanentError])[] => {
    const link = rows.get(linkRow(lane));
    return link === undefined ? [] : [[lane, readable(() => unpackLink(link.value))]];
  });
  return { deps, snapshot, links: new Map(links), readFrom: "state" };
}

function readable<T>(unpack: () => T): T | PermanentError {
  try {
    return unpack();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return error;
  }
}

async function newestOfSource(deps: DetectDeps, most: number, signal: AbortSignal): Promise<readonly KnownIncident[]> {
  const { tenant, source, clock, tables } = deps;
  if ((await readGate(tables.control, tenant.id)).notBefore > clock.now()) {
    throw new RetryableError("throttled", "Graph asked this tenant's callers to wait");
  }
  const found: KnownIncident[] = [];
  const from = revisionOf(tenant.scope.createdAfter) ?? (0n as Revision);
  let page: SourcePage | undefined;
  for (let pages = 0; pages < Math.ceil(most / PAGE) + PAGES_BESIDE && found.length < most; pages += 1) {
    if (page !== undefined && page.next === undefined) break;
    page = await source.listPage(page?.next === undefined ? { from } : { next: page.next }, signal);
    for (const row of page.rows) {
      if (row.kind === "malformed" || !isInScope(row.incident, tenant.scope)) continue;
      const reading = { incident: row.incident, order: { fence: 0, counter: 0 }, now: clock.now(), marks: [] };
      const judged = judgeReading(undefined, reading);
      if (judged.kind === "unchanged") continue;
      found.push({ deps, snapshot: withRoutes(tenant, judged.snapshot), links: new Map(), readFrom: "source" });
    }
  }
  return found.toSorted((a, b) => b.snapshot.changedAt - a.snapshot.changedAt).slice(0, most);
}
