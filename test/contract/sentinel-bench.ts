import { type GraphSimulator, startGraph } from "../../local/simulators/graph/start-graph.ts";
import type { SentinelBehaviour } from "../../local/simulators/sentinel/sentinel-behaviour.ts";
import {
  DEFAULT_SENTINEL_TOKEN,
  type SentinelSimulator,
  startSentinel,
} from "../../local/simulators/sentinel/start-sentinel.ts";
import type { ConnectorId, TicketConnector } from "../../shared/connectors/connector.ts";
import { type SentinelOptions, createSentinelConnector } from "../../shared/connectors/sentinel/index.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../shared/incident/ball.ts";

const clock = { now: () => Date.now() };

/** A simulated workspace without a limit of writes, and connectors to it; the first incident is 29. */
export interface SentinelBench {
  readonly graph: GraphSimulator;
  readonly simulator: SentinelSimulator;
  readonly http: Http;
  connect(overrides?: Partial<SentinelOptions>): TicketConnector;
  close(): Promise<void>;
}

export async function startSentinelBench(behaviour: Partial<SentinelBehaviour> = {}): Promise<SentinelBench> {
  const graph = await startGraph({ firstId: 29 });
  const simulator = await startSentinel(graph, { behaviour: { putLimit: 0, ...behaviour } });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock, userAgent: "test" });
  return {
    graph,
    simulator,
    http,
    connect: (overrides = {}) =>
      createSentinelConnector({
        id: "sentinel" as ConnectorId,
        mode: "tag",
        ...simulator.workspace,
        armUrl: simulator.url,
        token: () => Promise.resolve(DEFAULT_SENTINEL_TOKEN),
        http,
        clock,
        assignees: DEFAULT_ASSIGNEE_NAMES,
        portalHosts: ["security.microsoft.com"],
        writesPer5Minutes: 10_000,
        ...overrides,
      }),
    async close() {
      await http.close();
      await simulator.close();
      await graph.close();
    },
  };
}
