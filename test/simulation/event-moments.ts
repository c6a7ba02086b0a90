import type { Delivery } from "./received-event.ts";

/** When what bends the rules of events happened, as whoever did it wrote it down. */
export interface EventMoments {
  /** Deliveries of the bus that were thought lost: their workers may still be at it beside others. */
  readonly cuts: readonly number[];
  /** Somebody asked for what was parked again. */
  readonly replays: readonly number[];
  /** Orders to go on with something. */
  readonly resumes: readonly number[];
  readonly stateLosses: readonly number[];
  readonly calmAt: number;
  /** Before that a link may have been saved or not, whatever its writer was told. */
  readonly areTablesShaky: boolean;
}

/** A worker's time, and that of whoever waits for it, together with what its last request is on its way. */
export const NEAR_MS = 2 * 60_000;

/** Another worker may have been at the same incident then. */
export function isNearCut({ cuts }: EventMoments, at: number): boolean {
  return cuts.some((cut) => Math.abs(at - cut) <= NEAR_MS);
}

/** Whoever sent it surely knows that it was taken, and had all it takes to remember it. */
export function isConfirmed(moments: EventMoments, { at, isAnswered }: Delivery): boolean {
  return isAnswered && !isNearCut(moments, at) && (!moments.areTablesShaky || at > moments.calmAt);
}

export function isBetween(moments: readonly number[], from: number, to: number): boolean {
  return moments.some((moment) => moment >= from && moment <= to);
}
