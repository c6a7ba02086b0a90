import type { KeptSubscription, SubscriptionState } from "./subscription-state.ts";
import type { SubscriptionPlan } from "./subscription-step.ts";

const REFUSED_PAUSE_MS = 24 * 60 * 60_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** A credential that is refused is not tried more often. */
const UNAUTHORIZED_PAUSE_MS = 5 * 60_000;
const JITTER_SHARE = 0.2;

/** What came of asking Graph, as the next state. Events noted meanwhile (`wants`) stay unless the outcome answers them. */
export type SubscriptionChange = (fresh: SubscriptionState) => SubscriptionState;

/** Of `replaced` what it still sends is believed. */
export function created(
  plan: SubscriptionPlan,
  now: number,
  current: KeptSubscription,
  replaced: KeptSubscription | undefined,
): SubscriptionChange {
  return (fresh) => ({ ...active(fresh, plan, now, current), previous: replaced, wants: undefined });
}

/** A burst of events during the call is answered by it; one that says that the subscription is gone is not. */
export function renewed(plan: SubscriptionPlan, now: number, current: KeptSubscription): SubscriptionChange {
  return (fresh) => ({
    ...active(fresh, plan, now, current),
    wants: fresh.wants === "renew" ? undefined : fresh.wants,
  });
}

export function removed(plan: SubscriptionPlan, now: number): SubscriptionChange {
  return (fresh) => ({
    ...withStatus(fresh, plan, now, "none", ""),
    current: undefined,
    previous: undefined,
    wants: undefined,
    nextTryAt: 0,
    strikes: 0,
  });
}

/** Nothing can be asked for; health says why. */
export function explained(plan: SubscriptionPlan, now: number): SubscriptionChange {
  return (fresh) => ({ ...withStatus(fresh, plan, now, "none", plan.reason), nextTryAt: 0, strikes: 0 });
}

/** Today's likely answer: asked again in a day. */
export function refused(plan: SubscriptionPlan, now: number, status: number): SubscriptionChange {
  return (fresh) => ({
    ...withStatus(fresh, plan, now, "refused", `Microsoft Graph answered ${status} to a subscription`),
    nextTryAt: now + REFUSED_PAUSE_MS,
    strikes: 0,
  });
}

/** Only the reason is kept: Graph may say back what it was sent, the secret included. `jitter` is in [0, 1). */
export function failing(
  plan: SubscriptionPlan,
  now: number,
  failure: { readonly reason: string; readonly retryAfterMs: number | undefined; readonly jitter: number },
): SubscriptionChange {
  return (fresh) => {
    const backoff = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(fresh.strikes, 10));
    const least = failure.reason === "unauthorized" ? UNAUTHORIZED_PAUSE_MS : 0;
    const pause = Math.max(backoff, least, failure.retryAfterMs ?? 0);
    const words = `Microsoft Graph could not be asked for notifications: ${failure.reason}`;
    return {
      ...withStatus(fresh, plan, now, "failing", words),
      nextTryAt: Math.ceil(now + pause * (1 + failure.jitter * JITTER_SHARE)),
      strikes: fresh.strikes + 1,
    };
  };
}

/** Looked after again at half of its life. */
function active(
  fresh: SubscriptionState,
  plan: SubscriptionPlan,
  now: number,
  current: KeptSubscription,
): SubscriptionState {
  const nextTryAt = now + Math.max(FIRST_PAUSE_MS, Math.floor((current.expiresAt - now) / 2));
  return { ...withStatus(fresh, plan, now, "active", ""), current, nextTryAt, strikes: 0 };
}

function withStatus(
  fresh: SubscriptionState,
  { resource, notificationUrl = "" }: SubscriptionPlan,
  now: number,
  status: SubscriptionState["status"],
  lastError: string,
): SubscriptionState {
  const since = fresh.status === status && fresh.since > 0 ? fresh.since : now;
  return { ...fresh, status, lastError, since, asked: { resource, notificationUrl } };
}
