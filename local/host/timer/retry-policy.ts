import type { Duration, RetryOptions } from "../core-types.ts";

export interface RetryPolicy {
  /** -1 is without end. */
  readonly maxRetryCount: number;
  /** How long before the retry of this number, counted from 1. */
  delayMs(retryCount: number): number;
}

/** What a function registered as `retry`, read as the real host reads it. */
export function readRetryPolicy(options: RetryOptions): RetryPolicy {
  const { maxRetryCount } = options;
  if (!Number.isInteger(maxRetryCount) || maxRetryCount < -1) {
    throw new Error(`retry.maxRetryCount must be -1 or a whole number of at least 0, it is ${String(maxRetryCount)}`);
  }
  if (options.retryStrategy === "fixedDelay") {
    const fixedMs = toMs(options.delayInterval, "delayInterval");
    return { maxRetryCount, delayMs: () => fixedMs };
  }
  const leastMs = toMs(options.minimumInterval, "minimumInterval");
  const mostMs = toMs(options.maximumInterval, "maximumInterval");
  if (mostMs < leastMs) throw new Error("retry.maximumInterval must not be shorter than retry.minimumInterval");
  return { maxRetryCount, delayMs: (retryCount) => Math.min(mostMs, leastMs * 2 ** (retryCount - 1)) };
}

function toMs(duration: Duration | undefined, name: string): number {
  if (duration === undefined) throw new Error(`retry.${name} is missing`);
  return (duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1_000_000;
}
