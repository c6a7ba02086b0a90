import type { HostLog } from "../core-types.ts";
import type { HostClock } from "../host-clock.ts";

/** Tells once of a connection that fails, then once a minute, then that it is back: a bus that is away is asked every few seconds. */
export interface FailureLog {
  failed(error: unknown): void;
  recovered(): void;
}

const REPEAT_MS = 60_000;

export function createFailureLog(log: HostLog, category: string, what: string, clock: HostClock): FailureLog {
  let toldAt: number | undefined;
  return {
    failed: (error) => {
      const now = clock.now();
      if (toldAt !== undefined && now - toldAt < REPEAT_MS) return;
      toldAt = now;
      log("warning", category, `${what} cannot be received from, trying on: ${String(error)}`);
    },
    recovered: () => {
      if (toldAt !== undefined) log("information", category, `${what} can be received from again`);
      toldAt = undefined;
    },
  };
}
