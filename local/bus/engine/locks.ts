import { BusError } from "../bus-error.ts";
import type { Delivery, Message, ReceiveMode } from "./message.ts";
import type { MessageStore } from "./message-store.ts";

/** Which message each lock of a queue is on. When a lock ends is for others to know. */
export interface Locks {
  /** Locks a message, or takes it out for good where the receiver wants no lock. */
  give(message: Message, mode: ReceiveMode, lockedUntil: number): Delivery;
  /** Throws where the lock is no more. */
  of(lockId: number): Message;
  end(message: Message): void;
  all(): readonly Message[];
}

export function createLocks(
  queue: { readonly path: string; readonly requiresSession: boolean },
  store: MessageStore,
): Locks {
  const locked = new Map<number, Message>();
  let lastLockId = 0;
  return {
    give(message, mode, lockedUntil) {
      if (mode === "receiveAndDelete") {
        store.remove(message);
        return { lockId: 0, lockedUntil: undefined, message };
      }
      lastLockId += 1;
      message.state = "locked";
      message.lockId = lastLockId;
      message.lockedUntil = lockedUntil;
      locked.set(lastLockId, message);
      // With the delivery under way: a process that dies in it has spent it.
      store.saveDeliveries(message, message.deliveryCount + 1);
      return { lockId: lastLockId, lockedUntil, message };
    },
    of(lockId) {
      const message = locked.get(lockId);
      if (message !== undefined) return message;
      if (queue.requiresSession) {
        throw new BusError(
          "com.microsoft:session-lock-lost",
          `The session lock of '${queue.path}' under which the message was received has expired or was given back.`,
        );
      }
      throw new BusError(
        "com.microsoft:message-lock-lost",
        `The lock supplied is invalid. Either it expired, or the message has already been removed from '${queue.path}'.`,
      );
    },
    end(message) {
      locked.delete(message.lockId);
    },
    all: () => [...locked.values()],
  };
}
