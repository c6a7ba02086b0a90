import type { ConnectorId } from "../connectors/connector.ts";
import { PermanentError, RetryableError } from "../errors.ts";
import type { TenantId } from "../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../schema-check.ts";
import { startDeadline } from "./deadline.ts";
import { type PollReport, detectChanges } from "./detect/detect-changes.ts";
import type { DetectDeps } from "./detect/detect-deps.ts";
import { handleSubscriptionRequest } from "./bells/handle-subscription-request.ts";
import type { SubscriptionDeps } from "./bells/keep-subscription.ts";
import { POLL_QUEUE } from "./keys.ts";
import { parkUnreadable } from "./park/park-unreadable.ts";
import type { Bus } from "./ports/bus.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { Random } from "./ports/random.ts";
import type { Tables } from "./ports/table.ts";
import { rebuildStep } from "./repair/rebuild-step.ts";
import { republishKnown } from "./detect/republish.ts";
import { withoutToolWords } from "./tool-words.ts";
import { walkLinks } from "./repair/walk-links.ts";
import { type PollRequest, PollRequestSchema } from "./schema.ts";

/** A poll that others wait for looks again this soon where another poll is under way. */
const HELD_MS = 1_000;

interface Tenants {
  readonly tables: Tables;
  readonly log: Log;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly random: Random;
  detectDeps(tenantId: TenantId): Promise<DetectDeps>;
  subscriptionDeps(tenantId: TenantId): Promise<SubscriptionDeps>;
}

let check: Promise<SchemaCheck<PollRequest>> | undefined;

/** One message of `poll-requests`. One that does not validate is parked, never guessed at. */
export async function handlePollMessage(tenants: Tenants, message: unknown, deliveredAt: number): Promise<void> {
  check ??= loadSchemaCheck(PollRequestSchema);
  const checked = (await check)(message);
  if ("problems" in checked) return parkUnreadable(tenants, POLL_QUEUE, message, checked.problems);
  if (checked.value.cause === "subscription") {
    return handleSubscriptionRequest(tenants, checked.value.tenantId as TenantId, deliveredAt);
  }
  let deps: DetectDeps;
  try {
    deps = await tenants.detectDeps(checked.value.tenantId as TenantId);
  } catch (error) {
    if (!(error instanceof PermanentError) && !(error instanceof RetryableError)) throw error;
    tenants.log.error("a tenant cannot be read", {
      tenantId: checked.value.tenantId,
      error: withoutToolWords(error.message),
      ...(error instanceof PermanentError && error.mend !== "" ? { mend: error.mend } : {}),
    });
    // The timer asks again by itself; incidents that somebody asked for by name are asked for until the configuration is mended.
    if (checked.value.incidents !== undefined) await askLater(tenants, checked.value);
    return;
  }
  const { cause, connector } = checked.value;
  if (cause === "rebuild") await rebuildOrSay(deps, connector as ConnectorId);
  else if (cause === "sweep" && checked.value.incidents === undefined) await walkOrSay(deps);
  else await handlePollRequest(deps, checked.value, deliveredAt);
}

/** A walk goes on from its row: what ends a step is tried again by the next one, a minute later. */
async function walkOrSay(deps: DetectDeps): Promise<void> {
  try {
    await walkLinks(deps);
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    deps.log.warn("a walk was broken off", { tenantId: deps.tenant.id, reason: error.reason });
  }
}

/** A step that was broken off is asked for again by the timer. */
async function rebuildOrSay(deps: DetectDeps, connector: ConnectorId): Promise<void> {
  try {
    await rebuildStep(deps, connector);
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
    deps.log.warn("a rebuild was broken off; it goes on", {
      tenantId: deps.tenant.id,
      connector,
      reason: error.reason,
    });
  }
}

/** Reads a tenant. A bell whose tenant is being read is heard after that. */
async function handlePollRequest(deps: DetectDeps, request: PollRequest, deliveredAt: number): Promise<PollReport> {
  const deadline = startDeadline(deps.clock, deliveredAt + deps.deadlineMs);
  try {
    const report = await republishOrDetect(deps, request, deadline.signal);
    await askAgain(deps, request, report);
    measurePoll(deps, request, report);
    deps.log.info("tenant polled", {
      tenantId: request.tenantId,
      cause: request.cause,
      outcome: report.outcome,
      changes: report.changes,
      requests: report.requests,
      streams: Object.entries(report.streams)
        .map(([stream, count]) => `${stream}=${count}`)
        .join(" "),
    });
    return report;
  } finally {
    deadline.stop();
  }
}

function measurePoll({ metrics }: DetectDeps, { tenantId: tenant, cause }: PollRequest, report: PollReport): void {
  metrics.add("dexsync.polls", 1, { tenant, cause, outcome: report.outcome });
  for (const [stream, count] of Object.entries(report.streams)) {
    metrics.add("dexsync.graph.requests", count, { tenant, stream });
  }
}

/** Incidents asked for by name are published again at once where they are known; a poll is for the others. */
async function republishOrDetect(deps: DetectDeps, request: PollRequest, signal: AbortSignal): Promise<PollReport> {
  if (request.incidents === undefined || request.reread === true) return detectOrReport(deps, request, signal);
  let incidents: readonly string[] = request.incidents;
  try {
    incidents = await republishKnown(deps, request.incidents);
  } catch (error) {
    return failed(deps, request, error);
  }
  if (incidents.length > 0) return detectOrReport(deps, { ...request, incidents: [...incidents] }, signal);
  return { outcome: "republished", changes: request.incidents.length, requests: 0, streams: {}, untouched: [] };
}

/** An error that should not occur alarms, and does not burn the message's deliveries: the next poll reads the same again. */
async function detectOrReport(deps: DetectDeps, request: PollRequest, signal: AbortSignal): Promise<PollReport> {
  try {
    return await detectChanges(deps, request.incidents ?? [], signal, {
      isSweepWanted: request.sweep === true,
      ...(request.reread === true ? { reread: request.cause === "replay" ? "parked" : "listed" } : {}),
    });
  } catch (error) {
    return failed(deps, request, error);
  }
}

function failed(deps: DetectDeps, request: PollRequest, error: unknown): PollReport {
  if (error instanceof RetryableError) {
    deps.log.warn("poll failed", {
      tenantId: request.tenantId,
      reason: error.reason,
      error: withoutToolWords(error.message),
    });
  } else {
    deps.log.error("a poll met an error that should not occur", {
      tenantId: request.tenantId,
      error: error instanceof Error ? error.message : String(error),
      stack: error instanceof Error ? (error.stack ?? "").slice(0, 2_000) : "",
    });
  }
  return { outcome: "failed", changes: 0, requests: 0, streams: {}, untouched: request.incidents ?? [] };
}

const MISCONFIGURED_MS = 60_000;

async function askLater(tenants: Tenants, request: PollRequest): Promise<void> {
  const messageId = `${request.cause}:later:${tenants.random.uuid()}`;
  await tenants.bus.send(POLL_QUEUE, [
    { messageId, body: request, scheduledAt: tenants.clock.now() + MISCONFIGURED_MS },
  ]);
}

async function askAgain(deps: DetectDeps, request: PollRequest, report: PollReport): Promise<void> {
  const now = deps.clock.now();
  const age = now - request.requestedAt;
  const isNamed = report.untouched.length > 0;
  // A bell is answered by any later poll, so it is not rung for ever; named incidents are.
  const isBell = request.cause === "bell" && report.outcome !== "polled" && age <= 60_000;
  if (!isNamed && !isBell) return;
  const { incidents: _incidents, ...rest } = request;
  // One that came before its time shows that the queue's clock runs ahead of ours: the next would come at once as well, and again.
  const earlyMs = Math.max(0, (request.sentFor ?? 0) - now);
  const scheduledAt = now + Math.max(HELD_MS, Math.min(60_000, age)) + 2 * earlyMs;
  const again: PollRequest = {
    ...rest,
    ...(isNamed ? { incidents: [...report.untouched] } : {}),
    sentFor: scheduledAt,
  };
  await deps.bus.send(POLL_QUEUE, [
    { messageId: `${request.cause}:again:${deps.random.uuid()}`, body: again, scheduledAt },
  ]);
}
