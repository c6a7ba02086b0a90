import type { HostClock } from "../host-clock.ts";

/** Gathers what is pushed one by one into batches, one batch under way at a time. */
export interface BatchCollector<Item> {
  /** Resolves when the item's batch is done. */
  add(item: Item): Promise<void>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Long enough for what the bus sends together to arrive together. */
const GATHER_MS = 10;

export function createBatchCollector<Item>(
  maxSize: number,
  clock: HostClock,
  run: (items: readonly Item[]) => Promise<void>,
): BatchCollector<Item> {
  const waiting: Waiting<Item>[] = [];
  let isRunning = false;

  async function runNext(): Promise<void> {
    const batch = waiting.splice(0, maxSize);
    try {
      await run(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    isRunning = false;
    schedule();
  }

  function schedule(): void {
    if (isRunning || waiting.length === 0) return;
    isRunning = true;
    clock.after(GATHER_MS, () => void runNext());
  }

  return {
    add: async (item) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      }),
  };
}
