import {
  type WebhookOptions as WebhookSimulatorOptions,
  type WebhookSimulator,
  startWebhook,
} from "../../local/simulators/webhook/start-webhook.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { EventConnector } from "../../shared/connectors/event-connector.ts";
import { type WebhookOptions, createWebhookConnector } from "../../shared/connectors/webhook/index.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";

export interface WebhookBench {
  readonly receiver: WebhookSimulator;
  readonly http: Http;
  connect(overrides?: Partial<WebhookOptions>): EventConnector;
  /** Fails where a request came that the simulated receiver does not expect. */
  close(): Promise<void>;
}

export async function startWebhookBench(options: WebhookSimulatorOptions = {}): Promise<WebhookBench> {
  const receiver = await startWebhook(options);
  const clock = { now: () => Date.now() };
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock, userAgent: "test" });
  return {
    receiver,
    http,
    connect: (overrides = {}) =>
      createWebhookConnector({
        id: "soar" as ConnectorId,
        url: receiver.url,
        isAddressSecret: false,
        secrets: receiver.secrets,
        http,
        clock,
        portalHosts: ["security.microsoft.com"],
        ...overrides,
      }),
    async close() {
      await http.close();
      await receiver.close();
      if (receiver.unexpected.length > 0)
        throw new Error(`the simulated receiver did not expect ${receiver.unexpected.join(", ")}`);
    },
  };
}
