/** A message the bus holds. One object for its whole life in one queue; a dead letter is a new one in another. */
export interface Message {
  readonly sequenceNumber: number;
  payload: Uint8Array;
  readonly messageId: string | undefined;
  readonly sessionId: string | undefined;
  readonly enqueuedAt: number;
  readonly timeToLiveMs: number | undefined;
  readonly expiresAt: number | undefined;
  readonly scheduledFor: number | undefined;
  readonly deadLetterSource: string | undefined;
  readonly originalSequenceNumber: number | undefined;
  state: MessageState;
  /** Deliveries that came to nothing; the one under way is not in it. */
  deliveryCount: number;
  /** Set while locked. */
  lockId: number;
  /** Of a message without a session; a session's messages share the session's. */
  lockedUntil: number;
}

export type MessageState = "scheduled" | "available" | "locked" | "gone";

/** What a sender hands in. */
export interface IncomingMessage {
  /** The AMQP message, opaque to the engine. */
  readonly payload: Uint8Array;
  readonly messageId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly timeToLiveMs?: number | undefined;
  readonly scheduledFor?: number | undefined;
}

/** What a receiver is given. */
export interface Delivery {
  readonly lockId: number;
  readonly lockedUntil: number | undefined;
  readonly message: Message;
}

export type ReceiveMode = "peekLock" | "receiveAndDelete";

/** Application properties to set, with values the engine does not look at. */
export type PropertyChanges = ReadonlyMap<string, unknown>;
