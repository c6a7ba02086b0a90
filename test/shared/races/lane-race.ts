import type fc from "fast-check";
import type { TicketConnector } from "../../../shared/connectors/connector.ts";
import { createBreaker } from "../../../shared/pipeline/breaker.ts";
import type { Link } from "../../../shared/pipeline/link.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";
import type { DeltaMessage } from "../../../shared/pipeline/schema.ts";
import type { SyncDeps } from "../../../shared/pipeline/lane/sync-deps.ts";
import { syncTicket } from "../../../shared/pipeline/lane/sync-ticket.ts";
import { LANE, comment, createLane } from "../../ticket-lane.ts";
import type { VirtualClock } from "../../virtual-clock.ts";
import { ANY_FATE, DEATHS, type Fate, all, createLife, createRace, racing, wrongClock } from "./race.ts";

/** One race for one incident's ticket. */
export interface LanePlan {
  /** The incident's changes, each delivered to so many workers: more than one where a session's lock was lost. */
  readonly changes: readonly { readonly workers: number; readonly status: string; readonly isRemarked: boolean }[];
  /** Time that passes, between any two calls. Milliseconds. */
  readonly pauses: readonly number[];
  readonly fates: readonly Fate[];
  /** By how much the clocks of the two processes are wrong, within the margin that claims carry. */
  readonly skewsMs: readonly [number, number];
  /** How long a new ticket stays invisible to a look-up, at most the settle time. */
  readonly lagMs: number;
}

/** A bug between the product and its ports: in what all workers share, or in each worker's own view of it. */
export interface Planted {
  readonly shared?: (deps: SyncDeps) => SyncDeps;
  readonly own?: (deps: SyncDeps) => SyncDeps;
}

const MOST_DELIVERIES = 10;

/** Runs the race, then lets what waits run out in peace; answers what went wrong. */
export async function raceLane(
  scheduler: fc.Scheduler,
  plan: LanePlan,
  planted: Planted = {},
): Promise<readonly string[]> {
  const lane = await createLane();
  const { clock, bus, tool } = lane;
  const faults: string[] = [];
  const fault = (text: string): void => void (faults.includes(text) || faults.push(text));
  const deps = as(planted.shared, {
    ...lane.deps,
    tables: { ...lane.tables, incident: watchedLinks(lane.tables.incident, fault) },
    connector: watchedTool(tool.connector, clock, plan.lagMs, fault),
  });
  const race = createRace(scheduler, plan.fates);
  const processes = plan.skewsMs.map((skewMs) => {
    const own = wrongClock(clock, () => skewMs);
    const breaker = createBreaker({
      connector: deps.connector.id,
      control: deps.tables.control,
      clock: own,
      log: deps.log,
    });
    return { clock: own, breaker };
  });
  let delivered = 0;

  /** A message is delivered again when its worker died, as the queue does. */
  async function deliver(message: DeltaMessage): Promise<void> {
    for (let delivery = 1; delivery <= MOST_DELIVERIES; delivery += 1) {
      const life = createLife();
      const process = processes[(delivered += 1) % processes.length];
      const { incident, ...others } = deps.tables;
      const own = as(planted.own, {
        ...deps,
        ...process,
        connector: racing(deps.connector, "tool", race, life, ANY_FATE),
        tables: { ...others, incident: racing(incident, "incident", race, life, ANY_FATE) },
        bus: racing(deps.bus, "bus", race, life, DEATHS),
      });
      try {
        if ((await Promise.race([syncTicket(own, message, own.clock.now()), life.death])) !== "died") return;
      } catch (error) {
        fault(`a living worker spent a delivery: ${String(error)}`);
        return;
      }
    }
  }

  const running: Promise<unknown>[] = [];
  let remarks = 0;
  const change = async (): Promise<void> => {
    for (const [index, { workers, status, isRemarked }] of plan.changes.entries()) {
      await scheduler.schedule(Promise.resolve(), "the source changes");
      remarks += isRemarked ? 1 : 0;
      const comments = Array.from({ length: remarks }, (_each, of) => comment(`remark ${of}`));
      const message = await lane.change({ title: titleOf(index), status, comments });
      for (let worker = 0; worker < workers; worker += 1) running.push(deliver(message));
    }
  };
  const passTime = async (): Promise<void> => {
    for (const pauseMs of plan.pauses) {
      await scheduler.schedule(Promise.resolve(), "time passes");
      await clock.advance(pauseMs);
      const due = bus.sent.filter(({ queue, scheduledAt }) => queue === LANE && (scheduledAt ?? 0) <= clock.now());
      for (const copy of due) {
        bus.sent.splice(bus.sent.indexOf(copy), 1);
        running.push(deliver(copy.body as DeltaMessage));
      }
    }
  };
  running.push(change(), passTime());
  await scheduler.waitFor(all(running));
  await lane.drain(48, deps);

  const [ticket, ...more] = tool.tickets.values();
  const link = await lane.link();
  if (more.length > 0) fault("a second ticket");
  if (ticket?.values["title"] !== titleOf(plan.changes.length - 1)) fault("the ticket does not show the newest change");
  if (link.appliedSeq !== lane.newestSeq()) fault("the link does not end at the newest change");
  if (link.intent !== undefined) fault("a claim is left");
  const posted = ticket?.notes.map(({ id }) => id) ?? [];
  if (new Set(posted).size < posted.length) fault("a remark twice");
  if (new Set(posted).size < remarks) fault("a remark is missing");
  return faults;
}

function as(planted: Planted["own"], deps: SyncDeps): SyncDeps {
  return planted === undefined ? deps : planted(deps);
}

function titleOf(index: number): string {
  return `The incident after its change number ${index}`;
}

/** Sees each link that is written. */
function watchedLinks(table: Table, fault: (text: string) => void): Table {
  let applied = 0;
  const see = (row: string, value: unknown): void => {
    if (!row.startsWith("link:")) return;
    const { appliedSeq } = value as Link;
    if (appliedSeq < applied) fault("the link went back");
    applied = appliedSeq;
  };
  return {
    ...table,
    async put(partition, row, value, condition) {
      const etag = await table.put(partition, row, value, condition);
      see(row, value);
      return etag;
    },
    async batch(partition, writes) {
      const etags = await table.batch(partition, writes);
      for (const write of writes) if (write.kind === "put") see(write.row, write.value);
      return etags;
    },
  };
}

/** Sees each title that is written, and shows a new ticket to look-ups late. */
function watchedTool(
  tool: TicketConnector,
  clock: VirtualClock,
  lagMs: number,
  fault: (text: string) => void,
): TicketConnector {
  const madeAt = new Map<string, number>();
  let shown = "";
  const see = (title: string | undefined): void => {
    if (title === undefined) return;
    if (title < shown) fault("the ticket went back");
    shown = title;
  };
  return {
    ...tool,
    async find(...args) {
      const found = await tool.find(...args);
      const isVisible = found !== undefined && clock.now() >= (madeAt.get(found.ref.id) ?? 0) + lagMs;
      return isVisible ? found : undefined;
    },
    async create(fields, signal) {
      if (tool.create === undefined) throw new Error("this tool makes tickets");
      const made = await tool.create(fields, signal);
      madeAt.set(made.ref.id, clock.now());
      see(fields.values["title"]);
      return made;
    },
    async update(ref, changes, signal) {
      const after = await tool.update(ref, changes, signal);
      see(changes.values["title"]);
      return after;
    },
  };
}
