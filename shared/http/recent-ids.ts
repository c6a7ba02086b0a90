import { createHash } from "node:crypto";

/** Ids that were seen a short while ago, by one process. */
export interface RecentIds {
  has(id: string): boolean;
  add(id: string): void;
}

/** Never more than `most`: the oldest are forgotten first. */
export function createRecentIds(options: {
  readonly clock: { now(): number };
  readonly forMs: number;
  readonly most: number;
}): RecentIds {
  /** In the order they came; by digest, so that each takes the same room. */
  const seen = new Map<string, number>();
  return {
    has(id) {
      const at = seen.get(digest(id));
      return at !== undefined && options.clock.now() - at < options.forMs;
    },
    add(id) {
      const now = options.clock.now();
      const key = digest(id);
      seen.delete(key);
      seen.set(key, now);
      for (const [oldest, at] of seen) {
        if (seen.size <= options.most && now - at < options.forMs) break;
        seen.delete(oldest);
      }
    },
  };
}

function digest(id: string): string {
  return createHash("sha256").update(id).digest("base64url");
}
