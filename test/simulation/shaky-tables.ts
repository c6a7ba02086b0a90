import { RetryableError } from "../../shared/errors.ts";
import type { Table, Tables } from "../../shared/pipeline/ports/table.ts";
import type { FaultPlan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

/** A store that takes its time, turns callers away, or does what it is asked and does not say so. */
export function shakyTables(
  tables: Tables,
  world: {
    readonly plan: FaultPlan;
    readonly random: Prng;
    readonly timeline: Timeline;
    readonly trace: Trace;
    isCalm(): boolean;
  },
): Tables {
  const { plan, random, timeline, trace } = world;
  return {
    incident: shaky(tables.incident),
    open: shaky(tables.open),
    report: shaky(tables.report),
    parked: shaky(tables.parked),
    control: shaky(tables.control),
  };

  function shaky(table: Table): Table {
    return {
      get: (...args) => operate(() => table.get(...args), false),
      getMany: (...args) => operate(() => table.getMany(...args), false),
      range: (...args) => operate(() => table.range(...args), false),
      put: (...args) => operate(() => table.put(...args), true),
      delete: (...args) => operate(() => table.delete(...args), true),
      batch: (...args) => operate(() => table.batch(...args), true),
    };
  }

  async function operate<T>(work: () => Promise<T>, isWrite: boolean): Promise<T> {
    if (plan.tableLatencyMs > 0) await timeline.pause(random.between(0, 2 * plan.tableLatencyMs));
    if (world.isCalm() || plan.tableFails === 0 || !random.chance(plan.tableFails)) return work();
    if (!isWrite || random.chance(0.5)) {
      trace.fault("table turned away");
      throw new RetryableError("throttled", "the store is busy", { retryAfterMs: random.int(3_000) });
    }
    await work();
    trace.fault("table done unseen");
    throw new RetryableError("timeout", "the store did not answer", { mayHaveHappened: true });
  }
}
