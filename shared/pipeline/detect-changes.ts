import { PermanentError, RetryableError } from "../errors.ts";
import { refilled, spent } from "./budget.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { readWantedAlerts } from "./enrich-alerts.ts";
import { type PollRun, nextOrder, publish, startPollRun } from "./poll-run.ts";
import { type PollState, acquirePollLease, savePollState } from "./poll-state.ts";
import { ConflictError } from "./ports/table.ts";
import { readList } from "./read-list.ts";
import { settleOwed } from "./settle-owed.ts";
import { touchIncidents } from "./touch-incidents.ts";

/** At most this share of the quota goes to alerts, so that lists never wait for them; and at most so many in one poll. */
const ENRICHMENT_SHARE = 0.4;
const ENRICHMENT_BURST = 10;
/** After the source refused the credential it is asked again no sooner. */
const UNAUTHORIZED_PAUSE_MS = 60_000;

export interface PollReport {
  /** "held": another poll of this tenant is under way. "paused": the source asked to wait. */
  readonly outcome: "polled" | "held" | "paused" | "failed";
  readonly changes: number;
  readonly requests: number;
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
): Promise<PollReport> {
  const { tenant, tables, clock } = deps;
  const startedAt = clock.now();
  const held = await acquirePollLease(tables.control, tenant.id, startedAt, deps.leaseMs);
  if (held === undefined) return { outcome: "held", changes: 0, requests: 0, untouched: incidents };
  const run = startPollRun(deps, held, signal);
  try {
    await settleOwed(run);
    run.untouched = incidents;
    if (held.state.notBefore > clock.now()) return await finish(run, "paused", held.state.lastError);
    run.untouched = [];
    await touchIncidents(run, incidents);
    await readList(run, startedAt + deps.deadlineMs);
    await enrich(run);
    return await finish(run, "polled", "");
  } catch (error) {
    if (error instanceof ConflictError)
      return { outcome: "held", changes: run.changes, requests: run.requests, untouched: run.untouched };
    if (error instanceof RetryableError || error instanceof PermanentError) {
      deps.log.warn("poll failed", { tenantId: tenant.id, reason: error.reason, error: error.message });
      pause(run, error);
      return await finish(run, "failed", `${error.reason}: ${error.message}`);
    }
    await finish(run, "failed", "an error that should not occur; the log has it");
    throw error;
  }
}

async function enrich(run: PollRun): Promise<void> {
  const { deps } = run;
  const perMinute = deps.tenant.requestsPerMinute * ENRICHMENT_SHARE;
  const budget = refilled(run.state.enrichment, perMinute, deps.clock.now());
  const most = Math.min(ENRICHMENT_BURST, Math.floor(budget.left));
  const { requests, held, failure } = await readWantedAlerts(deps, most, () => nextOrder(run), run.signal);
  run.state = { ...run.state, enrichment: spent(budget, requests) };
  await publish(run, held);
  if (failure !== undefined) throw failure;
}

function pause(run: PollRun, error: RetryableError | PermanentError): void {
  const now = run.deps.clock.now();
  const isRefused = error.reason === "unauthorized";
  const asked = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0;
  const pauseMs = Math.max(asked, isRefused ? UNAUTHORIZED_PAUSE_MS : 0);
  run.state = { ...run.state, notBefore: now + pauseMs };
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
  return { outcome, changes: run.changes, requests: run.requests, untouched: run.untouched };
}
