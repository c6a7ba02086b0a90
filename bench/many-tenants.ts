import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_GRAPH_TOKEN, type GraphSimulator, startGraph } from "../local/simulators/graph/start-graph.ts";
import { type ServiceNowSimulator, startServiceNow } from "../local/simulators/servicenow/start-servicenow.ts";
import { freePort, spawnProduct, temporaryFolder } from "../test/product-process.ts";
import { percentile, summary } from "./percentiles.ts";
import { type LogLine, readLog } from "./read-log.ts";

const TENANTS = 20;
const INCIDENTS = 10;
const CHANGE_EVERY_MS = 100;
const PHASE_MS = 60_000;
/** Longer than the product waits for an answer. */
const SLOW_MS = 25_000;
const BAR = 2;

/**
 * Twenty tenants with the same incident ids in one process of the product: change → ticket, all well, then with one tenant whose Graph does not
 * answer and one whose Graph refuses. False where the others are more than twice as late, or a ticket is missing, doubled or another tenant's.
 */
export async function benchManyTenants(): Promise<boolean> {
  const folder = temporaryFolder();
  const graphs = await Promise.all(Array.from({ length: TENANTS }, (_unused, index) => startTenantGraph(index)));
  const serviceNow = await startServiceNow();
  const dataFolder = join(folder.path, "data");
  const config = writeConfig(folder.path, graphs, serviceNow);
  const product = spawnProduct(["start", "--config", config, "--data", dataFolder, "--port", `${await freePort()}`], {
    SERVICENOW_PASSWORD: serviceNow.credentials.password,
    ...tokensOf(graphs),
  });
  try {
    await product.greeted;
    for (const graph of graphs) {
      for (let index = 0; index < INCIDENTS; index += 1) graph.incidents.create({ displayName: `incident ${index}` });
    }
    await sleep(20_000);
    const well = await changesOf(graphs);
    const [slow, refused, ...others] = graphs;
    slow?.faults.add({ kind: "delay", delayMs: SLOW_MS });
    if (refused !== undefined) refused.behaviour.answer = "forbidden";
    await sleep(5_000);
    const ill = await changesOf(others);
    await sleep(10_000);
    const lines = await readLog(join(dataFolder, "logs", "dex-sync.ndjson"));
    const ofOthers = lines.filter(
      ({ message, tenantId }) => message === "ticket synced" && others.some((graph) => graph.tenantId === tenantId),
    );
    const wellMs = lateOf(ofOthers, well);
    const illMs = lateOf(ofOthers, ill);
    const { missing, doubled, foreign } = ticketsOf(graphs, serviceNow);
    const ratio = percentile(illMs, 0.99) / percentile(wellMs, 0.99);
    const isMet = ratio <= BAR && missing + doubled + foreign === 0;
    console.log(`${TENANTS} tenants of the same ${INCIDENTS} incident ids, a poll of each every 2 s`);
    console.log(
      `  all well:                      change → ticket ${summary(wellMs)} over ${wellMs.length} writes of ${others.length} tenants`,
    );
    console.log(
      `  one silent and one forbidden:  change → ticket ${summary(illMs)} over ${illMs.length} writes of the same`,
    );
    console.log(
      `  tickets: ${missing} missing, ${doubled} doubled, ${foreign} of no tenant; p99 × ${ratio.toFixed(2)} (bar: ${BAR}): ${isMet ? "ok" : "MISSED"}`,
    );
    return isMet;
  } finally {
    for (const graph of graphs) graph.faults.clear();
    await product.stop();
    await Promise.all([...graphs.map((graph) => graph.close()), serviceNow.close()]);
    folder.remove();
  }
}

function startTenantGraph(index: number): Promise<GraphSimulator> {
  return startGraph({
    tenantId: `cfcdbe43-297b-4c6b-ac7e-${`${index}`.padStart(12, "0")}`,
    tokens: [`${DEFAULT_GRAPH_TOKEN}-${index}`],
    behaviour: { fractionDigits: "seven" },
  });
}

function tokensOf(graphs: readonly GraphSimulator[]): Record<string, string> {
  return Object.fromEntries(graphs.map((_graph, index) => [`GRAPH_TOKEN_${index}`, `${DEFAULT_GRAPH_TOKEN}-${index}`]));
}

function writeConfig(folder: string, graphs: readonly GraphSimulator[], serviceNow: ServiceNowSimulator): string {
  const file = join(folder, "dex-sync.config.json");
  const config = {
    tenants: graphs.map(({ tenantId, url }, index) => ({
      id: tenantId,
      name: `Tenant ${index}`,
      graphUrl: url,
      credential: { kind: "token", secret: `GRAPH_TOKEN_${index}` },
    })),
    scope: { experts: "all", createdAfter: "2026-01-01T00:00:00Z" },
    poll: { interval: "PT2S", requestsPerMinute: 100_000 },
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: serviceNow.url,
        auth: { kind: "basic", username: serviceNow.credentials.username, secret: "SERVICENOW_PASSWORD" },
        settle: "PT1S",
        tenants: graphs.map(({ tenantId }) => tenantId),
      },
    ],
    network: { allowPrivate: ["127.0.0.0/8"] },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

interface Phase {
  readonly from: number;
  readonly to: number;
}

/** One incident of one tenant after the other. */
async function changesOf(graphs: readonly GraphSimulator[]): Promise<Phase> {
  const from = Date.now();
  for (let turn = 0; Date.now() - from < PHASE_MS; turn += 1) {
    const graph = graphs[turn % graphs.length];
    const ids = [...(graph?.incidents.all() ?? [])].map(({ id }) => id);
    const id = ids[Math.floor(turn / graphs.length) % ids.length] ?? "";
    graph?.incidents.change(id, { description: `change ${turn} of ${from}` });
    await sleep(CHANGE_EVERY_MS);
  }
  return { from, to: Date.now() };
}

/** Of the writes that followed changes of this phase. */
function lateOf(lines: readonly LogLine[], { from, to }: Phase): readonly number[] {
  return lines.flatMap(({ at, lateMs }) => {
    if (lateMs === undefined) return [];
    const changedAt = Date.parse(at) - lateMs;
    return changedAt >= from && changedAt < to ? [lateMs] : [];
  });
}

/** The product creates no ticket twice, and none whose key names no tenant of the configuration. */
function ticketsOf(
  graphs: readonly GraphSimulator[],
  serviceNow: ServiceNowSimulator,
): { readonly missing: number; readonly doubled: number; readonly foreign: number } {
  const keys = [...serviceNow.tickets.all()].map((ticket) => ticket.fields["correlation_id"] ?? "");
  const distinct = new Set(keys);
  const wanted = graphs.flatMap((graph) => [...graph.incidents.all()].map(({ id }) => `mdx:${graph.tenantId}:${id}`));
  return {
    missing: wanted.filter((key) => !distinct.has(key)).length,
    doubled: keys.length - distinct.size,
    foreign: [...distinct].filter((key) => !wanted.includes(key)).length,
  };
}
