import type { IncidentId } from "../incident/incident.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { dischargeMarks, putOwed } from "./discharge-marks.ts";
import { type HeldPollState, type PollState, savePollState } from "./poll-state.ts";
import type { ETag } from "./ports/table.ts";
import type { Source } from "./ports/source.ts";
import { raiseSurvivorOf } from "./raise-survivor.ts";
import type { HeldSnapshot } from "./save-reading.ts";
import type { ReadingOrder } from "./stored-snapshot.ts";

/** One poll under way: what it has changed so far of the state, and what it counted. */
export interface PollRun {
  readonly deps: DetectDeps;
  readonly signal: AbortSignal;
  state: PollState;
  /** Of the poll state as it lies in the table: whoever else writes it has taken the lease over. */
  etag: ETag;
  changes: number;
  requests: number;
  counter: number;
  /** Incidents that were asked for by name and are not published yet. */
  untouched: readonly string[];
}

export function startPollRun(deps: DetectDeps, held: HeldPollState, signal: AbortSignal): PollRun {
  const run: PollRun = {
    deps: { ...deps, source: countingSource() },
    signal,
    state: held.state,
    etag: held.etag,
    changes: 0,
    requests: 0,
    counter: 0,
    untouched: [],
  };
  return run;

  function countingSource(): Source {
    return {
      listPage: (...args) => counted(() => deps.source.listPage(...args)),
      get: (...args) => counted(() => deps.source.get(...args)),
      alerts: (...args) => counted(() => deps.source.alerts(...args)),
    };
  }
  function counted<T>(call: () => Promise<T>): Promise<T> {
    run.requests += 1;
    return call();
  }
}

/** Keeps the lease while a long poll goes on; `ConflictError` where another has taken it over meanwhile. */
export async function renewLease(run: PollRun): Promise<void> {
  const { deps } = run;
  const now = deps.clock.now();
  if (run.state.heldUntil - now > deps.leaseMs / 2) return;
  const state = { ...run.state, heldUntil: now + deps.leaseMs };
  const held = await savePollState(deps.tables.control, deps.tenant.id, state, run.etag);
  run.state = held.state;
  run.etag = held.etag;
}

/** Readings are ordered by the lease's fencing number and a counter within it, never by clocks. Taken when a read begins. */
export function nextOrder(run: PollRun): ReadingOrder {
  run.counter += 1;
  return { fence: run.state.fence, counter: run.counter };
}

/** Publishes what is owed, and the survivors that this raises. */
export async function publish(run: PollRun, held: readonly HeldSnapshot[]): Promise<void> {
  run.changes += held.length;
  const raised: HeldSnapshot[] = [];
  await dischargeMarks(run.deps, held, async (loser: IncidentId, survivor: IncidentId) => {
    // While the source asks to wait, nothing is read for a survivor either.
    if (run.state.notBefore > run.deps.clock.now()) return false;
    const result = await raiseSurvivorOf(run.deps, { loser, survivor }, () => nextOrder(run), run.signal);
    // Found again whatever happens before it is published: the loser's mark is cleared first.
    for (const held of result ?? []) await putOwed(run.deps, held.snapshot.incident.id);
    raised.push(...(result ?? []));
    return result !== undefined;
  });
  if (raised.length > 0) await publish(run, newestOfEach(raised));
}

function newestOfEach(held: readonly HeldSnapshot[]): readonly HeldSnapshot[] {
  const newest = new Map<string, HeldSnapshot>();
  for (const item of held) {
    const known = newest.get(item.snapshot.incident.id);
    if (known === undefined || known.snapshot.seq < item.snapshot.seq) newest.set(item.snapshot.incident.id, item);
  }
  return [...newest.values()];
}
