import { createHeap } from "./heap.ts";

/** What is due when, under a clock that is asked, never waited for. */
export interface Timers {
  readonly nextDue: number | undefined;
  /** `run` must itself check that it still applies: nothing is taken out early. */
  at(due: number, run: (now: number) => void): void;
  /** Runs everything due by now, the earliest first, and of the same time in the order it was asked for. */
  advance(now: number): void;
}

interface Entry {
  readonly due: number;
  readonly order: number;
  readonly run: (now: number) => void;
}

export function createTimers(): Timers {
  const entries = createHeap<Entry>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  let order = 0;
  let isAdvancing = false;
  return {
    get nextDue() {
      return entries.peek()?.due;
    },
    at(due, run) {
      order += 1;
      entries.push({ due, order, run });
    },
    advance(now) {
      if (isAdvancing) return;
      isAdvancing = true;
      try {
        for (let next = entries.peek(); next !== undefined && next.due <= now; next = entries.peek()) {
          entries.pop();
          next.run(now);
        }
      } finally {
        isAdvancing = false;
      }
    },
  };
}
