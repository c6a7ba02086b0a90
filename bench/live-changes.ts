import { setTimeout as sleep } from "node:timers/promises";
import type { GraphSimulator } from "../local/simulators/graph/start-graph.ts";
import type { Bus } from "../shared/pipeline/ports/bus.ts";
import type { DeltaMessage } from "../shared/pipeline/schema.ts";

const INCIDENTS = 1_000;
/** Older than any overlap, so that only the changes are in it. */
const AGE_MS = 12 * 60 * 60_000;
const CHANGE_EVERY_MS = 250;
/** What is not published so long after its change is lost. */
const LOST_MS = 60_000;

export interface Lateness {
  readonly lateMs: readonly number[];
  readonly lost: number;
}

/** Changes of a simulated tenant, four a second, and a bus that takes the time until each is published. */
export interface LiveChanges {
  readonly bus: Bus;
  /** Changes one incident after the other until it is over, and waits until all are published. */
  run(isOver: (passedMs: number) => Promise<boolean>): Promise<Lateness>;
}

export function createLiveChanges(graph: GraphSimulator): LiveChanges {
  const from = Date.now() - AGE_MS;
  const ids = Array.from(
    { length: INCIDENTS },
    (_unused, index) => graph.incidents.create({}, { stamp: new Date(from + index * 1_000).toISOString() }).id,
  );
  const changedAt = new Map<string, number>();
  let lateMs: number[] = [];
  let made = 0;

  function change(): void {
    const id = ids[made % INCIDENTS] ?? "";
    made += 1;
    changedAt.set(id, Date.now());
    graph.incidents.change(id, { description: `change ${made}` });
  }

  return {
    bus: {
      send(_queue, messages) {
        const now = Date.now();
        for (const { incidentId, changed } of messages.map(({ body }) => body as DeltaMessage)) {
          const at = changedAt.get(incidentId);
          if (at === undefined || !changed.includes("description")) continue;
          lateMs.push(now - at);
          changedAt.delete(incidentId);
        }
        return Promise.resolve();
      },
    },
    async run(isOver) {
      lateMs = [];
      const startedAt = Date.now();
      while (!(await isOver(Date.now() - startedAt))) {
        change();
        await sleep(CHANGE_EVERY_MS);
      }
      for (let waited = 0; changedAt.size > 0 && waited < LOST_MS; waited += 1_000) await sleep(1_000);
      const lost = changedAt.size;
      changedAt.clear();
      return { lateMs, lost };
    },
  };
}
