import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** Says so where a doorbell is rung far more often than anything rings by itself: a call that is replayed, or a rule that runs wild. */
export interface BellRate {
  /** A ring that was believed, for one tenant or for all; its poll is one of those that are asked for anyway. `body`: what it said, by digest. */
  heard(bell: string, about: { readonly tenant?: string; readonly body?: string }): void;
}

const MINUTE_MS = 60_000;
/** Graph gathers its notifications, and a Sentinel rule rings once a change: two a second for a minute are none of theirs. */
const MOST_A_MINUTE = 120;
const REPEAT_MS = 10 * 60_000;
/** The same words again: Graph says each thing once, or a few times where no answer came. */
const SAME_BODY_MS = 10 * 60_000;
const MOST_OF_SAME = 20;
const MOST_KEPT = 5_000;

export function createBellRate({ clock, log }: { readonly clock: Clock; readonly log: Log }): BellRate {
  const bells = createCounters(clock, MINUTE_MS);
  const bodies = createCounters(clock, SAME_BODY_MS);

  function tell(counter: Counter, message: string, bell: string): void {
    const now = clock.now();
    if (now - counter.toldAt < REPEAT_MS) return;
    counter.toldAt = now;
    log.error(message, {
      bell,
      rings: counter.count,
      withinMs: now - counter.since,
      mend: "look at who calls it; renewing its secret ends a replay",
    });
  }

  return {
    heard(bell, { tenant = "", body }) {
      const ofTenant = bells.count(`${bell}:${tenant}`);
      if (ofTenant.count > MOST_A_MINUTE) {
        tell(ofTenant, "a doorbell is rung far too often; its polls stay one in two seconds", bell);
      }
      if (body === undefined) return;
      const ofBody = bodies.count(`${bell}:${body}`);
      if (ofBody.count > MOST_OF_SAME)
        tell(ofBody, "a doorbell is rung with the same words far too often; is a call replayed?", bell);
    },
  };
}

interface Counter {
  since: number;
  count: number;
  toldAt: number;
}

/** Counts a name's rings within a time; the names rung longest ago are forgotten first. */
function createCounters(clock: Clock, withinMs: number): { count(name: string): Counter } {
  const counters = new Map<string, Counter>();
  return {
    count(name) {
      const now = clock.now();
      const counter = counters.get(name) ?? { since: now, count: 0, toldAt: Number.NEGATIVE_INFINITY };
      counters.delete(name);
      counters.set(name, counter);
      const [oldest] = counters.keys();
      if (counters.size > MOST_KEPT && oldest !== undefined) counters.delete(oldest);
      if (Math.abs(now - counter.since) >= withinMs) {
        counter.since = now;
        counter.count = 0;
      }
      counter.count += 1;
      return counter;
    },
  };
}
