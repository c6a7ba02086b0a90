import type { StoryClock } from "../../../../local/simulators/scenario/story-clock.ts";

/** Time that passes only when told to; runs what comes due in order. */
export function createManualStoryClock(): StoryClock & { pass(ms: number): Promise<void> } {
  let now = 0;
  let waiting: Array<{ readonly at: number; readonly act: () => void }> = [];
  return {
    now: () => now,
    after(ms, act) {
      const entry = { at: now + ms, act };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        const [due] = waiting.filter(({ at }) => at <= end).toSorted((left, right) => left.at - right.at);
        if (due === undefined) break;
        waiting = waiting.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.act();
        // Lets the end of a play be noticed before time goes on.
        await new Promise(setImmediate);
      }
      now = end;
    },
  };
}
