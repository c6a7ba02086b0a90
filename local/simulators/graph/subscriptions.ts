import { randomUUID } from "node:crypto";
import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import { idFrom } from "../stable-id.ts";
import type { IncidentChange } from "./change-log.ts";
import type { GraphContext } from "./graph-context.ts";
import { changeBody, lifecycleBody, type LifecycleEvent } from "./notification-body.ts";
import { createNotificationPost } from "./notification-post.ts";
import { concerns, readSubscription, refusalOfLife, type SubscriptionRecord } from "./subscription-request.ts";

/** Change notifications: refused for incidents, as the documentation has it, unless the switch says otherwise. */
export interface Subscriptions {
  /** `/subscriptions[/{id}[/reauthorize]]`; undefined where there is no such thing. */
  answer(
    call: Call,
    id: string | undefined,
    action: string | undefined,
    context: GraphContext,
  ): Promise<Reply | undefined>;
  notify(change: IncidentChange, context: GraphContext): void;
  /** To every subscription that gave an address for it; answers how many took it with 2xx. */
  sendLifecycle(event: LifecycleEvent, context: GraphContext): Promise<number>;
  /** Those that have not expired. */
  list(now: number): readonly SubscriptionRecord[];
  /** Change notifications sent and answered with 2xx, and those lost. */
  delivered(): { readonly sent: number; readonly lost: number };
  close(): void;
}

export function createSubscriptions(): Subscriptions {
  const held = new Map<string, SubscriptionRecord>();
  const post = createNotificationPost();
  let sent = 0;
  let lost = 0;

  function list(now: number): readonly SubscriptionRecord[] {
    for (const { id, expirationDateTime } of held.values()) if (Date.parse(expirationDateTime) <= now) held.delete(id);
    return [...held.values()];
  }

  async function create(call: Call, { replies, behaviour, clock }: GraphContext): Promise<Reply> {
    const body = objectIn(call.body);
    if (body === undefined) return replies.badRequest("Unable to read JSON request payload.");
    const asked = readSubscription(body, behaviour, clock.now());
    if ("message" in asked)
      return replies.error(asked.status, asked.status === 403 ? "Forbidden" : "InvalidRequest", asked.message);
    for (const url of [asked.notificationUrl, asked.lifecycleNotificationUrl]) {
      if (url !== null && !(await post.validates(url)))
        return replies.error(
          400,
          "ValidationError",
          "Subscription validation request failed. Notification endpoint must respond with 200 OK to validation request.",
        );
    }
    const made = { ...asked, id: randomUUID(), reauthorizations: 0 };
    held.set(made.id, made);
    return jsonReply(201, {
      "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#subscriptions/$entity",
      ...shown(made),
      clientState: made.clientState,
    });
  }

  function renew(call: Call, subscription: SubscriptionRecord, { replies, clock }: GraphContext): Reply {
    const { expirationDateTime, lifecycleNotificationUrl } = objectIn(call.body) ?? {};
    if (lifecycleNotificationUrl !== undefined)
      return replies.error(400, "InvalidRequest", "lifecycleNotificationUrl cannot be changed.");
    const refusal = refusalOfLife(expirationDateTime, clock.now());
    if (refusal !== undefined) return replies.error(400, "InvalidRequest", refusal);
    const renewed = { ...subscription, expirationDateTime: String(expirationDateTime) };
    held.set(subscription.id, renewed);
    return jsonReply(200, shown(renewed));
  }

  async function deliver(subscription: SubscriptionRecord, body: unknown): Promise<void> {
    if (await post.deliver(subscription.notificationUrl, body)) sent += 1;
    else lost += 1;
  }

  return {
    async answer(call, id, action, context) {
      const all = list(context.clock.now());
      if (id === undefined) {
        if (call.method === "GET") return jsonReply(200, { value: all.map(shown) });
        return call.method === "POST" ? create(call, context) : undefined;
      }
      const subscription = held.get(id);
      if (subscription === undefined) return context.replies.notFound(`Subscription '${id}'`);
      switch (`${call.method} ${action ?? ""}`) {
        case "GET ":
          return jsonReply(200, shown(subscription));
        case "PATCH ":
          return renew(call, subscription, context);
        case "DELETE ":
          held.delete(id);
          return emptyReply(204);
        case "POST reauthorize":
          held.set(id, { ...subscription, reauthorizations: subscription.reauthorizations + 1 });
          return emptyReply(204);
        default:
          return undefined;
      }
    },
    notify({ kind, incidentId }, { clock, tenantId, behaviour }) {
      const changeType = kind === "create" ? "created" : "updated";
      for (const subscription of list(clock.now())) {
        if (!concerns(subscription, incidentId, changeType)) continue;
        const body = changeBody(subscription, { incidentId, changeType, tenantId }, behaviour.notificationShape);
        void deliver(subscription, body);
      }
    },
    async sendLifecycle(event, { clock, tenantId }) {
      const told = list(clock.now());
      // Before the post: what the receiver makes anew in answer to it must stay.
      if (event === "subscriptionRemoved") held.clear();
      const answers = await Promise.all(
        told.map(async (subscription) => {
          const url = subscription.lifecycleNotificationUrl;
          return url !== null && (await post.deliver(url, lifecycleBody(subscription, event, tenantId)));
        }),
      );
      return answers.filter(Boolean).length;
    },
    list,
    delivered: () => ({ sent, lost }),
    close() {
      held.clear();
      post.close();
    },
  };
}

/** As the service shows it: the secret is not read back. */
function shown({ reauthorizations: _count, ...subscription }: SubscriptionRecord): Record<string, unknown> {
  return {
    ...subscription,
    clientState: null,
    applicationId: idFrom("application", "SOC ticket sync"),
    creatorId: idFrom("creator", "SOC ticket sync"),
    includeResourceData: null,
    latestSupportedTlsVersion: "v1_2",
    encryptionCertificate: null,
    encryptionCertificateId: null,
    notificationQueryOptions: null,
    notificationUrlAppId: null,
  };
}
