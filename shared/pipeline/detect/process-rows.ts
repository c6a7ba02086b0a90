import { PermanentError } from "../../errors.ts";
import { isSafeId } from "../../incident/correlation-key.ts";
import type { Incident, IncidentId } from "../../incident/incident.ts";
import { digestOf } from "../digest.ts";
import { wantAlerts } from "./want-alerts.ts";
import { type ParkedWork, park, unpark } from "../park/park.ts";
import { type PollRun, publish } from "./poll-run.ts";
import type { SourceRow } from "../ports/source.ts";
import { type SaveOutcome, type SaveOptions, saveReading } from "./save-reading.ts";
import type { ReadingOrder } from "../stored-snapshot.ts";

/** Saves and publishes what a page says anew; what cannot be kept is parked, and holds up nobody. */
export async function processRows(
  run: PollRun,
  rows: readonly SourceRow[],
  order: ReadingOrder,
  options: SaveOptions = {},
): Promise<readonly SaveOutcome[]> {
  const outcomes = await Promise.all(
    newestOfEach(rows).map((row) =>
      row.kind === "incident" ? saveOrPark(run, row.incident, order, options) : parkRow(run, row, options),
    ),
  );
  const saved = outcomes.filter((outcome) => outcome !== undefined).filter((outcome) => !isWaiting(outcome));
  // Wanted before the marks go: dying in between, the next reading of the row finds both again.
  await wantAlerts(run.deps, saved);
  await publish(
    run,
    saved.filter((outcome) => outcome.isOwing),
  );
  return saved;
}

/** One that waits for its survivor alone has a row of its own, tried in its time: not each time that it is read. */
function isWaiting({ isOwing, snapshot }: SaveOutcome): boolean {
  return isOwing && snapshot.marks.every((mark) => mark.startsWith("survivor:"));
}

/** An incident that cannot be kept (too large, or a snapshot of another version) is parked; the others flow. */
async function saveOrPark(
  run: PollRun,
  incident: Incident,
  order: ReadingOrder,
  options: SaveOptions,
): Promise<SaveOutcome | undefined> {
  try {
    const outcome = await saveReading(run.deps, incident, order, options);
    await forgetParked(run, incident.id);
    return outcome;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    rememberParked(run, incident.id);
    await park(run.deps, run.deps.tenant.id, {
      incidentId: incident.id,
      what: "source",
      reason: error.reason,
      message: error.message,
      mend: error.mend,
      parkedAt: run.deps.clock.now(),
      body: { updatedAt: incident.updatedAt },
      ...ageOf(options),
    });
    return undefined;
  }
}

/** A row that cannot be read is kept for a person. */
async function parkRow(
  run: PollRun,
  row: Extract<SourceRow, { kind: "malformed" }>,
  options: SaveOptions,
): Promise<undefined> {
  const incidentId = isSafeId(row.id) ? row.id : `unreadable-${digestOf([row.id, row.problem], 16)}`;
  rememberParked(run, incidentId);
  await park(run.deps, run.deps.tenant.id, {
    incidentId,
    what: "source",
    reason: "malformed",
    message: row.problem,
    mend: "look at the body kept here; if Defender's shape has changed, this product needs an update",
    parkedAt: run.deps.clock.now(),
    body: row.body,
    ...ageOf(options),
  });
}

function ageOf({ isOfAnyAge }: SaveOptions): Pick<ParkedWork, "isOfAnyAge"> {
  return isOfAnyAge === true ? { isOfAnyAge } : {};
}

/** Incidents that are parked for the source's sake, so that their next good reading clears them without a look each time. */
const PARKED_KEPT = 100;

function rememberParked(run: PollRun, id: string): void {
  const parked = [...run.state.parked.filter((known) => known !== id), id].slice(-PARKED_KEPT);
  run.state = { ...run.state, parked };
}

async function forgetParked(run: PollRun, id: IncidentId): Promise<void> {
  if (!run.state.parked.includes(id)) return;
  await unpark(run.deps, run.deps.tenant.id, id, "source");
  run.state = { ...run.state, parked: run.state.parked.filter((known) => known !== id) };
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
