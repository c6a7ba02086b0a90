import type { Bus, OutgoingMessage } from "../shared/pipeline/ports/bus.ts";

export interface LoopBus extends Bus {
  on(queue: string, handle: (body: unknown) => Promise<unknown>): void;
  /** Resolves when nothing is under way and nothing is due within `horizonMs`. */
  idle(horizonMs?: number): Promise<void>;
  /** Messages sent per queue, repeats that were dropped not counted. */
  readonly counts: Map<string, number>;
  close(): void;
}

/** A bus in this process: per session one at a time in order, scheduled messages by real timers, repeats of an id dropped. */
export function createLoopBus(onError: (error: unknown) => void): LoopBus {
  const handlers = new Map<string, (body: unknown) => Promise<unknown>>();
  const chains = new Map<string, Promise<unknown>>();
  const ids = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  const due = new Map<NodeJS.Timeout, number>();
  const counts = new Map<string, number>();
  let underWay = 0;

  function deliver(queue: string, message: OutgoingMessage): void {
    const chain = `${queue}:${message.sessionId ?? message.messageId}`;
    underWay += 1;
    const next = (chains.get(chain) ?? Promise.resolve())
      .then(() => handlers.get(queue)?.(JSON.parse(JSON.stringify(message.body))))
      .catch(onError)
      .finally(() => {
        underWay -= 1;
      });
    chains.set(chain, next);
  }

  return {
    counts,
    on: (queue, handle) => void handlers.set(queue, handle),
    send(queue, messages) {
      for (const message of messages) {
        if (ids.has(`${queue}:${message.messageId}`)) continue;
        ids.add(`${queue}:${message.messageId}`);
        counts.set(queue, (counts.get(queue) ?? 0) + 1);
        const delayMs = (message.scheduledAt ?? 0) - Date.now();
        if (delayMs <= 0) {
          deliver(queue, message);
          continue;
        }
        const timer = setTimeout(() => {
          timers.delete(timer);
          due.delete(timer);
          deliver(queue, message);
        }, delayMs);
        timers.add(timer);
        due.set(timer, Date.now() + delayMs);
      }
      return Promise.resolve();
    },
    async idle(horizonMs = 10_000) {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        const isDueSoon = [...due.values()].some((at) => at - Date.now() < horizonMs);
        if (underWay === 0 && !isDueSoon) return;
      }
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
