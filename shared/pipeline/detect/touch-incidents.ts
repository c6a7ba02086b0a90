import { PermanentError, RetryableError } from "../../errors.ts";
import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { parkedRow } from "../keys.ts";
import { type PollRun, nextOrder, publish } from "./poll-run.ts";
import { type ParkedWork, unpark } from "../park/park.ts";
import { raiseKnown } from "./republish.ts";
import { type HeldSnapshot, saveReading } from "./save-reading.ts";
import { wantAlertsBy } from "./want-alerts.ts";

/** From the source, whatever is known: "listed" was in scope before its snapshot was lost; "parked" may never have been read, and is taken as a list takes it. */
export type Reread = "listed" | "parked";

/** Publishes incidents again under a new number: one whose snapshot a worker did not find, or the losers of a merge once the survivor has its ticket. */
export async function touchIncidents(run: PollRun, ids: readonly string[], reread?: Reread): Promise<void> {
  run.stream = "named";
  const ask = reread === undefined ? touch : (from: PollRun, id: IncidentId) => readAnew(from, id, reread);
  for (const id of new Set(ids)) {
    // What is left is asked for again: a hundred of them would take what live changes need.
    if (run.state.budget.left < 1) return;
    try {
      const held = isSafeId(id) ? await ask(run, id as IncidentId) : undefined;
      if (held !== undefined) await publish(run, [held]);
    } catch (error) {
      // It is asked for again: by whatever cannot be had now nothing is dropped.
      if (error instanceof RetryableError) continue;
      if (!(error instanceof PermanentError)) throw error;
      run.deps.log.error("an incident asked for by name cannot be read", { incidentId: id, reason: error.reason });
    }
    run.untouched = run.untouched.filter((other) => other !== id);
  }
}

async function touch(run: PollRun, id: IncidentId): Promise<HeldSnapshot | undefined> {
  return (await raiseKnown(run.deps, id)) ?? (await takeIn(run, id));
}

/** What was parked for the source's sake is done with that. What a backfill parked is of any age, as its other rows are. */
async function readAnew(run: PollRun, id: IncidentId, reread: Reread): Promise<HeldSnapshot | undefined> {
  const { deps } = run;
  const order = nextOrder(run);
  const row = await deps.source.get(id, run.signal);
  if (row === undefined || row.kind === "malformed") return undefined;
  await wantAlertsBy(deps, row.incident.id, deps.clock.now());
  const parked =
    reread === "parked" ? await deps.tables.parked.get(deps.tenant.id, parkedRow(id, "source")) : undefined;
  const isOfAnyAge = (parked?.value as ParkedWork | undefined)?.isOfAnyAge === true;
  const outcome = await saveReading(deps, row.incident, order, { takeAnyway: reread === "listed", isOfAnyAge });
  await unpark(deps, deps.tenant.id, id, "source");
  return outcome?.isOwing === true ? outcome : await raiseKnown(deps, row.incident.id);
}

async function takeIn(run: PollRun, id: IncidentId): Promise<HeldSnapshot | undefined> {
  const order = nextOrder(run);
  const row = await run.deps.source.get(id, run.signal);
  if (row === undefined || row.kind === "malformed") return undefined;
  // Wanted first: dying in between, nothing else would want them.
  await wantAlertsBy(run.deps, row.incident.id, run.deps.clock.now());
  const outcome = await saveReading(run.deps, row.incident, order, { takeAnyway: true });
  return outcome?.isOwing === true ? outcome : undefined;
}
