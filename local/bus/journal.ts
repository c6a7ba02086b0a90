/**
 * What the bus needs to survive the death of its process: rows it can read at the start, and one ordered stream of
 * changes. A change is done when `write` resolves; the bus answers its clients only then.
 */
export interface Journal {
  /** Every row, in any order. Called once, before the first write. */
  load(): Iterable<JournalRow>;
  /** All of the changes or none. Resolves when they outlive this process. Never called again before it has settled. */
  write(changes: readonly JournalChange[]): Promise<void>;
}

export type JournalRow = MessageRow | DeliveriesRow | SeenRow | SequenceRow;

export type JournalChange =
  { readonly kind: "put"; readonly row: JournalRow } | { readonly kind: "delete"; readonly key: JournalKey };

/** `queue` is a path: a queue's name, or that of its dead letters. */
export interface JournalKey {
  readonly type: JournalRow["type"];
  readonly queue: string;
  readonly id: number;
}

/** `id` is the sequence number. */
export interface MessageRow extends JournalKey {
  readonly type: "message";
  readonly message: StoredMessage;
}

/** Kept apart from the message, so that a delivery does not write the payload again. It counts the delivery under way too. */
export interface DeliveriesRow extends JournalKey {
  readonly type: "deliveries";
  readonly count: number;
}

/** A message id met inside the duplicate detection window. */
export interface SeenRow extends JournalKey {
  readonly type: "seen";
  readonly messageId: string;
  readonly at: number;
}

/** Sequence numbers up to `reservedTo` may be in use; the next start continues above. `id` is 0. */
export interface SequenceRow extends JournalKey {
  readonly type: "sequence";
  readonly reservedTo: number;
}

/** Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface StoredMessage {
  /** The AMQP message as it was sent. */
  readonly payload: Uint8Array;
  readonly messageId?: string;
  readonly sessionId?: string;
  readonly enqueuedAt: number;
  readonly timeToLiveMs?: number;
  readonly expiresAt?: number;
  /** Only while it is scheduled. */
  readonly scheduledFor?: number;
  /** Of a dead letter: the queue it was in and its number there. */
  readonly deadLetterSource?: string;
  readonly originalSequenceNumber?: number;
}
