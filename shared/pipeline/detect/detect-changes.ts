import { PermanentError, RetryableError } from "../../errors.ts";
import { refilled } from "./budget.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { enrich } from "../enrich/enrich.ts";
import { ENRICHMENT_SHARE } from "../enrich/enrichment-budget.ts";
import { openGate } from "../graph-gate.ts";
import { type PollRun, startPollRun } from "./poll-run.ts";
import { type PollState, acquirePollLease, savePollState } from "../poll-state.ts";
import { ConflictError } from "../ports/table.ts";
import { TIME_FOR_A_PAGE_MS, readLive } from "../read/read-live.ts";
import { dueForSweep, readRest } from "../read/read-rest.ts";
import { settleOwed } from "./settle-owed.ts";
import { withoutToolWords } from "../tool-words.ts";
import { type Reread, touchIncidents } from "./touch-incidents.ts";

/** After the source refused the credential it is asked again no sooner: at first soon, for it may just have been granted. */
const UNAUTHORIZED_PAUSE_MS = 60_000;
const UNAUTHORIZED_LONG_PAUSE_MS = 5 * 60_000;
const UNAUTHORIZED_SHORT_TRIES = 3;

export interface PollReport {
  /** "held": another poll of this tenant is under way. "paused": the source asked to wait. "republished": the source was not asked. */
  readonly outcome: "polled" | "held" | "paused" | "failed" | "republished";
  readonly changes: number;
  readonly requests: number;
  /** The same, by what they were for. */
  readonly streams: Readonly<Record<string, number>>;
  /** Incidents asked for by name that are to be asked for again. */
  readonly untouched: readonly string[];
}

/**
 * Reads one tenant once: save, publish, mark; then the cursor moves. Whatever asked for it is only a doorbell. A failure is kept in the
 * tenant's poll state (health shows it), nothing moves, and the next poll reads the same again.
 */
export async function detectChanges(
  deps: DetectDeps,
  incidents: readonly string[],
  signal: AbortSignal,
  options: { readonly isSweepWanted?: boolean; readonly reread?: Reread } = {},
): Promise<PollReport> {
  const { tenant, tables, clock } = deps;
  const startedAt = clock.now();
  const held = await acquirePollLease(tables.control, tenant.id, startedAt, deps.leaseMs);
  if (held === undefined) return { outcome: "held", changes: 0, requests: 0, streams: {}, untouched: incidents };
  const run = await startPollRun(deps, held, incidents, signal);
  refill(run);
  if (options.isSweepWanted === true) dueForSweep(run);
  try {
    const isPaused = mustPause(run);
    await settleOwed(run, isPaused);
    if (isPaused) return await finish(run, "paused", held.state.lastError);
    const deadlineAt = startedAt + deps.deadlineMs;
    await touchIncidents(run, incidents, options.reread);
    await readLive(run, deadlineAt);
    await readRest(run, deadlineAt - TIME_FOR_A_PAGE_MS);
    await enrich(run, deadlineAt - TIME_FOR_A_PAGE_MS);
    await openGate(tables.control, tenant.id, run.gate);
    return await finish(run, "polled", run.remark);
  } catch (error) {
    if (error instanceof ConflictError) return reportOf(run, "held");
    if (error instanceof RetryableError || error instanceof PermanentError) {
      deps.log.warn("poll failed", {
        tenantId: tenant.id,
        reason: error.reason,
        error: withoutToolWords(error.message),
      });
      if (error.reason === "unauthorized") pauseUnauthorized(run);
      return await finish(run, "failed", `${error.reason}: ${error.message}`);
    }
    await finish(run, "failed", "an error that should not occur; the log has it");
    throw error;
  }
}

function refill(run: PollRun): void {
  const { requestsPerMinute } = run.deps.tenant;
  const now = run.deps.clock.now();
  run.state = {
    ...run.state,
    budget: refilled(run.state.budget, requestsPerMinute, now),
    enrichment: refilled(run.state.enrichment, requestsPerMinute * ENRICHMENT_SHARE, now),
  };
}

/** The source asked to wait, refused us just now, or the budget of this tenant is spent: the interval is stretched by nothing else. */
function mustPause(run: PollRun): boolean {
  const now = run.deps.clock.now();
  if (run.state.paused !== undefined) return true;
  return run.gate.notBefore > now || run.state.notBefore > now || run.state.budget.left < 1;
}

function pauseUnauthorized(run: PollRun): void {
  const unauthorized = run.state.unauthorized + 1;
  const pauseMs = unauthorized > UNAUTHORIZED_SHORT_TRIES ? UNAUTHORIZED_LONG_PAUSE_MS : UNAUTHORIZED_PAUSE_MS;
  run.state = { ...run.state, unauthorized, notBefore: run.deps.clock.now() + pauseMs };
}

async function finish(run: PollRun, outcome: PollReport["outcome"], lastError: string): Promise<PollReport> {
  const { deps } = run;
  const state: PollState = {
    ...run.state,
    heldUntil: 0,
    lastOkAt: outcome === "polled" ? deps.clock.now() : run.state.lastOkAt,
    lastError: lastError.slice(0, 500),
  };
  try {
    await savePollState(deps.tables.control, deps.tenant.id, state, run.etag);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    deps.log.warn("the lease on reading was lost; the next poll reads this window again", { tenantId: deps.tenant.id });
  }
  return reportOf(run, outcome);
}

function reportOf(run: PollRun, outcome: PollReport["outcome"]): PollReport {
  const requests = [...run.requests.values()].reduce((sum, count) => sum + count, 0);
  const streams = Object.fromEntries(run.requests);
  return { outcome, changes: run.changes, requests, streams, untouched: run.untouched };
}
