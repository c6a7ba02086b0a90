/** The source's subscriptions, of one tenant. Every call costs one request and throws `RetryableError` or `PermanentError`. */
export interface SubscriptionApi {
  /** The source calls `notificationUrl` back before it answers. A status in `refused`: it will not notify of this. */
  create(wanted: WantedSubscription, signal: AbortSignal): Promise<CreatedSubscription | { readonly refused: number }>;
  /** Until the moment given, and with it authorised anew. "gone" where there is no such subscription any more. */
  renew(id: string, until: number, signal: AbortSignal): Promise<{ readonly expiresAt: number } | "gone">;
  /** Idempotent: one that is not there is removed already. */
  remove(id: string, signal: AbortSignal): Promise<void>;
}

export interface WantedSubscription {
  readonly resource: string;
  readonly notificationUrl: string;
  /** The secret that comes back with each notification. At most 128 characters. */
  readonly clientState: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface CreatedSubscription {
  readonly id: string;
  readonly expiresAt: number;
}
