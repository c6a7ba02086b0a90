import { PermanentError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import { isUsableSecret } from "../../http/verify-signature.ts";
import type { ConnectorId } from "../connector.ts";
import type { EventConnector } from "../event-connector.ts";
import { createWebhookClient } from "./client.ts";
import { bodyOf } from "./mapping.ts";
import { signedHeaders } from "./sign.ts";

export interface WebhookOptions {
  readonly id: ConnectorId;
  readonly url: string;
  /** Whoever has the address may send: it is shown to nobody but for its host. */
  readonly isAddressSecret: boolean;
  /** The present one first; while it is changed, the one before it too: then each event carries a signature of each. */
  readonly secrets: readonly string[];
  readonly http: Http;
  readonly clock: { now(): number };
  readonly portalHosts: readonly string[];
}

/** Any tool that takes CloudEvents 1.0 signed by the Standard Webhooks scheme. */
export function createWebhookConnector(options: WebhookOptions): EventConnector {
  const { id, secrets, clock, portalHosts } = options;
  if (!secrets.every(isUsableSecret)) {
    throw new PermanentError("misconfigured", "the secret of the signatures cannot be used", {
      mend: "set it to 24 to 64 random bytes in base64 after whsec_, here and at the receiver",
    });
  }
  const client = createWebhookClient(options);
  return {
    id,
    kind: "webhook",
    async send(event, signal) {
      const body = bodyOf(event, portalHosts);
      const headers = await signedHeaders(secrets, { id: event.id, at: clock.now(), body });
      await client.post({ headers, body }, signal);
    },
  };
}
