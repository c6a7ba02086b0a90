import type { ServiceBusSessionReceiver } from "@azure/service-bus";
import { describe, expect, it } from "vitest";
import { holdSession } from "../../../../local/host/service-bus/hold-session.ts";
import { createSystemClock } from "../../../../local/host/host-clock.ts";

type Handlers = Parameters<ServiceBusSessionReceiver["subscribe"]>[0];

/** A session held whose client fails when the test says so; answers what was logged. */
function holdOne(): { readonly lines: string[]; fail(): Promise<void>; stop(): void; readonly ended: Promise<void> } {
  let handlers: Handlers | undefined;
  const receiver = {
    sessionId: "shard-17",
    subscribe(given: Handlers) {
      handlers = given;
      return { close: () => Promise.resolve() };
    },
    close: () => Promise.resolve(),
  } as unknown as ServiceBusSessionReceiver;
  const lines: string[] = [];
  const stop = new AbortController();
  const options = {
    queueName: "lane",
    sessionIdleTimeoutMs: 60_000,
    clock: createSystemClock(),
    log: (level: string, _category: string, message: string) => void lines.push(`${level} ${message}`),
    category: "test",
    run: () => Promise.resolve(),
  };
  const ended = holdSession(receiver, options, stop.signal);
  return {
    lines,
    ended,
    stop: () => stop.abort(),
    async fail() {
      const error = new Error("Cannot request messages on the receiver");
      await handlers?.processError({ error } as Parameters<Handlers["processError"]>[0]);
    },
  };
}

describe("a session whose client fails", () => {
  it("is given up, and said so", async () => {
    const session = holdOne();
    await session.fail();
    await session.ended;
    expect(session.lines).toEqual([
      "warning session shard-17 of lane is given up and accepted anew: Error: Cannot request messages on the receiver",
    ]);
  });

  it("is no news while the host stops", async () => {
    const session = holdOne();
    session.stop();
    await session.fail();
    await session.ended;
    expect(session.lines).toEqual([]);
  });
});
