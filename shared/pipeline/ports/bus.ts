/** The sending side of Service Bus. Receiving is done by triggers. */
export interface Bus {
  /** Sends all or throws `RetryableError`; after a throw any part may have been accepted, so a repeat keeps its `messageId`. */
  send(queue: string, messages: readonly OutgoingMessage[]): Promise<void>;
}

export interface OutgoingMessage {
  /** At most 128 characters. Queues have duplicate detection on it. */
  readonly messageId: string;
  readonly sessionId?: string;
  /** JSON. With its properties at most 256 KB in the standard tier. */
  readonly body: unknown;
  /** Milliseconds since 1970; absent: at once. */
  readonly scheduledAt?: number;
  readonly timeToLiveMs?: number;
}
