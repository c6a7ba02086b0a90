import { PermanentError, RetryableError } from "../errors.ts";
import { isSafeId } from "../incident/correlation-key.ts";
import type { IncidentId } from "../incident/incident.ts";
import { raised } from "./judge-reading.ts";
import { type PollRun, nextOrder, publish } from "./poll-run.ts";
import { ConflictError } from "./ports/table.ts";
import { type HeldSnapshot, marksOwed, readSnapshot, saveChange, saveReading } from "./save-reading.ts";
import { wantAlertsBy } from "./want-alerts.ts";

const ATTEMPTS = 5;

/** Publishes incidents again under a new number: one whose snapshot a worker did not find, or the losers of a merge once the survivor has its ticket. */
export async function touchIncidents(run: PollRun, ids: readonly string[]): Promise<void> {
  run.stream = "named";
  for (const id of new Set(ids)) {
    // What is left is asked for again: a hundred of them would take what live changes need.
    if (run.state.budget.left < 1) return;
    try {
      const held = isSafeId(id) ? await touch(run, id as IncidentId) : undefined;
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
  const { deps } = run;
  for (let attempt = 1; ; attempt += 1) {
    const before = await readSnapshot(deps, id);
    if (before === undefined) return await takeIn(run, id);
    const snapshot = raised(before.snapshot, deps.clock.now(), marksOwed(deps));
    try {
      return { snapshot, etag: await saveChange(deps, snapshot, before.etag) };
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
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
