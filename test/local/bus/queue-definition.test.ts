import { describe, expect, it } from "vitest";
import { checkQueueDefinitions, type QueueDefinition } from "../../../local/bus/queue-definition.ts";

const VALID: QueueDefinition = {
  name: "incident-deltas-itsm",
  requiresSession: true,
  lockDurationMs: 60_000,
  maxDeliveryCount: 10,
  duplicateDetectionWindowMs: 600_000,
};

describe("queue definitions", () => {
  it("may be none, or several", () => {
    expect(() => checkQueueDefinitions([])).not.toThrow();
    expect(() => checkQueueDefinitions([VALID, { ...VALID, name: "a/b_c.d" }])).not.toThrow();
  });

  it.each([
    { changes: { name: "" }, why: "a name is letters" },
    { changes: { name: "a b" }, why: "a name is letters" },
    { changes: { name: "a/$DeadLetterQueue" }, why: "a name is letters" },
    { changes: { lockDurationMs: 0 }, why: "lockDurationMs" },
    { changes: { lockDurationMs: Number.NaN }, why: "lockDurationMs" },
    { changes: { maxDeliveryCount: 0 }, why: "maxDeliveryCount" },
    { changes: { maxDeliveryCount: 1.5 }, why: "maxDeliveryCount" },
    { changes: { duplicateDetectionWindowMs: -1 }, why: "duplicateDetectionWindowMs" },
    { changes: { defaultTimeToLiveMs: 0 }, why: "defaultTimeToLiveMs" },
  ])("refuse $changes", ({ changes, why }) => {
    expect(() => checkQueueDefinitions([{ ...VALID, ...changes }])).toThrow(why);
  });

  it("refuse one name twice, in whatever case", () => {
    expect(() => checkQueueDefinitions([VALID, { ...VALID, name: "Incident-Deltas-ITSM" }])).toThrow("declared twice");
  });
});
