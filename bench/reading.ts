import type { ConnectorId } from "../shared/connectors/connector.ts";
import { createGraph } from "../shared/graph/graph-client.ts";
import { createGraphSource } from "../shared/graph/graph-source.ts";
import { createHttp } from "../shared/http/request.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import type { DetectDeps } from "../shared/pipeline/detect-deps.ts";
import { detectChanges } from "../shared/pipeline/detect-changes.ts";
import { systemClock, systemRandom } from "../shared/system.ts";
import { startGraph } from "../local/simulators/graph/start-graph.ts";
import { createMemoryTables } from "../local/store/memory-tables.ts";

const TOKEN = "bench";
const CHANGES = [0, 1, 50, 1_000];

/** List requests of one poll, by how many incidents there are and how many of them changed. */
export async function benchReading(): Promise<void> {
  for (const total of [1_000, 10_000, 100_000]) {
    const counts: string[] = [];
    for (const changed of CHANGES) counts.push(`${changed} changed: ${await requestsFor(total, changed)}`);
    console.log(`of ${total.toLocaleString("en")} incidents, list requests of one poll with ${counts.join(", ")}`);
  }
}

async function requestsFor(total: number, changed: number): Promise<number> {
  const graph = await startGraph({ tokens: [TOKEN] });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: systemClock, userAgent: "bench" });
  try {
    const lastYear = Date.now() - 300 * 86_400_000;
    const ids = Array.from(
      { length: total },
      (_unused, index) => graph.incidents.create({}, { stamp: new Date(lastYear + index).toISOString() }).id,
    );
    const client = await createGraph({ baseUrl: graph.url, http, token: () => Promise.resolve(TOKEN) });
    const tenantId = graph.tenantId as TenantId;
    const deps: DetectDeps = {
      tenant: {
        id: tenantId,
        scope: {
          experts: "all",
          minimumSeverity: "informational",
          createdAfter: new Date().toISOString(),
          assignees: DEFAULT_ASSIGNEE_NAMES,
        },
        assignees: DEFAULT_ASSIGNEE_NAMES,
        lanes: ["itsm" as ConnectorId],
        overlapMs: 120_000,
        requestsPerMinute: 100_000,
      },
      source: await createGraphSource({ tenantId, graph: client, clock: systemClock }),
      tables: createMemoryTables(),
      bus: { send: () => Promise.resolve() },
      clock: systemClock,
      random: systemRandom,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      deadlineMs: 45_000,
      leaseMs: 17_000,
    };
    await detectChanges(deps, [], new AbortController().signal);
    for (const id of ids.slice(0, changed)) graph.incidents.change(id, { status: "inProgress" });
    const before = listRequests(graph.requests.read().byKind);
    await detectChanges(deps, [], new AbortController().signal);
    return listRequests(graph.requests.read().byKind) - before;
  } finally {
    await http.close();
    await graph.close();
  }
}

function listRequests(byKind: Readonly<Record<string, number>>): number {
  return (byKind["list incidents"] ?? 0) + (byKind["next page of incidents"] ?? 0);
}
