import { RetryableError } from "../../errors.ts";
import type { TenantId } from "../../incident/incident.ts";
import { digestOf } from "../digest.ts";
import { POLL_QUEUE } from "../keys.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Tables } from "../ports/table.ts";
import type { PollRequest } from "../schema.ts";
import { readSubscription } from "./subscription-state.ts";
import { type SubscriptionPlan, nextStep } from "./subscription-step.ts";

interface Deps {
  readonly bus: Bus;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  readonly tenants: readonly TenantId[];
  /** What the configuration wants of a tenant's bell at Graph. */
  planOf(tenantId: TenantId): SubscriptionPlan;
}

const INTERVAL_MS = 60_000;
const ROWS_AT_ONCE = 32;

/** The timer's look: whose subscription wants something gets a message of its own, so that no tenant waits for another. */
export async function requestSubscriptions(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  const due: TenantId[] = [];
  for (let from = 0; from < deps.tenants.length; from += ROWS_AT_ONCE) {
    const some = deps.tenants.slice(from, from + ROWS_AT_ONCE);
    const answers = await Promise.all(some.map((tenantId) => isDue(deps, tenantId, now)));
    due.push(...some.filter((_tenantId, index) => answers[index]));
  }
  if (due.length > 0) await requestSubscriptionLooks(deps, due, "timer");
}

/** Not kept for long: the timer asks again. */
export async function requestSubscriptionLooks(
  deps: { readonly bus: Bus; readonly clock: Clock },
  tenants: readonly TenantId[],
  why: "timer" | "renew" | "recreate",
): Promise<void> {
  const now = deps.clock.now();
  await deps.bus.send(
    POLL_QUEUE,
    tenants.map((tenantId) => ({
      messageId: digestOf(["subscription", why, tenantId, Math.floor(now / INTERVAL_MS)]),
      body: { v: 1, tenantId, cause: "subscription", requestedAt: now } satisfies PollRequest,
      timeToLiveMs: 2 * INTERVAL_MS,
    })),
  );
}

/** A row that cannot be read holds up nobody else's. */
async function isDue(deps: Deps, tenantId: TenantId, now: number): Promise<boolean> {
  try {
    const { state } = await readSubscription(deps.tables.control, tenantId);
    return nextStep(state, deps.planOf(tenantId), now) !== "nothing";
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    deps.log.warn("a subscription's row could not be read", { tenantId, reason: error.reason });
    return false;
  }
}
