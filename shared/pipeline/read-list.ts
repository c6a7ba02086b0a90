import { PermanentError } from "../errors.ts";
import type { Incident } from "../incident/incident.ts";
import {
  type Revision,
  earlierBy,
  maxRevision,
  minRevision,
  revisionFromMs,
  revisionOf,
} from "../incident/revision.ts";
import { isSafeId } from "../incident/correlation-key.ts";
import { refilled, spent } from "./budget.ts";
import { digestOf } from "./digest.ts";
import { wantAlerts } from "./enrich-alerts.ts";
import { park } from "./park.ts";
import { type PollRun, nextOrder, publish, renewLease } from "./poll-run.ts";
import type { SourceRow, Window } from "./ports/source.ts";
import { readWindows } from "./read-window.ts";
import { type SaveOutcome, saveReading } from "./save-reading.ts";
import type { ReadingOrder } from "./stored-snapshot.ts";

/** The overlap is re-read once a minute, not at every poll. */
const OVERLAP_INTERVAL_MS = 60_000;
/** A first run without `createdAfter` looks this far back. */
const FIRST_RUN_MS = 30 * 24 * 60 * 60_000;
/** A page begun may still be processed: what is left of the handler's time once it is read. */
const TIME_FOR_A_PAGE_MS = 10_000;

/**
 * Reads what changed since the cursor, newest first, then what earlier polls left unread. Whatever this poll's budget or time does not
 * reach is kept as windows, so live changes never wait for history and a kill goes on where it was.
 */
export async function readList(run: PollRun, deadlineAt: number): Promise<void> {
  const { deps, signal } = run;
  const startedAt = deps.clock.now();
  const isOverlapDue = startedAt - run.state.overlapReadAt >= OVERLAP_INTERVAL_MS;
  const live = liveWindow(run, isOverlapDue);
  let budget = refilled(run.state.budget, deps.tenant.requestsPerMinute, startedAt);
  let unread: readonly Window[] = [live, ...run.state.unread];
  let newest: Revision | undefined;
  let firstServedAt: number | undefined;
  let order = nextOrder(run);

  for await (const page of readWindows(deps.source, unread, signal)) {
    budget = spent(budget, 1);
    firstServedAt ??= page.servedAt ?? startedAt;
    const outcomes = await processRows(run, page.rows, order);
    await publish(
      run,
      outcomes.filter((outcome) => outcome.isOwing),
    );
    await wantAlerts(deps, outcomes);
    await renewLease(run);
    newest = newestRevision(newest, page.rows);
    unread = page.isPartial ? [page.window, ...page.unread.filter((window) => window !== page.window)] : page.unread;
    if (page.isPartial) {
      deps.log.warn("the source answered in part; the window is read again", { tenantId: deps.tenant.id });
      break;
    }
    const isSpent = budget.left < 1 || deps.clock.now() > deadlineAt - TIME_FOR_A_PAGE_MS;
    if (isSpent) break;
    order = nextOrder(run);
  }
  const served = revisionFromMs(firstServedAt ?? startedAt);
  const cursor = newest === undefined ? run.state.cursor : minRevision(newest, served);
  run.state = {
    ...run.state,
    budget,
    overlapReadAt: isOverlapDue ? startedAt : run.state.overlapReadAt,
    ...advance(run.state.cursor, cursor, live, unread, served),
  };
}

/** Where reading goes on. On a first run the cursor starts at the source's present even if there is nothing yet. */
function advance(
  before: Revision | undefined,
  cursor: Revision | undefined,
  live: Window,
  unread: readonly Window[],
  served: Revision,
): { cursor: Revision | undefined; unread: readonly Window[] } {
  // What is left of the live window itself is read first next time; it keeps its own lower end.
  const left = unread.filter((window) => window !== live);
  if (unread.includes(live)) return { cursor: before, unread: before === undefined ? [] : left };
  const next = cursor ?? served;
  return { cursor: before === undefined ? next : maxRevision(before, next), unread: left };
}

function liveWindow(run: PollRun, isOverlapDue: boolean): Window {
  const { tenant, clock } = run.deps;
  const { cursor } = run.state;
  if (cursor !== undefined) return { from: isOverlapDue ? earlierBy(cursor, tenant.overlapMs) : cursor };
  return { from: revisionOf(tenant.scope.createdAfter) ?? revisionFromMs(clock.now() - FIRST_RUN_MS) };
}

async function processRows(
  run: PollRun,
  rows: readonly SourceRow[],
  order: ReadingOrder,
): Promise<readonly SaveOutcome[]> {
  const outcomes = await Promise.all(
    newestOfEach(rows).map((row) =>
      row.kind === "incident" ? saveOrPark(run, row.incident, order) : parkRow(run, row),
    ),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

/** An incident that cannot be kept (too large, or a snapshot of another version) is parked; the others flow. */
async function saveOrPark(run: PollRun, incident: Incident, order: ReadingOrder): Promise<SaveOutcome | undefined> {
  try {
    return await saveReading(run.deps, incident, order);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await park(run.deps, run.deps.tenant.id, {
      incidentId: incident.id,
      what: "source",
      reason: error.reason,
      message: error.message,
      mend: error.mend,
      parkedAt: run.deps.clock.now(),
      body: { updatedAt: incident.updatedAt },
    });
    return undefined;
  }
}

/** A row that cannot be read is kept for a person, and never holds up the others. */
async function parkRow(run: PollRun, row: Extract<SourceRow, { kind: "malformed" }>): Promise<undefined> {
  const incidentId = isSafeId(row.id) ? row.id : `unreadable-${digestOf([row.id, row.problem], 16)}`;
  await park(run.deps, run.deps.tenant.id, {
    incidentId,
    what: "source",
    reason: "malformed",
    message: row.problem,
    mend: "look at the body kept here; if Defender's shape has changed, this product needs an update",
    parkedAt: run.deps.clock.now(),
    body: row.body,
  });
}

function newestOfEach(rows: readonly SourceRow[]): readonly SourceRow[] {
  const newest = new Map<string, Incident>();
  for (const row of rows) {
    if (row.kind !== "incident") continue;
    const known = newest.get(row.incident.id);
    if (known === undefined || known.revision < row.incident.revision) newest.set(row.incident.id, row.incident);
  }
  return [
    ...[...newest.values()].map((incident): SourceRow => ({ kind: "incident", incident })),
    ...rows.filter((row) => row.kind === "malformed"),
  ];
}

function newestRevision(before: Revision | undefined, rows: readonly SourceRow[]): Revision | undefined {
  let newest = before;
  for (const row of rows) {
    if (row.kind === "incident" && (newest === undefined || row.incident.revision > newest))
      newest = row.incident.revision;
  }
  return newest;
}
