import { createHeap, type Heap } from "./heap.ts";
import type { Delivery, Message, ReceiveMode } from "./message.ts";
import type { QueueHost } from "./queue-host.ts";

export interface Receiver {
  take(): Delivery | undefined;
  /** It wants nothing more for now: whatever it was woken for goes to another. */
  rest(): void;
}

/** The available messages of a queue without sessions, and the receivers that compete for them. */
export interface SharedLine {
  put(message: Message): void;
  open(mode: ReceiveMode, wake: () => void): Receiver;
}

interface LineRules {
  readonly lockDurationMs: number;
  first(available: Heap<Message>, now: number): Message | undefined;
  lock(message: Message, mode: ReceiveMode, lockedUntil: number): Delivery;
  lockRanOut(message: Message, now: number): void;
}

export function createSharedLine(host: QueueHost, rules: LineRules): SharedLine {
  const available = createHeap<Message>((a, b) => a.sequenceNumber < b.sequenceNumber);
  /** Receivers that found nothing, by what wakes them. */
  const idle = new Set<() => void>();

  return {
    put(message) {
      available.push(message);
      wakeOne();
    },
    open(mode, wake) {
      // Wrapped: two receivers may share one function, and are two entries all the same.
      const wakeMe = (): void => wake();
      return {
        take() {
          const now = host.catchUp();
          const message = rules.first(available, now);
          if (message === undefined) {
            idle.add(wakeMe);
            return undefined;
          }
          available.pop();
          const delivery = rules.lock(message, mode, now + rules.lockDurationMs);
          if (mode === "peekLock") watch(message, delivery.lockId);
          return delivery;
        },
        rest() {
          const now = host.catchUp();
          idle.delete(wakeMe);
          if (rules.first(available, now) !== undefined) wakeOne();
        },
      };
    },
  };

  function wakeOne(): void {
    for (const wake of idle) {
      idle.delete(wake);
      wake();
      return;
    }
  }

  function watch(message: Message, lockId: number): void {
    host.timers.at(message.lockedUntil, (now) => {
      if (message.state !== "locked" || message.lockId !== lockId) return;
      if (message.lockedUntil > now) watch(message, lockId);
      else rules.lockRanOut(message, now);
    });
  }
}
