import type { OperationsRecord } from "./operations-record.ts";
import type { World } from "./world.ts";

/** Nobody makes the tables anew within this: no write is on its way any more that was claimed in those that are gone. */
const AWAY_MS = [5_000, 60_000, 30 * 60_000] as const;

/** Everything that the bus holds is gone, or everything that the tables hold; often while there is much of it. */
export function startLosses(world: World, record: OperationsRecord): void {
  const { plan, timeline, trace, until, startedAt, broker } = world;
  const random = world.random.fork("losses");
  const sometime = (times: number, work: () => void): void => {
    for (let time = 0; time < times; time += 1) timeline.at(random.between(startedAt, until), work);
  };
  sometime(plan.operations.busLosses, () => loseBus());
  sometime(plan.operations.stateLosses, () => void loseState());

  function loseBus(tries = 200): void {
    if (world.isCalm()) return;
    if (tries > 0 && broker.waiting() === 0) {
      timeline.after(random.between(10, 2_000), () => loseBus(tries - 1));
      return;
    }
    trace.fault("bus lost");
    trace.note("bus", `loses ${broker.waiting()} messages`);
    record.busLostAt.push(timeline.now());
    broker.lose();
  }

  /** No process outlives its tables: a folder is not taken from one that runs, and Azure does not give a deleted table's name again at once. */
  async function loseState(): Promise<void> {
    if (world.isCalm()) return;
    trace.fault("state lost");
    for (let [life] = world.lives(); life !== undefined; [life] = world.lives()) world.kill(life);
    await world.loseState();
    record.stateLostAt.push(timeline.now());
    timeline.after(random.pick(AWAY_MS), () => {
      if (world.lives().length === 0) world.start();
      world.touch();
    });
  }
}
