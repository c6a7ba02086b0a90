import { createMemoryTables } from "../local/store/memory-tables.ts";
import { RetryableError } from "../shared/errors.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../shared/incident/ball.ts";
import type { Comment, Incident, IncidentId } from "../shared/incident/incident.ts";
import { revisionFromMs } from "../shared/incident/revision.ts";
import { createBornAt } from "../shared/pipeline/born-at.ts";
import { createBreaker } from "../shared/pipeline/breaker.ts";
import { deltaMessageOf } from "../shared/pipeline/delta-message.ts";
import { judgeReading } from "../shared/pipeline/detect/judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition } from "../shared/pipeline/keys.ts";
import { type Link, newLink, unpackLink } from "../shared/pipeline/link.ts";
import { acquirePollLease } from "../shared/pipeline/poll-state.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";
import { type StoredSnapshot, packSnapshot } from "../shared/pipeline/stored-snapshot.ts";
import type { SyncDeps, SyncOutcome } from "../shared/pipeline/lane/sync-deps.ts";
import { DEFAULT_TICKET_POLICY, type TicketPolicy } from "../shared/pipeline/lane/ticket-policy.ts";
import { syncTicket } from "../shared/pipeline/lane/sync-ticket.ts";
import { NO_METRICS } from "../shared/pipeline/ports/metrics.ts";
import { TENANT, anIncident } from "./build.ts";
import { type FakeTool, createFakeTool } from "./fake-connector.ts";
import { createRecordingBus } from "./recording-bus.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const LANE = "incident-deltas-itsm";
export const TIMEOUT = new RetryableError("timeout", "no answer", { mayHaveHappened: true });
export const DOWN = new RetryableError("unavailable", "503");

/** One lane over memory, with a tool that can be told to fail. */
export async function createLane(
  options: Parameters<typeof createFakeTool>[0] = {},
  policy: Partial<TicketPolicy> = {},
) {
  const clock = createVirtualClock();
  const tables = createMemoryTables();
  // This tenant has been read for long: nothing of its state was lost lately.
  await acquirePollLease(tables.control, TENANT, 1, 0);
  const bus = createRecordingBus();
  const tool: FakeTool = createFakeTool(options);
  let uuids = 0;
  const deps: SyncDeps = {
    connector: tool.connector,
    breaker: createBreaker({ connector: tool.connector.id, control: tables.control, clock, log: SILENT }),
    bornAt: createBornAt({ control: tables.control, clock }),
    policy: { ...DEFAULT_TICKET_POLICY, ...policy },
    tenantIds: [TENANT],
    assignees: DEFAULT_ASSIGNEE_NAMES,
    tables,
    bus,
    clock,
    random: { next: () => 0.5, uuid: () => `uuid-${(uuids += 1)}` },
    log: SILENT,
    metrics: NO_METRICS,
    deadlineMs: 45_000,
    marginMs: 2_000,
  };
  const partition = incidentPartition(TENANT, "29" as IncidentId);
  let snapshot: StoredSnapshot | undefined;

  return {
    clock,
    tables,
    bus,
    tool,
    deps,
    /** Saves a change as detect does and answers its delta. */
    async change(fields: Partial<Incident>): Promise<DeltaMessage> {
      await clock.advance(1_000);
      const revision = revisionFromMs(clock.now());
      const incident = anIncident({ ...snapshot?.incident, ...fields, revision });
      const order = { fence: 1, counter: clock.now() };
      const judged = judgeReading(snapshot, { incident, order, now: clock.now(), marks: [] });
      if (judged.kind === "unchanged") throw new Error("not a change");
      snapshot = judged.snapshot;
      await tables.incident.put(partition, SNAPSHOT_ROW, packSnapshot(snapshot), "any");
      return deltaMessageOf(snapshot);
    },
    /** Counts these incidents as merged into this one, as detect does. */
    async merge(losers: readonly string[]): Promise<void> {
      if (snapshot === undefined) throw new Error("nothing to merge into");
      snapshot = { ...snapshot, mergedFrom: losers as readonly IncidentId[] };
      await tables.incident.put(partition, SNAPSHOT_ROW, packSnapshot(snapshot), "any");
    },
    /** Another incident of the tenant, with its ticket where it has one. */
    async putOther(id: string, fields: Partial<Incident>, ticket: string | undefined): Promise<void> {
      const incident = anIncident({ ...fields, id: id as IncidentId, revision: revisionFromMs(clock.now()) });
      const reading = { incident, order: { fence: 1, counter: 1 }, now: clock.now(), marks: [] };
      const judged = judgeReading(undefined, reading);
      if (judged.kind === "unchanged") throw new Error("not a change");
      const place = incidentPartition(TENANT, id as IncidentId);
      await tables.incident.put(place, SNAPSHOT_ROW, packSnapshot(judged.snapshot), "any");
      if (ticket === undefined) return;
      const link: Link = { ...newLink(clock.now()), ticket: { id: ticket, label: ticket, url: "" } };
      await tables.incident.put(place, "link:itsm", link, "any");
    },
    run: (message: DeltaMessage): Promise<SyncOutcome> => syncTicket(deps, message, clock.now()),
    /** Delivers copies as they fall due, until none is left or `hours` have passed. */
    async drain(hours = 48, through: SyncDeps = deps): Promise<readonly SyncOutcome[]> {
      const outcomes: SyncOutcome[] = [];
      const end = clock.now() + hours * 3_600_000;
      for (;;) {
        const next = bus.sent
          .filter((message) => message.queue === LANE)
          .toSorted((a, b) => (a.scheduledAt ?? 0) - (b.scheduledAt ?? 0))[0];
        if (next === undefined || (next.scheduledAt ?? 0) > end) return outcomes;
        bus.sent.splice(bus.sent.indexOf(next), 1);
        await clock.advance(Math.max(0, (next.scheduledAt ?? 0) - clock.now()));
        outcomes.push(await syncTicket(through, next.body as DeltaMessage, clock.now()));
      }
    },
    newestSeq: (): number => snapshot?.seq ?? 0,
    async link(): Promise<Link> {
      const row = await tables.incident.get(partition, "link:itsm");
      return unpackLink(row?.value);
    },
    ticket() {
      const [ticket] = tool.tickets.values();
      if (ticket === undefined) throw new Error("no ticket");
      return ticket;
    },
  };
}

export function comment(text: string): Comment {
  return { author: "Defender Experts", createdAt: "2026-02-25T16:29:33.1Z", text };
}
