import type { Life } from "./life.ts";
import { type Drop, type OperationsRecord, type ParkedLine, toolOf } from "./operations-record.ts";
import { tenantIdOf } from "./product-config.ts";
import type { World } from "./world.ts";

export interface Operator {
  /** The causes are mended: what is held goes on, and what is parked is replayed. */
  finish(): void;
  list(): Promise<readonly ParkedLine[]>;
  resume(connector: string): void;
  /** At the end at the latest somebody resumes it. */
  holdsUntilTheEnd(connector: string): void;
}

const MINUTE = 60_000;
const ANSWER_MS = 5 * MINUTE;
const AGAIN_MS = 5_000;
const MOST_TRIES = 1_000;
/** After the faults stopped: what is on its way may still be parked, so it is looked at twice. */
const LAST_LOOKS_MS = [10 * MINUTE, 60 * MINUTE];
/** A walk that was asked for is over by then. */
const SWEEP_MS = 20 * MINUTE;
const REASON = { reason: "the simulation's operator" };

/** Somebody at the operator's desk: looks at what is parked, replays or drops it, and asks for polls, sweeps and pauses. */
export function startOperator(world: World, record: OperationsRecord): Operator {
  const { plan, timeline, trace, until, startedAt } = world;
  const { operations } = plan;
  const random = world.random.fork("operator");
  const held: object[] = [];
  const sometime = (times: number, work: () => unknown): void => {
    for (let time = 0; time < times; time += 1) {
      timeline.at(random.between(startedAt, until), () => {
        if (!world.isCalm()) void work();
      });
    }
  };
  sometime(operations.looks, look);
  sometime(operations.orders, orderSomething);

  return {
    list: () => persist((life) => life.operator.parked()).then((lines) => lines ?? []),
    resume: (connector) => void order("resume", { connector }),
    holdsUntilTheEnd: (connector) => void held.push({ connector }),
    finish() {
      for (const what of held.splice(0)) void order("resume", what);
      for (const ms of LAST_LOOKS_MS) timeline.after(ms, () => void order("replay", { all: true }));
      if (!operations.isLeftToTheWalk && record.busLostAt.length > 0)
        timeline.after(SWEEP_MS, () => void order("sweep", {}));
    },
  };

  async function look(): Promise<void> {
    const lines = (await persist((life) => life.operator.parked())) ?? [];
    trace.note("operator", `finds ${lines.length} parked`);
    if (lines.length > 0 && random.chance(0.2)) {
      await order("replay", { all: true });
      return;
    }
    for (const line of lines) {
      if (random.chance(operations.dropped)) await drop(line);
      else if (random.chance(0.7)) await order("replay", named(line));
    }
  }

  async function drop(line: ParkedLine): Promise<void> {
    // What could not be read from the source is nobody's to drop: its next good reading clears it.
    if (line.what === "source") return;
    const place = toolOf(line.what);
    if (place === undefined) {
      for (const poison of record.poison) poison.isGone ||= poison.queue === line.what && poison.text === line.body;
      await order("drop", named(line));
      return;
    }
    const { incidentId } = line;
    const seq = line.seq ?? (line.body as { readonly seq?: number } | undefined)?.seq ?? 0;
    const dropped: Drop = { ...place, incidentId, seq, takenAt: undefined };
    record.drops.push(dropped);
    const answer = await order("drop", named(line));
    if (answer?.status === 202) dropped.takenAt = timeline.now();
  }

  async function orderSomething(): Promise<void> {
    const tenant = random.pick([...plan.tenants]);
    const operation = random.pick(["poll", "sweep", "pause", "pause"]);
    if (operation !== "pause") {
      await order(operation, random.chance(0.5) ? {} : { tenant: tenantIdOf(tenant) });
      return;
    }
    const connector = random.pick([`itsm-${tenant}`, ...(plan.hasSentinel ? [`sentinel-${tenant}`] : [])]);
    const what = random.chance(0.4) ? { tenant: tenantIdOf(tenant) } : { connector };
    held.push(what);
    await order("pause", what);
    if (held.includes(what)) await timeline.pause(random.between(MINUTE, 25 * MINUTE));
    const index = held.indexOf(what);
    if (index >= 0) held.splice(index, 1);
    await order("resume", what);
  }

  async function order(operation: string, what: object): Promise<{ readonly status: number } | undefined> {
    trace.fault(`order: ${operation}`);
    const answer = await persist((life) => life.operator.order(operation, { ...what, ...REASON }));
    trace.note("operator", `${operation} ${JSON.stringify(what)} → ${JSON.stringify(answer)}`);
    world.touch();
    return answer;
  }

  /** Whoever gets no answer asks again, of whichever process is there then. */
  async function persist<T>(work: (life: Life) => Promise<T>): Promise<T | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const [life] = world.lives();
      if (life !== undefined) {
        const answer = work(life).then(
          (value) => ({ value }),
          () => undefined,
        );
        const answered = await Promise.race([answer, timeline.pause(ANSWER_MS)]);
        if (typeof answered === "object") return answered.value;
      }
      await timeline.pause(random.between(AGAIN_MS, 2 * AGAIN_MS));
    }
    return undefined;
  }
}

function named({ tenantId, incidentId, what }: ParkedLine): object {
  return { tenant: tenantId, incident: incidentId, connector: what };
}
