import type { MessageRow } from "../journal.ts";
import type { IncomingMessage, Message, PropertyChanges, ReceiveMode } from "./message.ts";
import type { SessionRequest } from "./sessions.ts";
import type { Receiver } from "./shared-line.ts";

export interface QueueRules {
  readonly path: string;
  readonly requiresSession: boolean;
  readonly lockDurationMs: number;
  readonly maxDeliveryCount: number;
  readonly duplicateDetectionWindowMs: number;
  readonly defaultTimeToLiveMs: number | undefined;
  readonly deadLetterOnExpiration: boolean;
  /** Undefined for a queue of dead letters. */
  readonly deadLetters: Queue | undefined;
}

/** One queue: what is in it, and who holds what of it. Every method first lets happen what is due by then. */
export interface Queue {
  readonly rules: QueueRules;
  readonly activeCount: number;
  readonly scheduledCount: number;
  /** All or none. The numbers they got; for a duplicate, which is dropped, the number of the one it repeats. */
  send(incoming: readonly IncomingMessage[]): readonly number[];
  /** All of them or none. */
  cancelScheduled(sequenceNumbers: readonly number[]): void;
  peek(from: number, count: number, sessionId: string | undefined): readonly Message[];
  openReceiver(mode: ReceiveMode, wake: () => void): Receiver;
  /** Answers through the request's functions, at once or later; the function returned calls it off. */
  acceptSession(request: SessionRequest): () => void;
  complete(lockId: number): void;
  abandon(lockId: number, changes: PropertyChanges): void;
  /** Puts it back as if it had never been delivered. */
  release(lockId: number): void;
  deadLetter(lockId: number, changes: PropertyChanges): void;
  /** The new end of the lock. */
  renewLock(lockId: number): number;
  /** For dead letters: takes over a message from another queue. */
  adopt(message: Message, payload: Uint8Array, source: string): void;
  restoreMessage(row: MessageRow, deliveryCount: number): void;
  restoreSeen(messageId: string, sequenceNumber: number, at: number): void;
  restoreReservedTo(sequenceNumber: number): void;
  /** After all queues have their messages back. */
  resume(): void;
  /** Ends every lock without counting a delivery. */
  releaseAll(): void;
}
