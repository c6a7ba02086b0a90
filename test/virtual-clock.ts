import type { Clock } from "../shared/pipeline/ports/clock.ts";

export interface VirtualClock extends Clock {
  /** Moves time; sleepers whose time has come wake in order. */
  advance(ms: number): Promise<void>;
}

export function createVirtualClock(start = Date.UTC(2026, 5, 1)): VirtualClock {
  let now = start;
  let sleepers: { readonly at: number; wake(): void }[] = [];
  return {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener(
          "abort",
          () => {
            sleepers = sleepers.filter((other) => other !== sleeper);
            reject(new Error("aborted"));
          },
          { once: true },
        );
      });
    },
    async advance(ms) {
      const target = now + ms;
      for (;;) {
        const next = sleepers.toSorted((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > target) break;
        now = Math.max(now, next.at);
        sleepers = sleepers.filter((other) => other !== next);
        next.wake();
        await Promise.resolve();
      }
      now = target;
    },
  };
}
