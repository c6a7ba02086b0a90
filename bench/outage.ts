import { parseArgs } from "node:util";
import { createMemoryTables } from "../local/store/memory-tables.ts";
import type { ConnectorId, Ticket, TicketConnector } from "../shared/connectors/connector.ts";
import { RetryableError } from "../shared/errors.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { IncidentId, TenantId } from "../shared/incident/incident.ts";
import { revisionFromMs } from "../shared/incident/revision.ts";
import { createBornAt } from "../shared/pipeline/born-at.ts";
import { createBreaker } from "../shared/pipeline/breaker.ts";
import { deltaMessageOf, firstSending } from "../shared/pipeline/delta-message.ts";
import { judgeReading } from "../shared/pipeline/detect/judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition, laneQueue } from "../shared/pipeline/keys.ts";
import { acquirePollLease } from "../shared/pipeline/poll-state.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";
import { packSnapshot } from "../shared/pipeline/stored-snapshot.ts";
import type { SyncDeps } from "../shared/pipeline/lane/sync-deps.ts";
import { DEFAULT_TICKET_POLICY } from "../shared/pipeline/lane/ticket-policy.ts";
import { syncTicket } from "../shared/pipeline/lane/sync-ticket.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import { anIncident } from "../test/build.ts";
import { createQueueInVirtualTime } from "./virtual-queue.ts";

const TENANT = "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514" as TenantId;
const ITSM = "itsm" as ConnectorId;
const START = Date.UTC(2026, 5, 1);
const DOWN_MS = 6 * 3_600_000;
const MOST_CATCH_UP_MS = 30 * 60_000;
const MOST_PROBES_A_MINUTE = 1;
const WRITES_A_SECOND = 10;
const FAILURES_THAT_OPEN = 5;
/** One incident in so many. */
const HANDOVER_EVERY = 50;
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * One target is down for six hours while incidents come in, in virtual time: what is parked, how often it is knocked at, and how long its
 * backlog takes once it is back and takes ten writes a second. False where a bar is missed.
 */
export async function benchOutage(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({ args: [...args], options: { incidents: { type: "string" } } });
  const count = Number(values.incidents ?? "10000");
  const queue = createQueueInVirtualTime(START);
  const tool = createTool(queue.clock, START + DOWN_MS);
  const tables = createMemoryTables();
  await acquirePollLease(tables.control, TENANT, 1, 0);
  const { clock } = queue;
  let uuids = 0;
  const deps: SyncDeps = {
    connector: tool.connector,
    breaker: createBreaker({ connector: ITSM, control: tables.control, clock, log: SILENT }),
    bornAt: createBornAt({ control: tables.control, clock }),
    policy: DEFAULT_TICKET_POLICY,
    tenantIds: [TENANT],
    assignees: DEFAULT_ASSIGNEE_NAMES,
    tables,
    bus: queue,
    clock,
    random: { next: () => Math.random(), uuid: () => `${(uuids += 1)}` },
    log: SILENT,
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    marginMs: 60_000,
  };
  const arrivals = await createIncidents(tables.incident, count);
  await queue.send(laneQueue(ITSM), arrivals);
  const startedAt = Date.now();
  let shown = 0;
  await queue.run(
    (body) => syncTicket(deps, body as DeltaMessage, clock.now()),
    () => tool.doneAt.size >= count || clock.now() > START + DOWN_MS + 3 * 3_600_000,
    (now) => {
      if (now - shown < 3_600_000) return;
      shown = now;
      console.log(`  ${((now - START) / 3_600_000).toFixed(0)} h: ${tool.doneAt.size} of ${count} tickets`);
    },
  );
  const parked = (await tables.parked.range(TENANT, { limit: 1_000 })).length;
  const backAt = START + DOWN_MS;
  const last = Math.max(...tool.doneAt.values());
  const lastHandover = Math.max(...[...tool.doneAt].filter(([key]) => isHandover(key)).map(([, at]) => at));
  // The first few open the breaker.
  const probes = (tool.callsWhileDown - FAILURES_THAT_OPEN) / (DOWN_MS / 60_000);
  const atLimitMs = (count / WRITES_A_SECOND) * 1_000;
  const isMet =
    parked === 0 &&
    tool.doneAt.size === count &&
    tool.created === count &&
    probes <= MOST_PROBES_A_MINUTE &&
    last - backAt <= Math.max(MOST_CATCH_UP_MS, atLimitMs / 0.9);
  console.log(
    `${count} incidents, one target down for 6 h: ${parked} parked, ${probes.toFixed(2)} probes a minute while it is down; all ${tool.doneAt.size} tickets ${minutes(last - backAt)} after it is back (${minutes(atLimitMs)} at its limit of ${WRITES_A_SECOND}/s), the ${count / HANDOVER_EVERY} handovers after ${minutes(lastHandover - backAt)}; ${queue.delivered()} deliveries in virtual time, ${((Date.now() - startedAt) / 1_000).toFixed(0)} s of ours; bar: 0 parked, 1 a minute, 30 min: ${isMet ? "ok" : "MISSED"}`,
  );
  return isMet;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}

function isHandover(key: string): boolean {
  return Number(key.slice(key.lastIndexOf(":") + 1)) % HANDOVER_EVERY === 0;
}

/** They come in evenly over the six hours; some are the customer's turn. */
async function createIncidents(table: SyncDeps["tables"]["incident"], count: number) {
  const arrivals = [];
  for (let index = 0; index < count; index += 1) {
    const at = START + Math.floor((index / count) * DOWN_MS);
    const id = `${index}` as IncidentId;
    const status = index % HANDOVER_EVERY === 0 ? "awaitingAction" : "active";
    const incident = anIncident({ id, tenantId: TENANT, status, revision: revisionFromMs(at) });
    const judged = judgeReading(undefined, { incident, order: { fence: 1, counter: 1 }, now: at, marks: [] });
    if (judged.kind === "unchanged") continue;
    await table.put(incidentPartition(TENANT, id), SNAPSHOT_ROW, packSnapshot(judged.snapshot), "any");
    arrivals.push({ ...firstSending(deltaMessageOf(judged.snapshot)), scheduledAt: at });
  }
  return arrivals;
}

/** A tool of 200 ms a call that is away until `backAt`, then takes so many writes a second and answers 429 beyond. */
function createTool(clock: SyncDeps["clock"], backAt: number) {
  const keys = new Map<string, Ticket>();
  const doneAt = new Map<string, number>();
  let window = { second: 0, writes: 0 };
  const counts = { callsWhileDown: 0, created: 0 };

  async function call(isWrite: boolean): Promise<void> {
    await clock.sleep(200);
    const now = clock.now();
    if (now < backAt) {
      counts.callsWhileDown += 1;
      throw new RetryableError("unavailable", "503");
    }
    if (!isWrite) return;
    const second = Math.floor(now / 1_000);
    if (window.second !== second) window = { second, writes: 0 };
    window.writes += 1;
    if (window.writes > WRITES_A_SECOND) throw new RetryableError("throttled", "429", { retryAfterMs: 1_000 });
  }

  const connector: TicketConnector = {
    id: ITSM,
    kind: "bench",
    mappingVersion: 1,
    settleMs: 5_000,
    fields: [],
    wanted: (projection) => ({
      fields: { values: { key: projection.key, state: projection.lifecycle.stage }, tags: [] },
      statusFields: ["state"],
      ownFields: ["key"],
      expected: {},
    }),
    async find(key) {
      await call(false);
      return keys.get(key);
    },
    async read(ref) {
      await call(false);
      return [...keys.values()].find((ticket) => ticket.ref.id === ref.id);
    },
    async create(fields) {
      await call(true);
      const key = fields.values["key"] ?? "";
      counts.created += 1;
      const ticket = { ref: { id: `${counts.created}`, label: key, url: "" }, values: { ...fields.values }, tags: [] };
      keys.set(key, ticket);
      doneAt.set(key, clock.now());
      return ticket;
    },
    async update(ref, changes) {
      await call(true);
      return { ref, values: changes.values, tags: [] };
    },
    async appendNotes() {
      await call(true);
    },
  };
  return {
    connector,
    doneAt,
    get callsWhileDown() {
      return counts.callsWhileDown;
    },
    get created() {
      return counts.created;
    },
  };
}
