import { randomUUID } from "node:crypto";
import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { IncidentChange } from "./change-log.ts";
import type { GraphContext } from "./graph-context.ts";

/** Change notifications: refused for incidents, as the documentation has it, unless the switch says otherwise. */
export interface Subscriptions {
  /** `/subscriptions[/{id}]`; undefined where there is no such thing. */
  answer(call: Call, id: string | undefined, context: GraphContext): Promise<Reply | undefined>;
  notify(change: IncidentChange, context: GraphContext): void;
  /** Notifications sent and answered with 2xx, and those lost. */
  delivered(): { readonly sent: number; readonly lost: number };
  close(): void;
}

interface Subscription {
  readonly id: string;
  readonly resource: string;
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly clientState: string | null;
  readonly expirationDateTime: string;
}

const RESOURCE = /^\/?security\/incidents(?:\/[^/?]+)?(?:\?.*)?$/;
const LONGEST_LIFE_MS = 43_200 * 60_000;
const HANDSHAKE_MS = 10_000;
const DELIVERY_MS = 3_000;

export function createSubscriptions(): Subscriptions {
  const held = new Map<string, Subscription>();
  const closing = new AbortController();
  let sent = 0;
  let lost = 0;

  async function create(call: Call, context: GraphContext): Promise<Reply> {
    const { replies, behaviour, clock } = context;
    const body = objectIn(call.body);
    if (body === undefined) return replies.badRequest("Unable to read JSON request payload.");
    const { resource, changeType, notificationUrl, clientState, expirationDateTime } = body;
    if (typeof resource !== "string" || typeof changeType !== "string" || typeof notificationUrl !== "string")
      return replies.error(400, "InvalidRequest", "resource, changeType and notificationUrl are required.");
    if (behaviour.subscriptions === "refused" || !RESOURCE.test(resource))
      return replies.error(400, "InvalidRequest", `Resource '${resource}' is not supported for change notifications.`);
    if (typeof clientState === "string" && clientState.length > 128)
      return replies.error(400, "InvalidRequest", "clientState is longer than 128 characters.");
    const refusal = refusalOfLife(expirationDateTime, clock.now());
    if (refusal !== undefined) return replies.error(400, "InvalidRequest", refusal);
    if (!isLoopback(notificationUrl))
      return replies.error(400, "InvalidRequest", "The simulator notifies only this machine (127.0.0.1, localhost).");
    if (!(await answersHandshake(notificationUrl)))
      return replies.error(
        400,
        "ValidationError",
        "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
      );
    const subscription: Subscription = {
      id: randomUUID(),
      resource,
      changeType,
      notificationUrl,
      clientState: typeof clientState === "string" ? clientState : null,
      expirationDateTime: String(expirationDateTime),
    };
    held.set(subscription.id, subscription);
    return jsonReply(201, {
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",
      ...subscription,
    });
  }

  function renew(call: Call, subscription: Subscription, { replies, clock }: GraphContext): Reply {
    const { expirationDateTime } = objectIn(call.body) ?? {};
    const refusal = refusalOfLife(expirationDateTime, clock.now());
    if (refusal !== undefined) return replies.error(400, "InvalidRequest", refusal);
    const renewed = { ...subscription, expirationDateTime: String(expirationDateTime) };
    held.set(subscription.id, renewed);
    return jsonReply(200, renewed);
  }

  async function deliver(subscription: Subscription, change: IncidentChange, tenantId: string): Promise<void> {
    const { id: subscriptionId, clientState, expirationDateTime: subscriptionExpirationDateTime } = subscription;
    const item = {
      id: randomUUID(),
      subscriptionId,
      subscriptionExpirationDateTime,
      clientState,
      changeType: change.kind === "create" ? "created" : "updated",
      resource: `security/incidents/${change.incidentId}`,
      resourceData: { "@odata.type": "#microsoft.graph.security.incident", id: change.incidentId },
      tenantId,
    };
    const response = await post(
      subscription.notificationUrl,
      "application/json",
      JSON.stringify({ value: [item] }),
      DELIVERY_MS,
    );
    if (response?.ok === true) sent += 1;
    else lost += 1;
  }

  async function answersHandshake(notificationUrl: string): Promise<boolean> {
    const token = `Validation: Testing client application reachability for subscription ${randomUUID()} <&>`;
    const url = new URL(notificationUrl);
    url.searchParams.set("validationToken", token);
    const response = await post(url.href, "text/plain; charset=utf-8", "", HANDSHAKE_MS);
    if (response?.status !== 200) return false;
    return (response.headers.get("content-type") ?? "").startsWith("text/plain") && response.text === token;
  }

  interface Answer {
    readonly ok: boolean;
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
  }

  /** Undefined where nobody answers in time. */
  async function post(url: string, contentType: string, body: string, timeoutMs: number): Promise<Answer | undefined> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
        signal,
        redirect: "error",
      });
      return { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      if (signal.aborted || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  return {
    async answer(call, id, context) {
      if (id === undefined) {
        if (call.method === "GET") return jsonReply(200, { value: [...held.values()] });
        return call.method === "POST" ? create(call, context) : undefined;
      }
      const subscription = held.get(id);
      if (subscription === undefined) return context.replies.notFound(`Subscription '${id}'`);
      if (call.method === "GET") return jsonReply(200, subscription);
      if (call.method === "PATCH") return renew(call, subscription, context);
      if (call.method !== "DELETE") return undefined;
      held.delete(id);
      return emptyReply(204);
    },
    notify(change, context) {
      for (const subscription of held.values()) {
        if (Date.parse(subscription.expirationDateTime) <= context.clock.now()) held.delete(subscription.id);
        else void deliver(subscription, change, context.tenantId);
      }
    },
    delivered: () => ({ sent, lost }),
    close() {
      held.clear();
      closing.abort();
    },
  };
}

function refusalOfLife(expiration: unknown, now: number): string | undefined {
  const until = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(until) || until <= now) return "expirationDateTime must be a time in the future.";
  return until - now > LONGEST_LIFE_MS ? "Subscription expiration can only be 43200 minutes in the future." : undefined;
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}
