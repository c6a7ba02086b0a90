import type { HostClock } from "../../../local/host/host-clock.ts";

export interface VirtualClock extends HostClock {
  /** Moves on to this time, running what falls due in order and letting what it started go on. */
  advanceTo(timeMs: number): Promise<void>;
  /** Sets the clock as a person would: nothing that waits is run by it. */
  setTo(timeMs: number): void;
}

export function createVirtualClock(startMs: number): VirtualClock {
  let now = startMs;
  /** What waits is due by the time that passes, not by what the clock is set to. */
  let shift = 0;
  const waiting = new Set<{ readonly due: number; readonly run: () => void }>();
  return {
    now: () => now,
    after: (ms, run) => {
      const entry = { due: now - shift + ms, run };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    setTo: (timeMs) => {
      shift += timeMs - now;
      now = timeMs;
    },
    advanceTo: async (timeMs) => {
      await settle();
      for (;;) {
        const [next] = [...waiting].sort((one, other) => one.due - other.due);
        if (next === undefined || next.due + shift > timeMs) break;
        waiting.delete(next);
        now = Math.max(now, next.due + shift);
        next.run();
        await settle();
      }
      now = timeMs;
    },
  };
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
