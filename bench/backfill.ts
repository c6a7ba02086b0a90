import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type GraphSimulator, startGraph } from "../local/simulators/graph/start-graph.ts";
import { openLmdbTables } from "../local/store/lmdb-tables.ts";
import { createGraph } from "../shared/graph/graph-client.ts";
import { createGraphSource } from "../shared/graph/graph-source.ts";
import { createHttp } from "../shared/http/request.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import { askBackfill, readBackfill } from "../shared/pipeline/detect/backfill.ts";
import { detectChanges } from "../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../shared/pipeline/detect/detect-deps.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import { systemClock, systemRandom } from "../shared/system.ts";
import { temporaryFolder } from "../test/product-process.ts";
import { type Lateness, createLiveChanges } from "./live-changes.ts";
import { percentile, summary } from "./percentiles.ts";
import { planOf } from "./tenant-plan.ts";

const TOKEN = "bench";
const BACKFILLED = 5_000;
const POLL_MS = 2_000;
/** Every answer of Graph takes so long. */
const GRAPH_MS = 150;
/** Without and with, turn by turn, so that what else the machine does meets both. */
const ROUNDS = 2;
const WITHOUT_MS = 50_000;
const MOST_MS = 5 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const BAR = 2;

/**
 * Change → delta published, without a backfill and while one runs; false where its p99 more than doubles. The budget is no limit here, so that
 * a backfill takes all of each poll's time that it may.
 */
export async function benchBackfill(): Promise<boolean> {
  const folder = temporaryFolder();
  const graph = await startGraph({ tokens: [TOKEN], behaviour: { fractionDigits: "seven" } });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: systemClock, userAgent: "bench" });
  const store = await openLmdbTables({ path: join(folder.path, "state") });
  const live = createLiveChanges(graph);
  const tenantId = graph.tenantId as TenantId;
  const createdAfter = new Date(Date.now() - DAY_MS).toISOString();
  const client = await createGraph({ baseUrl: graph.url, http, token: () => Promise.resolve(TOKEN) });
  const deps: DetectDeps = {
    tenant: planOf(tenantId, { createdAfter, requestsPerMinute: 100_000 }),
    source: await createGraphSource({ tenantId, graph: client, clock: systemClock }),
    tables: store.tables,
    bus: live.bus,
    clock: systemClock,
    random: systemRandom,
    log: { info: () => undefined, warn: () => undefined, error: console.error },
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    leaseMs: 17_000,
  };
  const stopPolls = startPolls(deps);
  try {
    // The first run, until it has read the incidents that live, and their alerts.
    await sleep(10 * POLL_MS);
    graph.faults.add({ match: "GET /v1.0/security", kind: "delay", delayMs: GRAPH_MS });
    const without: Lateness[] = [];
    const during: Lateness[] = [];
    const backfills: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      without.push(await live.run((passedMs) => Promise.resolve(passedMs >= WITHOUT_MS)));
      await startBackfill(deps, graph, round);
      during.push(await live.run(async (passedMs) => passedMs > MOST_MS || (await isOver(deps))));
      backfills.push(await tellBackfill(deps));
    }
    return tell(pooled(without), pooled(during), backfills);
  } finally {
    await stopPolls();
    await http.close();
    await graph.close();
    await store.close();
    folder.remove();
  }
}

function startPolls(deps: DetectDeps): () => Promise<void> {
  const underWay = new Set<Promise<unknown>>();
  const poll = (): void => {
    const one = detectChanges(deps, [], new AbortController().signal).finally(() => underWay.delete(one));
    underWay.add(one);
  };
  const timer = setInterval(poll, POLL_MS);
  poll();
  return async () => {
    clearInterval(timer);
    await Promise.all(underWay);
  };
}

/** Incidents of a day of their own, before what the scope takes. */
async function startBackfill(deps: DetectDeps, graph: GraphSimulator, round: number): Promise<void> {
  const from = Date.now() - (10 + round) * DAY_MS;
  for (let index = 0; index < BACKFILLED; index += 1) {
    graph.incidents.create({}, { stamp: new Date(from + index * 1_000).toISOString() });
  }
  const range = { since: new Date(from).toISOString(), until: new Date(from + BACKFILLED * 1_000).toISOString() };
  const answer = await askBackfill(deps, deps.tenant.id, { ...range, isDryRun: false });
  if (answer.kind !== "asked") throw new Error(`the backfill was not taken: ${JSON.stringify(answer)}`);
}

async function isOver(deps: DetectDeps): Promise<boolean> {
  return (await readBackfill(deps.tables, deps.tenant.id))?.finishedAt !== null;
}

async function tellBackfill(deps: DetectDeps): Promise<string> {
  const backfill = await readBackfill(deps.tables, deps.tenant.id);
  if (backfill === undefined || backfill.finishedAt === null || backfill.created !== BACKFILLED) {
    throw new Error(`the backfill did not come to its end: ${JSON.stringify(backfill)}`);
  }
  const tookS = (backfill.finishedAt - backfill.askedAt) / 1_000;
  return `${backfill.created} incidents in ${tookS.toFixed(0)} s, ${backfill.pages} pages`;
}

function pooled(runs: readonly Lateness[]): Lateness {
  return { lateMs: runs.flatMap(({ lateMs }) => lateMs), lost: runs.reduce((sum, { lost }) => sum + lost, 0) };
}

function tell(without: Lateness, during: Lateness, backfills: readonly string[]): boolean {
  const ratio = percentile(during.lateMs, 0.99) / percentile(without.lateMs, 0.99);
  const isMet = ratio <= BAR && without.lost + during.lost === 0;
  const line = ({ lateMs, lost }: Lateness): string => `${summary(lateMs)} over ${lateMs.length} changes, ${lost} lost`;
  console.log(`change → delta published, a poll every ${POLL_MS / 1_000} s, ${GRAPH_MS} ms an answer of Graph`);
  console.log(`  without a backfill:  ${line(without)}`);
  console.log(`  while one runs:      ${line(during)} (${backfills.join("; ")})`);
  console.log(`  p99 × ${ratio.toFixed(2)}; bar: ${BAR}: ${isMet ? "ok" : "MISSED"}`);
  return isMet;
}
