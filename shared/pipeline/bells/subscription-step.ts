import type { KeptSubscription, SubscriptionState } from "./subscription-state.ts";

/** What the configuration wants of a tenant's bell at Graph. */
export interface SubscriptionPlan {
  /** "": nothing is to be asked for. */
  readonly resource: string;
  /** Where Graph is to ring; undefined where this app has no address that this tenant's Graph can call. */
  readonly notificationUrl: string | undefined;
  /** Why there is no address; "" where there is one. */
  readonly reason: string;
}

/** `explain`: no call, only the reason is kept for health. */
export type SubscriptionStep = "nothing" | "remove" | "explain" | "create" | "renew";

/** A secret older than this is replaced with the next renewal; the old one is believed until its subscription expires. */
const ROTATE_MS = 7 * 24 * 60 * 60_000;

/** What is to be done about a tenant's subscription now. */
export function nextStep(state: SubscriptionState, plan: SubscriptionPlan, now: number): SubscriptionStep {
  if ((state.claim?.until ?? 0) > now) return "nothing";
  const isDue = now >= state.nextTryAt || !isAbout(state, plan);
  if (plan.resource === "") return isDue && isAnythingLeft(state) ? "remove" : "nothing";
  if (plan.notificationUrl === undefined) return isAbout(state, plan) ? "nothing" : "explain";
  const isAsked = state.wants !== undefined && state.status === "active";
  return isDue || isAsked ? wayOn(state, plan, now) : "nothing";
}

/** Whether the state is about what is wanted now: otherwise no pause of before counts. */
export function isAbout({ asked }: SubscriptionState, plan: SubscriptionPlan): boolean {
  return asked?.resource === plan.resource && asked.notificationUrl === (plan.notificationUrl ?? "");
}

function wayOn(state: SubscriptionState, plan: SubscriptionPlan, now: number): "create" | "renew" {
  const { current } = state;
  if (current === undefined || current.expiresAt <= now || !isFor(current, plan)) return "create";
  return state.wants === "recreate" || now - current.createdAt >= ROTATE_MS ? "create" : "renew";
}

function isFor(kept: KeptSubscription, plan: SubscriptionPlan): boolean {
  return kept.resource === plan.resource && kept.notificationUrl === plan.notificationUrl;
}

function isAnythingLeft(state: SubscriptionState): boolean {
  return state.current !== undefined || state.previous !== undefined || state.status !== "none";
}
