import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";

/** Says so where a doorbell is rung far more often than anything rings by itself: a call that is replayed, or a rule that runs wild. */
export interface BellRate {
  /** A ring that was believed; its poll is one of those that are asked for anyway. */
  heard(bell: string): void;
}

const MINUTE_MS = 60_000;
/** Graph gathers its notifications, and a Sentinel rule rings once a change: two a second for a minute are none of theirs. */
const MOST_A_MINUTE = 120;
const REPEAT_MS = 10 * 60_000;

export function createBellRate({ clock, log }: { readonly clock: Clock; readonly log: Log }): BellRate {
  const bells = new Map<string, { since: number; rings: number; toldAt: number }>();
  return {
    heard(bell) {
      const now = clock.now();
      const known = bells.get(bell) ?? { since: now, rings: 0, toldAt: Number.NEGATIVE_INFINITY };
      bells.set(bell, known);
      if (Math.abs(now - known.since) >= MINUTE_MS) {
        known.since = now;
        known.rings = 0;
      }
      known.rings += 1;
      if (known.rings <= MOST_A_MINUTE || now - known.toldAt < REPEAT_MS) return;
      known.toldAt = now;
      log.error("a doorbell is rung far too often; is a call replayed? Its polls stay one in two seconds", {
        bell,
        rings: known.rings,
        withinMs: now - known.since,
        mend: "look at who calls it; renewing its secret ends a replay",
      });
    },
  };
}
