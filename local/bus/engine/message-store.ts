import type { MessageRow, StoredMessage } from "../journal.ts";
import type { Message } from "./message.ts";
import type { QueueHost } from "./queue-host.ts";
import { createSequenceIndex } from "./sequence-index.ts";

/** The messages of one queue by sequence number, each kept in the journal from `add` to `remove`. */
export interface MessageStore {
  readonly activeCount: number;
  readonly scheduledCount: number;
  nextSequenceNumber(): number;
  add(message: Message): void;
  remove(message: Message): void;
  /** Keeps how often it has been delivered, the delivery under way included. */
  saveDeliveries(message: Message, count: number): void;
  savePayload(message: Message): void;
  get(sequenceNumber: number): Message | undefined;
  from(sequenceNumber: number): Iterable<Message>;
  /** Puts back what the journal kept, in rising order. */
  restore(row: MessageRow, deliveryCount: number): Message;
  reserveAbove(sequenceNumber: number): void;
}

/** One row in the journal stands for this many numbers; a restart skips what is left of them. */
const RESERVED_AT_ONCE = 1000;

export function createMessageStore(path: string, host: QueueHost): MessageStore {
  const messages = new Map<number, Message>();
  const index = createSequenceIndex((sequenceNumber) => messages.has(sequenceNumber));
  let last = 0;
  let reservedTo = 0;
  let scheduledCount = 0;

  return {
    get activeCount() {
      return messages.size - scheduledCount;
    },
    get scheduledCount() {
      return scheduledCount;
    },
    nextSequenceNumber() {
      last += 1;
      if (last > reservedTo) {
        reservedTo = last + RESERVED_AT_ONCE;
        host.record({ kind: "put", row: { type: "sequence", queue: path, id: 0, reservedTo } });
      }
      return last;
    },
    add(message) {
      keep(message);
      saveMessage(message);
      if (message.deliveryCount > 0) saveDeliveries(message, message.deliveryCount);
    },
    remove(message) {
      if (message.scheduledFor !== undefined) scheduledCount -= 1;
      message.state = "gone";
      messages.delete(message.sequenceNumber);
      index.removed();
      host.record({ kind: "delete", key: { type: "message", queue: path, id: message.sequenceNumber } });
      host.record({ kind: "delete", key: { type: "deliveries", queue: path, id: message.sequenceNumber } });
    },
    saveDeliveries,
    savePayload: saveMessage,
    get: (sequenceNumber) => messages.get(sequenceNumber),
    *from(sequenceNumber) {
      for (const found of index.from(sequenceNumber)) yield messages.get(found) as Message;
    },
    restore(row, deliveryCount) {
      const { message: stored } = row;
      const message: Message = {
        sequenceNumber: row.id,
        payload: stored.payload,
        messageId: stored.messageId,
        sessionId: stored.sessionId,
        enqueuedAt: stored.enqueuedAt,
        timeToLiveMs: stored.timeToLiveMs,
        expiresAt: stored.expiresAt,
        scheduledFor: stored.scheduledFor,
        deadLetterSource: stored.deadLetterSource,
        originalSequenceNumber: stored.originalSequenceNumber,
        state: stored.scheduledFor === undefined ? "available" : "scheduled",
        deliveryCount,
        lockId: 0,
        lockedUntil: 0,
      };
      last = Math.max(last, row.id);
      keep(message);
      return message;
    },
    reserveAbove(sequenceNumber) {
      last = Math.max(last, sequenceNumber);
      reservedTo = Math.max(reservedTo, sequenceNumber);
    },
  };

  function keep(message: Message): void {
    messages.set(message.sequenceNumber, message);
    index.add(message.sequenceNumber);
    if (message.scheduledFor !== undefined) scheduledCount += 1;
  }

  function saveMessage(message: Message): void {
    const row: MessageRow = { type: "message", queue: path, id: message.sequenceNumber, message: storedOf(message) };
    host.record({ kind: "put", row });
  }

  function saveDeliveries(message: Message, count: number): void {
    host.record({ kind: "put", row: { type: "deliveries", queue: path, id: message.sequenceNumber, count } });
  }
}

function storedOf(message: Message): StoredMessage {
  const { messageId, sessionId, timeToLiveMs, expiresAt, scheduledFor, deadLetterSource, originalSequenceNumber } =
    message;
  return {
    payload: message.payload,
    enqueuedAt: message.enqueuedAt,
    ...(messageId !== undefined && { messageId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(timeToLiveMs !== undefined && { timeToLiveMs }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(scheduledFor !== undefined && { scheduledFor }),
    ...(deadLetterSource !== undefined && { deadLetterSource }),
    ...(originalSequenceNumber !== undefined && { originalSequenceNumber }),
  };
}
