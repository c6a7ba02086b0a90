import type { SimulatorClock } from "../clock.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import { TICKS_PER_MS, ticksOf } from "./ticks.ts";

/** Stamps changes with the clock. */
export interface Stamper {
  /** A time for a change made now: later than `previous`, the incident's last one, whatever digits are cut. */
  next(previous: bigint | undefined): bigint;
}

/** How many fraction digits the stamps keep in turn; a short one stands up to a second before the change it marks. */
const KEPT_DIGITS = [7, 3, 7, 2, 6, 1, 7, 0, 5, 4] as const;

export function createStamper(clock: SimulatorClock, behaviour: GraphBehaviour): Stamper {
  let turn = 0;
  let lastMs = 0;
  let inMs = 0;
  return {
    next(previous) {
      turn += 1;
      const ms = clock.now();
      inMs = ms === lastMs ? inMs + 1 : 1;
      lastMs = ms;
      const full = ticksOf(ms) + BigInt(Math.min(1_234 + inMs * 137, Number(TICKS_PER_MS) - 1));
      const digits = behaviour.fractionDigits === "varied" ? (KEPT_DIGITS[turn % KEPT_DIGITS.length] ?? 7) : 7;
      const unit = 10n ** BigInt(7 - digits);
      const cut = full - (full % unit);
      if (previous === undefined || cut > previous) return cut;
      return full > previous ? full : previous + 1n;
    },
  };
}
