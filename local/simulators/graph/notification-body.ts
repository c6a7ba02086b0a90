import { randomBytes, randomUUID } from "node:crypto";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import type { SubscriptionRecord } from "./subscription-request.ts";

export type LifecycleEvent = "reauthorizationRequired" | "subscriptionRemoved" | "missed";

export interface NotifiedChange {
  readonly incidentId: string;
  readonly changeType: string;
  readonly tenantId: string;
}

/** What is posted to a subscription's notificationUrl. */
export function changeBody(
  subscription: SubscriptionRecord,
  { incidentId, changeType, tenantId }: NotifiedChange,
  shape: GraphBehaviour["notificationShape"],
): unknown {
  const resource = `security/incidents/${incidentId}`;
  const item = {
    id: randomUUID(),
    ...headOf(subscription, tenantId),
    changeType,
    resource,
    resourceData: {
      "@odata.type": "#microsoft.graph.security.incident",
      "@odata.id": resource,
      "@odata.etag": `W/"${randomUUID()}"`,
      id: incidentId,
    },
  };
  if (shape === "basic") return { value: [item] };
  return { value: [{ ...item, encryptedContent: encryptedContent() }], validationTokens: [noToken()] };
}

/** What is posted to a subscription's lifecycleNotificationUrl. */
export function lifecycleBody(subscription: SubscriptionRecord, event: LifecycleEvent, tenantId: string): unknown {
  return { value: [{ ...headOf(subscription, tenantId), lifecycleEvent: event }] };
}

function headOf({ id, expirationDateTime, clientState }: SubscriptionRecord, tenantId: string): object {
  return { subscriptionId: id, subscriptionExpirationDateTime: expirationDateTime, tenantId, clientState };
}

/** Looks the part; there is nothing in it to decrypt. */
function encryptedContent(): object {
  return {
    data: randomBytes(512).toString("base64"),
    dataSignature: randomBytes(32).toString("base64"),
    dataKey: randomBytes(256).toString("base64"),
    encryptionCertificateId: "simulated-certificate",
    encryptionCertificateThumbprint: randomBytes(20).toString("hex").toUpperCase(),
  };
}

function noToken(): string {
  return [{ alg: "RS256", typ: "JWT" }, { aud: "simulated" }, "no signature"]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
}
