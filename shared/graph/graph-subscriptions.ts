import { RetryableError } from "../errors.ts";
import type { HttpResponse } from "../http/request.ts";
import type { SubscriptionApi } from "../pipeline/ports/subscriptions.ts";
import type { Graph } from "./graph-client.ts";

/** Graph documents no subscription for incidents: which of these it answers is not known, so each means the same. */
const REFUSALS = [400, 403, 404, 501];
const ID = /^[A-Za-z0-9-]{1,128}$/;

/** Change notifications through Microsoft Graph. Resource data is never asked for: a notification is only a bell. */
export function createGraphSubscriptions(graph: Graph): SubscriptionApi {
  return {
    async create({ resource, notificationUrl, clientState, until }, signal) {
      const body = {
        changeType: "created,updated",
        resource,
        notificationUrl,
        // Cannot be added later.
        lifecycleNotificationUrl: notificationUrl,
        clientState,
        expirationDateTime: new Date(until).toISOString(),
      };
      const response = await graph.send("POST", "/subscriptions", body, signal, { expect: REFUSALS });
      if (REFUSALS.includes(response.status)) return { refused: response.status };
      const { id } = objectOf(response);
      if (typeof id !== "string" || !ID.test(id)) throw unreadable();
      return { id, expiresAt: expiryOf(response) };
    },
    // Renewing authorises anew as well (Graph: "lifecycle notifications", reauthorizationRequired), so there is no other call for that.
    async renew(id, until, signal) {
      const body = { expirationDateTime: new Date(until).toISOString() };
      const response = await graph.send("PATCH", pathOf(id), body, signal, { expect: [404] });
      return response.status === 404 ? "gone" : { expiresAt: expiryOf(response) };
    },
    async remove(id, signal) {
      await graph.send("DELETE", pathOf(id), undefined, signal, { expect: [404] });
    },
  };
}

function pathOf(id: string): string {
  return `/subscriptions/${encodeURIComponent(id)}`;
}

function expiryOf(response: HttpResponse): number {
  const { expirationDateTime } = objectOf(response);
  const at = typeof expirationDateTime === "string" ? Date.parse(expirationDateTime) : Number.NaN;
  if (Number.isNaN(at)) throw unreadable();
  return at;
}

function objectOf(response: HttpResponse): Readonly<Record<string, unknown>> {
  const value = response.json();
  if (typeof value !== "object" || value === null) throw unreadable();
  return value as Record<string, unknown>;
}

function unreadable(): RetryableError {
  return new RetryableError("unreadable", "Microsoft Graph answered no subscription", { mayHaveHappened: true });
}
