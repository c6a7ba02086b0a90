import type { ServiceBusClient, ServiceBusSessionReceiver } from "@azure/service-bus";
import { describe, expect, it } from "vitest";
import { createSystemClock } from "../../../../local/host/host-clock.ts";
import { startSessionPump } from "../../../../local/host/service-bus/session-pump.ts";

describe("a session whose link is gone before it is listened to", () => {
  it("is told of, and the pump goes on and stops", async () => {
    const receiver = {
      sessionId: "s",
      subscribe() {
        throw new Error('The receiver for session "s" has been closed');
      },
      close: () => Promise.resolve(),
    };
    let accepts = 0;
    const client = {
      acceptNextSession() {
        accepts += 1;
        return accepts === 1
          ? Promise.resolve(receiver as unknown as ServiceBusSessionReceiver)
          : new Promise(() => undefined);
      },
    };
    const told: string[] = [];
    const pump = startSessionPump({
      connect: () => client as unknown as ServiceBusClient,
      queueName: "lane",
      maxConcurrentSessions: 1,
      sessionIdleTimeoutMs: 1_000,
      maxAutoLockRenewalMs: 1_000,
      clock: createSystemClock(),
      log: (_level, _category, message) => void told.push(message),
      category: "test",
      run: () => Promise.resolve(),
    });
    // Its slot is free again.
    await expect.poll(() => accepts).toBe(2);
    await pump.stop();
    expect(told[0]).toContain("has been closed");
  });
});
