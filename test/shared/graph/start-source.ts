import { afterAll, beforeAll, beforeEach } from "vitest";
import { defaultGraphBehaviour } from "../../../local/simulators/graph/graph-behaviour.ts";
import { type GraphSimulator, startGraph } from "../../../local/simulators/graph/start-graph.ts";
import { createGraph } from "../../../shared/graph/graph-client.ts";
import { createGraphSource } from "../../../shared/graph/graph-source.ts";
import { type Http, createHttp } from "../../../shared/http/request.ts";
import type { TenantId } from "../../../shared/incident/incident.ts";
import type { Refused, Source } from "../../../shared/pipeline/ports/source.ts";
import { systemClock } from "../../../shared/system.ts";

const TOKEN = "a-token-for-tests";

export const signal = new AbortController().signal;

export interface Rig {
  readonly graph: GraphSimulator;
  readonly source: Source;
  /** One whose requests do not ask for unknown members. */
  readonly blind: Source;
}

/** The source with its real client, over HTTP against a simulated Graph: one for all tests of a file, at peace before each. */
export function useSource(): () => Rig {
  let rig: Rig & { close(): Promise<void> };
  beforeAll(async () => {
    rig = await startRig();
  });
  beforeEach(() => {
    const { graph } = rig;
    Object.assign(graph.behaviour, defaultGraphBehaviour());
    graph.faults.clear();
    graph.requests.reset();
  });
  afterAll(() => rig.close());
  return () => rig;
}

async function startRig(): Promise<Rig & { close(): Promise<void> }> {
  const graph = await startGraph({ tokens: [TOKEN] });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: systemClock, userAgent: "test" });
  const withoutPrefer: Http = {
    ...http,
    send: ({ headers, ...request }) => {
      const { prefer: _prefer, ...rest } = headers ?? {};
      return http.send({ ...request, headers: rest });
    },
  };
  const tenantId = graph.tenantId as TenantId;
  const sourceOver = async (sending: Http): Promise<Source> => {
    const client = await createGraph({ baseUrl: graph.url, http: sending, token: () => Promise.resolve(TOKEN) });
    return createGraphSource({ tenantId, graph: client, clock: systemClock });
  };
  return {
    graph,
    source: await sourceOver(http),
    blind: await sourceOver(withoutPrefer),
    async close() {
      await http.close();
      await graph.close();
    },
  };
}

/** The answer, which is no refusal. */
export function given<T extends object>(answer: T | Refused): T {
  if ("refused" in answer) throw new Error(`refused with ${String(answer.refused)}`);
  return answer;
}
