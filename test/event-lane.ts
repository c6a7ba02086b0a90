import { createMemoryTables } from "../local/store/memory-tables.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import type { EventConnector } from "../shared/connectors/event-connector.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { Incident, IncidentId } from "../shared/incident/incident.ts";
import type { LifecycleEvent } from "../shared/incident/lifecycle-event.ts";
import { revisionFromMs } from "../shared/incident/revision.ts";
import { createBreaker } from "../shared/pipeline/breaker.ts";
import { deltaMessageOf } from "../shared/pipeline/delta-message.ts";
import { judgeReading } from "../shared/pipeline/detect/judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition, linkRow } from "../shared/pipeline/keys.ts";
import { type Link, unpackLink } from "../shared/pipeline/link.ts";
import type { Metrics } from "../shared/pipeline/ports/metrics.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";
import { sendEvent } from "../shared/pipeline/lane/send-event.ts";
import { type StoredSnapshot, packSnapshot } from "../shared/pipeline/stored-snapshot.ts";
import type { EventDeps, SyncOutcome } from "../shared/pipeline/lane/sync-deps.ts";
import { TENANT, anIncident } from "./build.ts";
import { createRecordingBus } from "./recording-bus.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const SOAR = "soar" as ConnectorId;

/** A receiver in memory, which can be told to fail. */
export interface FakeReceiver {
  readonly connector: EventConnector;
  readonly taken: LifecycleEvent[];
  /** How often it was called, refusals included. */
  calls: number;
  /** The next call: "before" fails without taking the event, "after" takes it and then fails. */
  fail(when: "before" | "after", error: Error): void;
}

export function createFakeReceiver(): FakeReceiver {
  const taken: LifecycleEvent[] = [];
  const failures: { when: "before" | "after"; error: Error }[] = [];
  const receiver: FakeReceiver = {
    taken,
    calls: 0,
    fail: (when, error) => void failures.push({ when, error }),
    connector: {
      id: SOAR,
      kind: "fake",
      async send(event) {
        receiver.calls += 1;
        await Promise.resolve();
        const failure = failures.shift();
        if (failure?.when !== "before") taken.push(event);
        if (failure !== undefined) throw failure.error;
      },
    },
  };
  return receiver;
}

/** One event lane over memory, with a receiver of the test's or one that can be told to fail. */
export function createEventLane(options: { readonly connector?: EventConnector; readonly metrics?: Metrics } = {}) {
  const clock = createVirtualClock();
  const tables = createMemoryTables();
  const bus = createRecordingBus();
  const receiver = createFakeReceiver();
  const connector = options.connector ?? receiver.connector;
  let uuids = 0;
  const deps: EventDeps = {
    connector,
    breaker: createBreaker({ connector: connector.id, control: tables.control, clock, log: SILENT }),
    tenantIds: [TENANT],
    assignees: DEFAULT_ASSIGNEE_NAMES,
    tables,
    bus,
    clock,
    random: { next: () => 0.5, uuid: () => `uuid-${(uuids += 1)}` },
    log: SILENT,
    metrics: options.metrics ?? NO_METRICS,
    deadlineMs: 45_000,
  };
  const snapshots = new Map<string, StoredSnapshot>();

  return {
    clock,
    tables,
    bus,
    receiver,
    deps,
    /** Saves a change as detect does and answers its delta. */
    async change(fields: Partial<Incident>, id = "29"): Promise<DeltaMessage> {
      await clock.advance(1_000);
      const before = snapshots.get(id);
      const revision = revisionFromMs(clock.now());
      const incident = anIncident({ ...before?.incident, ...fields, id: id as IncidentId, revision });
      const order = { fence: 1, counter: clock.now() };
      const judged = judgeReading(before, { incident, order, now: clock.now(), marks: [] });
      if (judged.kind === "unchanged") throw new Error("not a change");
      await tables.incident.put(partitionOf(id), SNAPSHOT_ROW, packSnapshot(judged.snapshot), "any");
      snapshots.set(id, judged.snapshot);
      return deltaMessageOf(judged.snapshot);
    },
    run: (message: DeltaMessage): Promise<SyncOutcome> => sendEvent(deps, message, clock.now()),
    /** Delivers copies as they fall due, until none is left or `hours` have passed. */
    async drain(hours = 48): Promise<readonly SyncOutcome[]> {
      const outcomes: SyncOutcome[] = [];
      const end = clock.now() + hours * 3_600_000;
      for (;;) {
        const next = bus.sent.toSorted((a, b) => (a.scheduledAt ?? 0) - (b.scheduledAt ?? 0))[0];
        if (next === undefined || (next.scheduledAt ?? 0) > end) return outcomes;
        bus.sent.splice(bus.sent.indexOf(next), 1);
        await clock.advance(Math.max(0, (next.scheduledAt ?? 0) - clock.now()));
        outcomes.push(await sendEvent(deps, next.body as DeltaMessage, clock.now()));
      }
    },
    async link(id = "29"): Promise<Link> {
      return unpackLink((await tables.incident.get(partitionOf(id), linkRow(connector.id)))?.value);
    },
    async setLink(change: (link: Link) => Link, id = "29"): Promise<void> {
      const row = await tables.incident.get(partitionOf(id), linkRow(connector.id));
      await tables.incident.put(partitionOf(id), linkRow(connector.id), change(unpackLink(row?.value)), "any");
    },
    snapshot(id = "29"): StoredSnapshot {
      const snapshot = snapshots.get(id);
      if (snapshot === undefined) throw new Error("nothing happened yet");
      return snapshot;
    },
    parked: (id = "29") => tables.parked.get(TENANT, `${id}:${connector.id}`),
  };
}

function partitionOf(id: string): string {
  return incidentPartition(TENANT, id as IncidentId);
}
