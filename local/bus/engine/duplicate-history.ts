import type { JournalChange } from "../journal.ts";
import { createFifo } from "./fifo.ts";

/** The message ids met within a window. */
export interface DuplicateHistory {
  /** The sequence number under which this id was met before, or undefined: then it is remembered under the given one. */
  meet(messageId: string, sequenceNumber: number, now: number): number | undefined;
  /** Puts back what the journal kept, in rising order of time. */
  restore(messageId: string, sequenceNumber: number, at: number): void;
}

interface Seen {
  readonly messageId: string;
  readonly sequenceNumber: number;
  readonly at: number;
}

export function createDuplicateHistory(
  queue: string,
  windowMs: number,
  record: (change: JournalChange) => void,
): DuplicateHistory {
  const byId = new Map<string, Seen>();
  const oldestFirst = createFifo<Seen>();
  return {
    meet(messageId, sequenceNumber, now) {
      forgetUntil(now - windowMs);
      const known = byId.get(messageId);
      if (known !== undefined) return known.sequenceNumber;
      remember({ messageId, sequenceNumber, at: now });
      record({ kind: "put", row: { type: "seen", queue, id: sequenceNumber, messageId, at: now } });
      return undefined;
    },
    restore: (messageId, sequenceNumber, at) => remember({ messageId, sequenceNumber, at }),
  };

  function remember(seen: Seen): void {
    byId.set(seen.messageId, seen);
    oldestFirst.push(seen);
  }

  function forgetUntil(limit: number): void {
    for (let oldest = oldestFirst.peek(); oldest !== undefined && oldest.at <= limit; oldest = oldestFirst.peek()) {
      oldestFirst.shift();
      if (byId.get(oldest.messageId) === oldest) byId.delete(oldest.messageId);
      record({ kind: "delete", key: { type: "seen", queue, id: oldest.sequenceNumber } });
    }
  }
}
