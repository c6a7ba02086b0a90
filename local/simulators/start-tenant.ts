import type { SimulatorClock } from "./clock.ts";
import { type GraphOptions, type GraphSimulator, startGraph } from "./graph/start-graph.ts";
import { type JiraOptions, type JiraSimulator, startJira } from "./jira/start-jira.ts";
import { type QRadarSimulator, type QRadarSimulatorOptions, startQRadar } from "./qradar/start-qradar.ts";
import { type SentinelOptions, type SentinelSimulator, startSentinel } from "./sentinel/start-sentinel.ts";
import { type WebhookOptions, type WebhookSimulator, startWebhook } from "./webhook/start-webhook.ts";
import { type ServiceNowOptions, type ServiceNowSimulator, startServiceNow } from "./servicenow/start-servicenow.ts";

export interface TenantOptions {
  /** 0 or absent for any free port. */
  readonly graphPort?: number;
  readonly serviceNowPort?: number;
  readonly sentinelPort?: number;
  readonly jiraPort?: number;
  readonly qradarPort?: number;
  readonly webhookPort?: number;
  /** What stamps are made with; the machine's clock where absent. */
  readonly clock?: SimulatorClock;
  /** How long after a Defender incident its twin appears in Sentinel. */
  readonly twinDelayMs?: number;
  readonly graph?: Omit<GraphOptions, "port" | "clock">;
  readonly serviceNow?: Omit<ServiceNowOptions, "port" | "clock">;
  readonly sentinel?: Omit<SentinelOptions, "port" | "clock">;
  readonly jira?: Omit<JiraOptions, "port" | "clock">;
  readonly qradar?: Omit<QRadarSimulatorOptions, "port" | "clock">;
  readonly webhook?: Omit<WebhookOptions, "port" | "clock">;
}

/** A tenant in a box: everything the product talks to, on this machine. */
export interface Tenant {
  readonly graph: GraphSimulator;
  readonly serviceNow: ServiceNowSimulator;
  readonly sentinel: SentinelSimulator;
  readonly jira: JiraSimulator;
  /** What any SOAR is to the product. */
  readonly qradar: QRadarSimulator;
  readonly webhook: WebhookSimulator;
  close(): Promise<void>;
}

export async function startTenant(options: TenantOptions = {}): Promise<Tenant> {
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  const twinDelay = options.twinDelayMs === undefined ? {} : { twinDelayMs: options.twinDelayMs };
  const graph = await startGraph({ ...options.graph, ...clock, port: options.graphPort ?? 0 });
  const serviceNow = await startServiceNow({ ...options.serviceNow, ...clock, port: options.serviceNowPort ?? 0 });
  const jira = await startJira({ ...options.jira, ...clock, port: options.jiraPort ?? 0 });
  const qradar = await startQRadar({ ...options.qradar, ...clock, port: options.qradarPort ?? 0 });
  const webhook = await startWebhook({ ...options.webhook, ...clock, port: options.webhookPort ?? 0 });
  const sentinel = await startSentinel(graph, {
    ...options.sentinel,
    ...clock,
    port: options.sentinelPort ?? 0,
    behaviour: { ...twinDelay, ...options.sentinel?.behaviour },
  });
  return {
    graph,
    serviceNow,
    sentinel,
    jira,
    qradar,
    webhook,
    async close() {
      await Promise.all([
        graph.close(),
        serviceNow.close(),
        sentinel.close(),
        jira.close(),
        qradar.close(),
        webhook.close(),
      ]);
    },
  };
}
