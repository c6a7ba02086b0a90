/** Virtual time: what is due is done in order, and all that follows from it before anything else. */
export interface Timeline {
  now(): number;
  /** Returns how to call it off. */
  at(time: number, work: () => void): () => void;
  after(ms: number, work: () => void): () => void;
  /** Resolves after `ms`. */
  pause(ms: number): Promise<void>;
  /** Does what is due until then; `isOver` is asked after each event. */
  run(until: number, isOver?: () => boolean): Promise<void>;
}

interface Event {
  readonly at: number;
  readonly order: number;
  work: (() => void) | undefined;
}

export function createTimeline(start: number): Timeline {
  const heap: Event[] = [];
  let now = start;
  let order = 0;

  function at(time: number, work: () => void): () => void {
    const event: Event = { at: Math.max(now, time), order: (order += 1), work };
    push(heap, event);
    return () => {
      event.work = undefined;
    };
  }

  return {
    now: () => now,
    at,
    after: (ms, work) => at(now + ms, work),
    pause: (ms) => new Promise((resolve) => void at(now + ms, resolve)),
    async run(until, isOver) {
      await settled();
      for (;;) {
        const next = heap[0];
        if (next === undefined || next.at > until || isOver?.() === true) break;
        pop(heap);
        const { work } = next;
        if (work === undefined) continue;
        now = next.at;
        work();
        await settled();
      }
      if (isOver?.() !== true) now = Math.max(now, until);
    },
  };
}

/** The product's promises run dry before an immediate does: nothing in it waits for anything but its ports. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: Event, b: Event): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(event, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) child += 1;
    const below = heap[child];
    if (below === undefined || !isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
