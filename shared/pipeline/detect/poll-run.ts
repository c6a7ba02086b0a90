import { RetryableError } from "../../errors.ts";
import { spent } from "./budget.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { digestOf } from "../digest.ts";
import { dischargeMarks } from "./discharge-marks.ts";
import { type Gate, closeGate, readGate } from "../graph-gate.ts";
import { type HeldPollState, type PollState, type Stream, savePollState } from "../poll-state.ts";
import type { Source } from "../ports/source.ts";
import type { ETag } from "../ports/table.ts";
import { raiseSurvivorOf } from "./raise-survivor.ts";
import { requestTouch } from "../request-polls.ts";
import type { HeldSnapshot } from "./save-reading.ts";
import type { ReadingOrder, StoredSnapshot } from "../stored-snapshot.ts";

/** What a request is for; counted apart. */
export type RequestStream = Stream | "list" | "named" | "alerts" | "tasks" | "notifications" | "expertsAlerts";

/** Streams that may not take more than their share of the budget. */
export const ENRICHMENT: ReadonlySet<RequestStream> = new Set(["alerts", "tasks", "notifications", "expertsAlerts"]);

/** One poll under way: what it has changed so far of the state, and what it counted. */
export interface PollRun {
  readonly deps: DetectDeps;
  readonly signal: AbortSignal;
  state: PollState;
  /** Of the poll state as it lies in the table: whoever else writes it has taken the lease over. */
  etag: ETag;
  /** As it was read last; another function may close it at any time. */
  gate: Gate;
  gateReadAt: number;
  changes: number;
  /** What the next request is counted as. */
  stream: RequestStream;
  readonly requests: Map<RequestStream, number>;
  counter: number;
  /** Incidents that were asked for by name and are not published yet. */
  untouched: readonly string[];
  /** What this poll should be remembered by, though it went well. */
  remark: string;
}

/** Requests that a poll spends on survivors nobody knows yet: live changes come first. */
const MOST_LOOKUPS = 5;
/** Incidents that one request may name. */
const MOST_NAMED = 100;
/** The gate need not be read anew more often than this. */
const GATE_FRESH_MS = 1_000;

export async function startPollRun(
  deps: DetectDeps,
  held: HeldPollState,
  incidents: readonly string[],
  signal: AbortSignal,
): Promise<PollRun> {
  const run: PollRun = {
    deps: { ...deps, source: gatedSource() },
    signal,
    state: held.state,
    etag: held.etag,
    gate: await readGate(deps.tables.control, deps.tenant.id),
    gateReadAt: deps.clock.now(),
    changes: 0,
    stream: "list",
    requests: new Map(),
    counter: 0,
    untouched: incidents,
    remark: "",
  };
  return run;

  function gatedSource(): Source {
    return {
      listPage: (...args) => gated(() => deps.source.listPage(...args)),
      get: (...args) => gated(() => deps.source.get(...args)),
      details: (...args) => gated(() => deps.source.details(...args)),
      tasks: (...args) => gated(() => deps.source.tasks(...args)),
      notification: (...args) => gated(() => deps.source.notification(...args)),
      alertsPage: (...args) => gated(() => deps.source.alertsPage(...args)),
    };
  }

  /** Counts a request, and sends none while the source asks this tenant's callers to wait. */
  async function gated<T>(call: () => Promise<T>): Promise<T> {
    const now = deps.clock.now();
    if (now - run.gateReadAt > GATE_FRESH_MS) {
      run.gate = await readGate(deps.tables.control, deps.tenant.id);
      run.gateReadAt = now;
    }
    if (run.gate.notBefore > now) throw new RetryableError("throttled", "the source asked this tenant to wait");
    countRequests(run, 1);
    try {
      return await call();
    } catch (error) {
      if (error instanceof RetryableError && isAskedToWait(error, run.stream)) {
        run.gate = await closeGate(
          deps.tables.control,
          deps.tenant.id,
          deps.clock.now(),
          error.retryAfterMs,
          deps.random,
        );
      }
      throw error;
    }
  }
}

/** 429 is the tenant's; 503 with Retry-After too where a list meets it, while one incident's alerts may be alone in that. */
function isAskedToWait(error: RetryableError, stream: RequestStream): boolean {
  if (error.reason === "throttled") return true;
  return error.reason === "unavailable" && error.retryAfterMs !== undefined && !ENRICHMENT.has(stream);
}

/** Counts what a call costs beyond its first request, or the first. */
export function countRequests(run: PollRun, requests: number): void {
  run.requests.set(run.stream, (run.requests.get(run.stream) ?? 0) + requests);
  const { budget, enrichment } = run.state;
  run.state = {
    ...run.state,
    budget: spent(budget, requests),
    ...(ENRICHMENT.has(run.stream) ? { enrichment: spent(enrichment, requests) } : {}),
  };
}

/** Keeps the lease while a long poll goes on; `ConflictError` where another has taken it over meanwhile. */
export async function renewLease(run: PollRun): Promise<void> {
  if (run.state.heldUntil - run.deps.clock.now() > run.deps.leaseMs / 2) return;
  await saveProgress(run);
}

/** Writes where reading goes on, and renews the lease; `ConflictError` where another has taken it over meanwhile. */
export async function saveProgress(run: PollRun): Promise<void> {
  const { deps } = run;
  const state = { ...run.state, heldUntil: deps.clock.now() + deps.leaseMs };
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
  await dischargeMarks(run.deps, held, async (loser: StoredSnapshot) => {
    const before = run.stream;
    run.stream = "named";
    const lookUp = { mayAsk: () => mayLookUp(run), nextOrder: () => nextOrder(run) };
    const result = await raiseSurvivorOf(run.deps, loser, lookUp, run.signal);
    run.stream = before;
    raised.push(...result.raised);
    if (result.isComplete) await tellEarlierLosers(run, loser);
    return result.isComplete;
  });
  if (raised.length > 0) await publish(run, newestOfEach(raised));
}

/** True while a survivor that is not known may be asked for. */
export function mayLookUp(run: PollRun): boolean {
  return run.state.budget.left >= 1 && (run.requests.get("named") ?? 0) < MOST_LOOKUPS;
}

/** What was merged into the loser before goes on to the loser's survivor: their tickets are tied to its ticket. */
async function tellEarlierLosers(run: PollRun, loser: StoredSnapshot): Promise<void> {
  for (let from = 0; from < loser.mergedFrom.length; from += MOST_NAMED) {
    const nonce = digestOf([loser.incident.tenantId, loser.incident.id, loser.seq, from]);
    await requestTouch(run.deps, run.deps.tenant.id, loser.mergedFrom.slice(from, from + MOST_NAMED), "link", nonce);
  }
}

function newestOfEach(held: readonly HeldSnapshot[]): readonly HeldSnapshot[] {
  const newest = new Map<string, HeldSnapshot>();
  for (const item of held) {
    const known = newest.get(item.snapshot.incident.id);
    if (known === undefined || known.snapshot.seq < item.snapshot.seq) newest.set(item.snapshot.incident.id, item);
  }
  return [...newest.values()];
}
