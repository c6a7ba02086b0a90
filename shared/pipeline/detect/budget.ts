import type { Budget } from "../poll-state.ts";

/** Requests that may be spent now: refilled evenly, never more than a minute's worth saved up, or one where a minute earns less. */
export function refilled(budget: Budget, perMinute: number, now: number): Budget {
  const earned = (Math.max(0, now - budget.at) / 60_000) * perMinute;
  return { left: Math.min(Math.max(1, perMinute), budget.left + earned), at: now };
}

export function spent(budget: Budget, requests: number): Budget {
  return { ...budget, left: budget.left - requests };
}
