import { onTestFinished } from "vitest";
import { type GraphOptions, startGraph } from "../local/simulators/graph/start-graph.ts";
import { createMemoryTables } from "../local/store/memory-tables.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { type GraphToken, createGraph } from "../shared/graph/graph-client.ts";
import { createGraphSource } from "../shared/graph/graph-source.ts";
import { createHttp } from "../shared/http/request.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import { revisionOf } from "../shared/incident/revision.ts";
import { type PollReport, detectChanges } from "../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../shared/pipeline/detect/detect-deps.ts";
import { type PollState, readPollState } from "../shared/pipeline/poll-state.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";
import { unpackSnapshot } from "../shared/pipeline/stored-snapshot.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import { formatTicks } from "../local/simulators/graph/ticks.ts";
import { createRecordingBus } from "./recording-bus.ts";
import { createRecordingLog } from "./recording-log.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const TOKEN = "a-token-for-tests";

export interface GraphTenantOptions {
  readonly experts?: "only" | "all";
  readonly requestsPerMinute?: number;
  readonly graph?: GraphOptions;
  readonly token?: GraphToken;
  /** Alerts are refused unless they are wanted: they cost a request an incident. */
  readonly withAlerts?: boolean;
}

export type GraphTenant = Awaited<ReturnType<typeof startGraphTenant>>;

/** The reading side with its real clients over HTTP, against a simulated Graph; the time of both is virtual. Closed with the test. */
export async function startGraphTenant(options: GraphTenantOptions = {}) {
  const clock = createVirtualClock();
  const skew = { ms: 0 };
  const ours = { now: () => clock.now() + skew.ms, sleep: clock.sleep };
  const graph = await startGraph({ clock, tokens: [TOKEN], ...options.graph });
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: ours, userAgent: "test" });
  onTestFinished(async () => {
    await http.close();
    await graph.close();
  });
  const tenantId = graph.tenantId as TenantId;
  const client = await createGraph({
    baseUrl: graph.url,
    http,
    token: options.token ?? (() => Promise.resolve(TOKEN)),
  });
  const source = await createGraphSource({ tenantId, graph: client, clock: ours });
  const tables = createMemoryTables();
  const bus = createRecordingBus();
  const log = createRecordingLog();
  const deps: DetectDeps = {
    tenant: {
      id: tenantId,
      scope: {
        experts: options.experts ?? "all",
        minimumSeverity: "informational",
        createdAfter: "2026-01-01T00:00:00Z",
        assignees: DEFAULT_ASSIGNEE_NAMES,
      },
      assignees: DEFAULT_ASSIGNEE_NAMES,
      lanes: ["itsm" as ConnectorId],
      overlapMs: 120_000,
      requestsPerMinute: options.requestsPerMinute ?? 1_000,
    },
    source: options.withAlerts === true ? source : { ...source, details: () => Promise.resolve({ refused: 403 }) },
    tables,
    bus,
    clock: ours,
    random: { next: () => 0, uuid: () => "uuid" },
    log,
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    leaseMs: 17_000,
  };

  async function snapshot(id: string) {
    const row = await tables.incident.get(`${tenantId}:${id}`, "snapshot");
    return row === undefined ? undefined : unpackSnapshot(row.value);
  }

  return {
    clock,
    /** How far our clock goes ahead of the source's. */
    skew,
    graph,
    http,
    tables,
    bus,
    log,
    deps,
    snapshot,
    poll: (ids: readonly string[] = []): Promise<PollReport> => detectChanges(deps, ids, new AbortController().signal),
    async state(): Promise<PollState> {
      const held = await readPollState(tables.control, tenantId);
      if (held === undefined) throw new Error("never polled");
      return held.state;
    },
    deltas: (): DeltaMessage[] => bus.take("incident-deltas-itsm").map((message) => message.body as DeltaMessage),
    /** What Graph holds and we do not, in words: not read, not the newest, not published, or owed still. Empty where nothing is lost. */
    async lost(): Promise<readonly string[]> {
      const announced = new Map<string, number>();
      for (const { queue, body } of bus.attempts) {
        if (queue !== "incident-deltas-itsm") continue;
        const { incidentId, seq } = body as DeltaMessage;
        announced.set(incidentId, Math.max(seq, announced.get(incidentId) ?? 0));
      }
      const problems = [];
      for (const record of graph.incidents.all()) {
        const held = await snapshot(record.id);
        const { id, status } = record;
        if (held === undefined) problems.push(`${id}: not read`);
        else if (held.incident.revision !== revisionOf(formatTicks(record.updatedTicks))) problems.push(`${id}: older`);
        else if (held.incident.status !== status) problems.push(`${id}: ${held.incident.status}, not ${status}`);
        else if (held.marks.length > 0) problems.push(`${id}: owes ${held.marks.join()}`);
        else if (announced.get(id) !== held.seq) problems.push(`${id}: not published`);
      }
      return problems;
    },
  };
}
