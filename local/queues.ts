import { POLL_QUEUE } from "../shared/pipeline/keys.ts";
import type { QueueDefinition } from "./bus/start-bus.ts";

/** The queues as the deployment makes them: the same settings, so that what holds here holds there. */
export function queuesOf(lanes: readonly string[]): readonly QueueDefinition[] {
  return [
    { ...DEFAULTS, name: POLL_QUEUE, requiresSession: false },
    ...lanes.map((name) => ({ ...DEFAULTS, name, requiresSession: true, deadLetterOnExpiration: true })),
  ];
}

const DEFAULTS = {
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  duplicateDetectionWindowMs: 10 * 60_000,
  defaultTimeToLiveMs: 14 * 24 * 60 * 60_000,
};
