import type { Budget } from "./poll-state.ts";

/** Requests that may be spent now: refilled evenly, never more than a minute's worth saved up. */
export function refilled(budget: Budget, perMinute: number, now: number): Budget {
  const earned = (Math.max(0, now - budget.at) / 60_000) * perMinute;
  return { left: Math.min(perMinute, budget.left + earned), at: now };
}

export function spent(budget: Budget, requests: number): Budget {
  return { ...budget, left: budget.left - requests };
}
