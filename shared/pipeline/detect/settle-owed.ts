import { PermanentError } from "../../errors.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { Owed } from "./owed.ts";
import { type PollRun, mayLookUp, publish } from "./poll-run.ts";
import { ConflictError, type Row } from "../ports/table.ts";
import { readSnapshot } from "./save-reading.ts";

const SETTLED_AT_ONCE = 50;
const ROWS_READ = 1_000;
/** What cannot be settled is tried at the next poll, then less and less often, so that it holds up nothing behind it. */
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 30_000;
/** A survivor that is not known costs a request each time: one that is not there within minutes comes late, perhaps by a day. */
const SURVIVOR_SOON_MS = 10 * 60_000;
const LONGEST_SURVIVOR_RETRY_MS = 60 * 60_000;
/** One whose survivor was not asked for this time comes before those that were. */
const NOT_ASKED_MS = 1_000;

/** Tries again what an earlier poll could not send or write, what waits longest first. A row goes when its incident owes nothing any more. */
export async function settleOwed(run: PollRun, isPaused: boolean): Promise<void> {
  const { deps } = run;
  const now = deps.clock.now();
  const rows = await deps.tables.open.range(deps.tenant.id, { from: "owed:", to: "owed;", limit: ROWS_READ });
  const due = rows
    .filter((row) => ((row.value as Owed).dueAt ?? 0) <= now)
    .toSorted((a, b) => ((a.value as Owed).dueAt ?? 0) - ((b.value as Owed).dueAt ?? 0))
    .slice(0, SETTLED_AT_ONCE);
  for (const row of due) {
    try {
      await settle(run, row, isPaused);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      deps.log.error("what is owed cannot be settled", {
        tenantId: deps.tenant.id,
        incidentId: row.row.slice("owed:".length),
        reason: error.reason,
      });
      await later(run, row);
    }
  }
}

async function settle(run: PollRun, row: Row, isPaused: boolean): Promise<void> {
  const { deps } = run;
  const id = row.row.slice("owed:".length) as IncidentId;
  const held = await readSnapshot(deps, id);
  const marks = held?.snapshot.marks ?? [];
  // While the source asks to wait, or the budget is spent, nothing is read for a survivor either.
  const isForSurvivors = marks.length > 0 && marks.every((mark) => mark.startsWith("survivor:"));
  if (isForSurvivors && (isPaused || !mayLookUp(run))) return putOff(run, row, row.value as Owed, NOT_ASKED_MS);
  if (held !== undefined && marks.length > 0) {
    await publish(run, [held]);
    const after = await readSnapshot(deps, id);
    if (after !== undefined && after.snapshot.marks.length > 0) return later(run, row, isForSurvivors);
  }
  await deps.tables.open.delete(deps.tenant.id, row.row, "any");
}

async function later(run: PollRun, row: Row, isForSurvivors = false): Promise<void> {
  const owed = row.value as Owed;
  const tries = (owed.tries ?? 0) + 1;
  const isLate = isForSurvivors && run.deps.clock.now() - owed.since > SURVIVOR_SOON_MS;
  const longestMs = isLate ? LONGEST_SURVIVOR_RETRY_MS : LONGEST_RETRY_MS;
  const pauseMs = Math.min(longestMs, FIRST_RETRY_MS * 2 ** Math.min(tries, 10));
  return putOff(run, row, { ...owed, tries }, pauseMs);
}

async function putOff(run: PollRun, row: Row, owed: Owed, pauseMs: number): Promise<void> {
  const { deps } = run;
  const value: Owed = { ...owed, dueAt: deps.clock.now() + pauseMs };
  try {
    await deps.tables.open.put(deps.tenant.id, row.row, value, { etag: row.etag });
  } catch (error) {
    // Owed anew meanwhile: looked at again at once.
    if (!(error instanceof ConflictError)) throw error;
  }
}
