import type { GraphBehaviour } from "./graph-behaviour.ts";

/** A subscription as the service keeps it. */
export interface SubscriptionRecord {
  readonly id: string;
  readonly resource: string;
  /** Members of created, updated and deleted, joined by commas. */
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  /** Kept to be sent; reading the subscription shows null instead. */
  readonly clientState: string | null;
  readonly expirationDateTime: string;
  /** How often it was reauthorized. */
  readonly reauthorizations: number;
}

export type SubscriptionRequest = Omit<SubscriptionRecord, "id" | "reauthorizations">;

interface Refusal {
  readonly status: 400 | 403;
  readonly message: string;
}

const RESOURCE = /^\/?security\/incidents(?:\/([^/?]+))?(?:\?.*)?$/;
const CHANGE_TYPES: readonly string[] = ["created", "updated", "deleted"];
const LONGEST_LIFE_MS = 43_200 * 60_000;
const LONGEST_STATE = 128;

/** What is asked for, or why not. */
export function readSubscription(
  body: Readonly<Record<string, unknown>>,
  behaviour: GraphBehaviour,
  now: number,
): SubscriptionRequest | Refusal {
  const { resource, changeType, notificationUrl, clientState = null, lifecycleNotificationUrl = null } = body;
  const { expirationDateTime, includeResourceData } = body;
  if (typeof resource !== "string" || typeof changeType !== "string" || typeof notificationUrl !== "string")
    return badRequest("resource, changeType and notificationUrl are required.");
  if (behaviour.subscriptions === "refused" || !RESOURCE.test(resource)) {
    const message = `Resource '${resource}' is not supported for change notifications.`;
    return { status: behaviour.subscriptionRefusal, message };
  }
  if (!changeType.split(",").every((type) => CHANGE_TYPES.includes(type)))
    return badRequest(`The changeType '${changeType}' is not valid.`);
  if (includeResourceData === true) return badRequest(`Resource '${resource}' does not support resource data.`);
  if (!isTextOrNull(clientState) || (clientState ?? "").length > LONGEST_STATE)
    return badRequest("clientState must be text of at most 128 characters.");
  if (!isTextOrNull(lifecycleNotificationUrl)) return badRequest("lifecycleNotificationUrl must be text.");
  const refusal = refusalOfLife(expirationDateTime, now);
  if (refusal !== undefined) return badRequest(refusal);
  if (![notificationUrl, lifecycleNotificationUrl ?? notificationUrl].every(isLoopback))
    return badRequest("The simulator notifies only this machine (127.0.0.1, localhost).");
  return {
    resource,
    changeType,
    notificationUrl,
    lifecycleNotificationUrl,
    clientState,
    expirationDateTime: String(expirationDateTime),
  };
}

/** Undefined for a time a subscription may last until. */
export function refusalOfLife(expiration: unknown, now: number): string | undefined {
  const until = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(until) || until <= now) return "expirationDateTime must be a time in the future.";
  return until - now > LONGEST_LIFE_MS ? "Subscription expiration can only be 43200 minutes in the future." : undefined;
}

/** Whether a subscription is meant to hear of a change of this incident. */
export function concerns(subscription: SubscriptionRecord, incidentId: string, changeType: string): boolean {
  const [, only] = RESOURCE.exec(subscription.resource) ?? [];
  return (only === undefined || only === incidentId) && subscription.changeType.split(",").includes(changeType);
}

function badRequest(message: string): Refusal {
  return { status: 400, message };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}
