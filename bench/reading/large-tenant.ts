import { type GraphSimulator, startGraph } from "../../local/simulators/graph/start-graph.ts";
import { createGraph } from "../../shared/graph/graph-client.ts";
import { createGraphSource } from "../../shared/graph/graph-source.ts";
import { type Http, createHttp } from "../../shared/http/request.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import type { Source } from "../../shared/pipeline/ports/source.ts";
import { type VirtualClock, createVirtualClock } from "../../test/virtual-clock.ts";

const TOKEN = "bench";
/** What a request to Graph takes, of the clock that simulator and product share: the limits of a poll's time count by it. */
const REQUEST_MS = 100;
export const CHANGED = 1_000;
/** Of those that change. */
const NOTIFICATIONS = 5;
const LAST_YEAR = Date.UTC(2025, 6, 1);

/** A simulated Graph that holds many incidents of last year, and the product's own source that reads it. */
export interface LargeTenant {
  readonly total: number;
  readonly clock: VirtualClock;
  readonly graph: GraphSimulator;
  readonly tenantId: TenantId;
  readonly source: Source;
  /** Those that change. */
  readonly ids: readonly string[];
  /** One more than the total: its change tells the product that time went on. */
  readonly marker: string;
  close(): Promise<void>;
}

export async function startLargeTenant(total: number): Promise<LargeTenant> {
  const clock = createVirtualClock();
  const graph = await startGraph({ tokens: [TOKEN], clock });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock, userAgent: "bench" });
  const tenantId = graph.tenantId as TenantId;
  const client = await createGraph({
    baseUrl: graph.url,
    http: takingTime(http, clock),
    token: () => Promise.resolve(TOKEN),
  });
  const ids: string[] = [];
  for (let index = 0; index < total; index += 1) {
    const stamp = new Date(LAST_YEAR + index).toISOString();
    const displayName = index < NOTIFICATIONS ? `Defender Experts: hunting ${index}` : `Suspicious activity ${index}`;
    const { id } = graph.incidents.create({ displayName }, { stamp });
    if (index >= CHANGED) continue;
    graph.incidents.addAlert(id, { evidence: [{ kind: "device", name: `pc-${index}` }] }, { stamp });
    ids.push(id);
  }
  const { id: marker } = graph.incidents.create({}, { stamp: new Date(LAST_YEAR - 1).toISOString() });
  return {
    total,
    clock,
    graph,
    tenantId,
    source: await createGraphSource({ tenantId, graph: client, clock }),
    ids,
    marker,
    async close() {
      await http.close();
      await graph.close();
    },
  };
}

function takingTime(http: Http, clock: VirtualClock): Http {
  return {
    ...http,
    async send(request) {
      await clock.advance(REQUEST_MS);
      return await http.send(request);
    },
  };
}
