import type { TenantId } from "../incident/incident.ts";
import { digestOf } from "./digest.ts";
import { POLL_QUEUE } from "./keys.ts";
import type { Bus, OutgoingMessage } from "./ports/bus.ts";
import type { Clock } from "./ports/clock.ts";
import type { PollRequest } from "./schema.ts";

/** Bells of one tenant within this time ask for one poll, begun after the last of them. */
const BELL_BUCKET_MS = 2_000;
/** A poll asked for by a bell is wanted even after a restart; one asked for by the timer is asked for again anyway. */
const BELL_TIME_TO_LIVE_MS = 10 * 60_000;

interface Deps {
  readonly bus: Bus;
  readonly clock: Clock;
}

/** The timer's poll of every tenant. Requests do not pile up while nobody reads them. */
export async function requestTimedPolls(deps: Deps, tenants: readonly TenantId[], intervalMs: number): Promise<void> {
  const now = deps.clock.now();
  // A timer may fire a moment early.
  const bucket = Math.round(now / intervalMs);
  await deps.bus.send(
    POLL_QUEUE,
    tenants.map((tenantId) => ({
      messageId: digestOf(["timer", tenantId, bucket]),
      body: { v: 1, tenantId, cause: "timer", requestedAt: now } satisfies PollRequest,
      timeToLiveMs: Math.max(2 * intervalMs, 5_000),
    })),
  );
}

/**
 * A doorbell: one poll per tenant and bucket, at the bucket's end, so that a hundred bells lead to one or two polls that began after them.
 * Tenants in `sweep` missed bells: their poll reads a wide window again.
 */
export async function requestPollsForBell(
  deps: Deps,
  tenants: readonly TenantId[],
  sweep: readonly TenantId[] = [],
): Promise<void> {
  const now = deps.clock.now();
  const bucket = Math.floor(now / BELL_BUCKET_MS);
  const bell = (tenantId: TenantId, kind: "bell" | "sweep"): OutgoingMessage => ({
    messageId: digestOf([kind, tenantId, bucket]),
    body: {
      v: 1,
      tenantId,
      cause: "bell",
      requestedAt: now,
      ...(kind === "sweep" ? { sweep: true } : {}),
    } satisfies PollRequest,
    scheduledAt: (bucket + 1) * BELL_BUCKET_MS,
    timeToLiveMs: BELL_TIME_TO_LIVE_MS,
  });
  await deps.bus.send(POLL_QUEUE, [
    ...tenants.map((tenantId) => bell(tenantId, "bell")),
    ...sweep.map((tenantId) => bell(tenantId, "sweep")),
  ]);
}

/** Asks that these incidents be read from the source again, whatever is known of them. */
export async function requestReread(
  deps: Deps,
  tenantId: TenantId,
  incidents: readonly string[],
  cause: "replay" | "sweep",
  nonce: string,
): Promise<void> {
  const body: PollRequest = {
    v: 1,
    tenantId,
    cause,
    requestedAt: deps.clock.now(),
    incidents: [...incidents],
    reread: true,
  };
  await deps.bus.send(POLL_QUEUE, [{ messageId: `${cause}:${nonce}`, body }]);
}

/** A step of a tenant's walk over its links, at most one a minute. */
export async function requestWalks(deps: Deps, tenants: readonly TenantId[]): Promise<void> {
  const now = deps.clock.now();
  const minute = Math.floor(now / 60_000);
  await deps.bus.send(
    POLL_QUEUE,
    tenants.map((tenantId) => ({
      messageId: digestOf(["walk", tenantId, minute]),
      body: { v: 1, tenantId, cause: "sweep", requestedAt: now } satisfies PollRequest,
      timeToLiveMs: 120_000,
    })),
  );
}

/** Asks that these incidents be read or published again. */
export async function requestTouch(
  deps: Deps,
  tenantId: TenantId,
  incidents: readonly string[],
  cause: "look-again" | "link",
  nonce: string,
): Promise<void> {
  const body: PollRequest = { v: 1, tenantId, cause, requestedAt: deps.clock.now(), incidents: [...incidents] };
  await deps.bus.send(POLL_QUEUE, [{ messageId: `${cause}:${nonce}`, body }]);
}
