import type { Message } from "./broker.ts";
import type { Life } from "./life.ts";
import type { Timeline } from "./timeline.ts";

const SOON_MS = 500;
const AGAIN_MS = 10_000;
/** A lock on a dead letter ends like any other. */
const LOCK_MS = 60_000;

/** Takes away what queues have given up: a process that is there is asked until one of them has done it. */
export function drainInto(world: {
  readonly timeline: Timeline;
  lives(): readonly Life[];
}): (message: Message, taken: () => void) => void {
  const { timeline } = world;
  return (message, taken) => {
    timeline.after(SOON_MS, () => void take());

    async function take(): Promise<void> {
      if (message.isGone) return;
      const [life] = world.lives();
      const drained = life?.operator.drain(message.queue, JSON.parse(message.text), "MaxDeliveryCountExceeded").then(
        () => true,
        () => false,
      );
      const isDone = await Promise.race([drained ?? false, timeline.pause(LOCK_MS)]);
      if (isDone === true) taken();
      else timeline.after(AGAIN_MS, () => void take());
    }
  };
}
