import { RetryableError } from "../../errors.ts";

/** What Azure grants at least, of each kind, to a subscription. Source: service limits of Microsoft Sentinel. */
export const WRITES_PER_5_MINUTES = 75;
const WINDOW_MS = 5 * 60_000;

type WriteKind = "incident" | "comment" | "task";

/** Keeps the writes of this process below a limit, so that what others may write is left to them. Throws `RetryableError("throttled")` with the time to wait; nothing was sent then. */
export interface WriteQuota {
  spend(kind: WriteKind): void;
}

export function createWriteQuota(options: { readonly clock: { now(): number }; readonly most: number }): WriteQuota {
  const spent = new Map<WriteKind, readonly number[]>();

  return {
    spend(kind) {
      const now = options.clock.now();
      // A clock that was set back would hold them for longer.
      const recent = (spent.get(kind) ?? []).filter((at) => at <= now && now - at < WINDOW_MS);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= options.most) {
        throw new RetryableError("throttled", `${options.most} writes of a ${kind} in 5 minutes are spent`, {
          retryAfterMs: oldest + WINDOW_MS - now,
        });
      }
      spent.set(kind, [...recent, now]);
    },
  };
}
