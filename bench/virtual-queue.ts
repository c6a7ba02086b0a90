import type { Bus, OutgoingMessage } from "../shared/pipeline/ports/bus.ts";
import type { Clock } from "../shared/pipeline/ports/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly order: number;
  wake(): void;
}

/** A session queue and a clock that jumps from one thing due to the next. One message a session at a time, all sessions at once. */
export function createQueueInVirtualTime(start: number) {
  let now = start;
  let order = 0;
  let delivered = 0;
  const sleepers = createHeap();
  const sessions = new Map<string, { waiting: OutgoingMessage[]; isBusy: boolean }>();
  let handle: (body: unknown) => Promise<unknown> = () => Promise.resolve();

  const clock: Clock = {
    now: () => now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        order += 1;
        sleepers.push({ at: now + ms, order, wake: resolve });
        signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      });
    },
  };

  function arrive(message: OutgoingMessage): void {
    const name = message.sessionId ?? "";
    const session = sessions.get(name) ?? { waiting: [], isBusy: false };
    sessions.set(name, session);
    session.waiting.push(message);
    if (!session.isBusy) void serve(session);
  }

  async function serve(session: { waiting: OutgoingMessage[]; isBusy: boolean }): Promise<void> {
    session.isBusy = true;
    for (let message = session.waiting.shift(); message !== undefined; message = session.waiting.shift()) {
      delivered += 1;
      await handle(message.body);
    }
    session.isBusy = false;
  }

  const bus: Bus = {
    send(_queue, messages) {
      for (const message of messages) {
        const at = message.scheduledAt ?? now;
        order += 1;
        sleepers.push({ at: Math.max(at, now), order, wake: () => arrive(message) });
      }
      return Promise.resolve();
    },
  };

  return {
    ...bus,
    clock,
    delivered: () => delivered,
    /** Until `isOver`, or nothing is due any more. */
    async run(
      work: (body: unknown) => Promise<unknown>,
      isOver: () => boolean,
      onTime: (now: number) => void,
    ): Promise<void> {
      handle = work;
      for (;;) {
        // What was set off by the last one settles first.
        await new Promise((resolve) => setImmediate(resolve));
        const next = sleepers.pop();
        if (next === undefined || isOver()) return;
        now = Math.max(now, next.at);
        onTime(now);
        next.wake();
        while (sleepers.peek() !== undefined && (sleepers.peek()?.at ?? 0) <= now) sleepers.pop()?.wake();
      }
    },
  };
}

function createHeap() {
  const heap: Sleeper[] = [];
  const isBefore = (a: Sleeper, b: Sleeper): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
  function swap(i: number, j: number): void {
    const [a, b] = [heap[i], heap[j]];
    if (a === undefined || b === undefined) return;
    heap[i] = b;
    heap[j] = a;
  }
  function before(i: number, j: number): boolean {
    const [a, b] = [heap[i], heap[j]];
    return a !== undefined && b !== undefined && isBefore(a, b);
  }
  return {
    peek: (): Sleeper | undefined => heap[0],
    push(sleeper: Sleeper): void {
      heap.push(sleeper);
      for (let at = heap.length - 1; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
    },
    pop(): Sleeper | undefined {
      swap(0, heap.length - 1);
      const least = heap.pop();
      for (let at = 0; ;) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let child = left;
        if (before(right, left)) child = right;
        if (!before(child, at)) return least;
        swap(at, child);
        at = child;
      }
    },
  };
}
