import type { PollReport } from "../shared/pipeline/detect/detect-changes.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface Polled {
  readonly clock: VirtualClock;
  poll(): Promise<PollReport>;
}

/** The timer's polls over a time: first the time passes, then it polls. Answers what each one reported. */
export async function pollFor(tenant: Polled, durationMs: number, everyMs = 15_000): Promise<readonly PollReport[]> {
  const reports: PollReport[] = [];
  for (let passed = everyMs; passed <= durationMs; passed += everyMs) {
    await tenant.clock.advance(everyMs);
    reports.push(await tenant.poll());
  }
  return reports;
}
