import type { ConnectorId } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { isClosed, lifecycleOf } from "../../incident/lifecycle.ts";
import { isSourceChange } from "../../incident/snapshot.ts";
import { deltaMessageOf, firstSending } from "../delta-message.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { summaryOf } from "../incident-summary.ts";
import { handoverRow, laneQueue, openRow, reportPartition } from "../keys.ts";
import { ConflictError, type Write } from "../ports/table.ts";
import { type HeldSnapshot, putSnapshot, readSnapshot } from "./save-reading.ts";
import { putOwed } from "./owed.ts";
import type { Mark, StoredSnapshot } from "../stored-snapshot.ts";

/** Raises the survivor of a merge; false where that is not possible now. */
export type RaiseSurvivor = (loser: StoredSnapshot) => Promise<boolean>;

/** Enough for a page of incidents in one batch, and what Azure Tables takes. */
const BATCH = 100;

/**
 * Sends the deltas, writes the derived rows, and clears the marks that stood for them. What cannot be done now gets a row `owed:…`,
 * written before the cursor may move; it holds up nobody.
 */
export async function dischargeMarks(
  deps: DetectDeps,
  held: readonly HeldSnapshot[],
  raiseSurvivor: RaiseSurvivor,
): Promise<void> {
  const failed = new Map<HeldSnapshot, Mark[]>();
  const fail = (item: HeldSnapshot, mark: Mark): void => {
    failed.set(item, [...(failed.get(item) ?? []), mark]);
  };
  await Promise.all([
    ...deps.tenant.lanes.map((lane) => sendDeltas(deps, lane, held, fail)),
    writeOpenRows(deps, withMark(held, "open"), fail),
    writeReportRows(deps, withMark(held, "report"), fail),
  ]);
  for (const item of held) {
    for (const mark of item.snapshot.marks.filter((name) => name.startsWith("survivor:"))) {
      await orFail(deps, [item], mark, fail, async () => {
        if (!(await raiseSurvivor(item.snapshot))) fail(item, mark);
      });
    }
  }
  await Promise.all(held.map((item) => clearMarks(deps, item, failed.get(item) ?? [])));
}

async function sendDeltas(
  deps: DetectDeps,
  lane: ConnectorId,
  held: readonly HeldSnapshot[],
  fail: (item: HeldSnapshot, mark: Mark) => void,
): Promise<void> {
  const mark: Mark = `lane:${lane}`;
  const owing = withMark(held, mark);
  if (owing.length === 0) return;
  await orFail(deps, owing, mark, fail, async () => {
    await deps.bus.send(
      laneQueue(lane),
      owing.map((item) => firstSending(deltaMessageOf(item.snapshot))),
    );
    const dimensions = { tenant: deps.tenant.id, connector: lane };
    for (const { snapshot } of owing.filter((item) => isSourceChange(item.snapshot))) {
      deps.metrics.record("dexsync.lag.queued", (deps.clock.now() - snapshot.changedAt) / 1_000, dimensions);
    }
  });
}

async function writeOpenRows(
  deps: DetectDeps,
  owing: readonly HeldSnapshot[],
  fail: (item: HeldSnapshot, mark: Mark) => void,
): Promise<void> {
  const closed = owing.filter((item) => isClosed(lifecycleOf(item.snapshot.incident).stage));
  const open = owing.filter((item) => !closed.includes(item));
  for (const chunk of chunks(open, BATCH / 2)) {
    await orFail(deps, chunk, "open", fail, () =>
      deps.tables.open.batch(
        deps.tenant.id,
        chunk.flatMap((item) => [
          summaryWrite(deps, item, openRow(item.snapshot.incident.id)),
          ...handoverWrite(item.snapshot),
        ]),
      ),
    );
  }
  await Promise.all(
    closed.map((item) =>
      orFail(deps, [item], "open", fail, () =>
        deps.tables.open.delete(deps.tenant.id, openRow(item.snapshot.incident.id), "any"),
      ),
    ),
  );
}

async function writeReportRows(
  deps: DetectDeps,
  owing: readonly HeldSnapshot[],
  fail: (item: HeldSnapshot, mark: Mark) => void,
): Promise<void> {
  const byMonth = new Map<string, HeldSnapshot[]>();
  for (const item of owing) {
    const partition = reportPartition(deps.tenant.id, item.snapshot.incident.createdAt);
    byMonth.set(partition, [...(byMonth.get(partition) ?? []), item]);
  }
  for (const [partition, items] of byMonth) {
    for (const chunk of chunks(items)) {
      await orFail(deps, chunk, "report", fail, () =>
        deps.tables.report.batch(
          partition,
          chunk.map((item) => summaryWrite(deps, item, item.snapshot.incident.id)),
        ),
      );
    }
  }
}

/** The row goes once its tasks were compared for the last time (`keep-handovers.ts`). */
function handoverWrite({ incident, handover }: StoredSnapshot): readonly Write[] {
  if (handover === undefined) return [];
  const value = { incidentId: incident.id, since: handover.since };
  return [{ kind: "put", row: handoverRow(incident.id), value, condition: "any" }];
}

function summaryWrite(deps: DetectDeps, item: HeldSnapshot, row: string): Write {
  return { kind: "put", row, value: summaryOf(item.snapshot, deps.tenant.assignees), condition: "any" };
}

async function orFail(
  deps: DetectDeps,
  items: readonly HeldSnapshot[],
  mark: Mark,
  fail: (item: HeldSnapshot, mark: Mark) => void,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
    deps.log.warn("a mark stays owed", {
      tenantId: deps.tenant.id,
      mark,
      incidents: items.length,
      reason: error.reason,
    });
    for (const item of items) fail(item, mark);
  }
}

async function clearMarks(deps: DetectDeps, item: HeldSnapshot, remaining: readonly Mark[]): Promise<void> {
  const { id } = item.snapshot.incident;
  if (remaining.length > 0) await putOwed(deps, id);
  try {
    await putSnapshot(deps, { ...item.snapshot, marks: remaining }, item.etag);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    // Another writer raised this snapshot meanwhile, and its derived rows may lie under ours: they are written once more.
    await oweDerivedRows(deps, id);
    await putOwed(deps, id);
  }
}

const ATTEMPTS = 5;

async function oweDerivedRows(deps: DetectDeps, id: IncidentId): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const newest = await readSnapshot(deps, id);
    if (newest === undefined) return;
    const marks: readonly Mark[] = [...new Set<Mark>([...newest.snapshot.marks, "open", "report"])];
    try {
      await putSnapshot(deps, { ...newest.snapshot, marks }, newest.etag);
      return;
    } catch (error) {
      // Whoever wrote it now meets the same.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

function withMark(held: readonly HeldSnapshot[], mark: Mark): readonly HeldSnapshot[] {
  return held.filter((item) => item.snapshot.marks.includes(mark));
}

function chunks<T>(items: readonly T[], size = BATCH): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_unused, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
