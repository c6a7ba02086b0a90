import { type InvocationContext, app } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { createMemoryJournal } from "../../../../local/bus/memory-journal.ts";
import { startBus } from "../../../../local/bus/start-bus.ts";
import type { HostOptions } from "../../../../local/host/start-host.ts";
import { startTestHost, type TestHost } from "../start-test-host.ts";
import { queue, sendTo, startTestBus } from "./start-test-bus.ts";

interface SessionOptions {
  readonly maxConcurrentSessions?: number;
  readonly sessionIdleTimeout?: string;
  readonly maxAutoLockRenewalDuration?: string;
}

async function startSessionApp(
  connection: string,
  handler: (body: unknown, context: InvocationContext) => unknown,
  serviceBus: SessionOptions = {},
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  return startTestHost({
    serviceBusConnection: connection,
    hostJson: { version: "2.0", extensions: { serviceBus: { maxConcurrentSessions: 32, ...serviceBus } } },
    load: () =>
      app.serviceBusQueue("lane", {
        queueName: "lane",
        connection: "Bus",
        isSessionsEnabled: true,
        handler: async (body, context) => {
          await handler(body, context);
        },
      }),
    ...options,
  });
}

const lane = (more: Parameters<typeof queue>[1] = {}): ReturnType<typeof queue> =>
  queue("lane", { requiresSession: true, ...more });

describe("a session queue's function", () => {
  it("gets each session's messages in order and one at a time, sessions beside each other", async () => {
    const { bus, send } = await startTestBus(lane());
    const seen = new Map<unknown, unknown[]>();
    const open = new Set<unknown>();
    let most = 0;
    let overlaps = 0;
    await startSessionApp(bus.connectionString, async (body, { triggerMetadata }) => {
      const session = triggerMetadata?.["sessionId"];
      if (open.has(session)) overlaps += 1;
      open.add(session);
      most = Math.max(most, open.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open.delete(session);
      seen.set(session, [...(seen.get(session) ?? []), body]);
    });
    const sessions = Array.from({ length: 12 }, (_, at) => `shard-${at}`);
    for (let number = 0; number < 5; number += 1) {
      await send("lane", ...sessions.map((sessionId) => ({ sessionId, body: number })));
    }
    await expect.poll(() => bus.counts()["lane"], { timeout: 10_000 }).toMatchObject({ active: 0 });
    expect(seen.size).toBe(12);
    for (const bodies of seen.values()) expect(bodies).toEqual([0, 1, 2, 3, 4]);
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(4);
  });

  it("that throws gets the same message again before the next, then the queue makes it a dead letter", async () => {
    const { bus, send } = await startTestBus(lane({ maxDeliveryCount: 2 }));
    const seen: unknown[] = [];
    await startSessionApp(bus.connectionString, (body, { triggerMetadata }) => {
      seen.push([body, triggerMetadata?.["deliveryCount"]]);
      if (body === "bad") throw new Error("poison");
    });
    await send("lane", ...["good", "bad", "next"].map((body) => ({ sessionId: "s", body })));
    await expect.poll(() => seen.length).toBe(4);
    expect(seen).toEqual([
      ["good", 1],
      ["bad", 1],
      ["bad", 2],
      ["next", 1],
    ]);
    await expect.poll(() => bus.counts()["lane"]).toMatchObject({ deadLetter: 1 });
  });

  it("gives an idle session back, so that one slot serves many", async () => {
    const { bus, send } = await startTestBus(lane());
    const seen: string[] = [];
    await startSessionApp(bus.connectionString, (body) => seen.push(String(body)), {
      maxConcurrentSessions: 1,
      sessionIdleTimeout: "00:00:00.05",
    });
    await send("lane", ...["a", "b", "c"].map((sessionId) => ({ sessionId, body: sessionId })));
    await expect.poll(() => new Set(seen)).toEqual(new Set(["a", "b", "c"]));
    await send("lane", { sessionId: "a", body: "a again" });
    await expect.poll(() => seen.at(-1)).toBe("a again");
  });

  it("keeps its session while a run outlasts the idle time, and gives it back when the run ends", async () => {
    const { bus, send, client } = await startTestBus(lane());
    let running = 0;
    let most = 0;
    let done = 0;
    await startSessionApp(
      bus.connectionString,
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 150));
        running -= 1;
        done += 1;
      },
      { sessionIdleTimeout: "00:00:00.05" },
    );
    await send("lane", { sessionId: "s", body: 1 }, { sessionId: "s", body: 2 });
    await expect.poll(() => done).toBe(2);
    expect(most).toBe(1);
    await expect
      .poll(async () => {
        const taken = await client.acceptSession("lane", "s");
        await taken.close();
        return taken.sessionId;
      })
      .toBe("s");
  });

  it("goes on after its lock was lost, which is told and costs a second delivery", async () => {
    const { bus, send } = await startTestBus(lane({ lockDurationMs: 300 }));
    const seen: unknown[] = [];
    const host = await startSessionApp(
      bus.connectionString,
      async (body) => {
        seen.push(body);
        if (seen.length === 1) await new Promise((resolve) => setTimeout(resolve, 700));
      },
      { maxAutoLockRenewalDuration: "00:00:00" },
    );
    await send("lane", { sessionId: "s", body: "once" });
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await expect.poll(() => bus.counts()["lane"]).toMatchObject({ active: 0 });
    expect(
      host.lines.some((line) => line.startsWith("warning") && /will be delivered again|accepted anew/.test(line)),
    ).toBe(true);
    await send("lane", { sessionId: "s", body: "twice" });
    await expect.poll(() => seen.at(-1)).toBe("twice");
  });

  it("renews its lock while it runs", async () => {
    const { bus, send } = await startTestBus(lane({ lockDurationMs: 700 }));
    const seen: unknown[] = [];
    await startSessionApp(bus.connectionString, async (body) => {
      seen.push(body);
      await new Promise((resolve) => setTimeout(resolve, 1500));
    });
    await send("lane", { sessionId: "s", body: "long" });
    await expect.poll(() => bus.counts()["lane"], { timeout: 10_000 }).toMatchObject({ active: 0 });
    expect(seen).toEqual(["long"]);
  });

  it("is found again when the bus comes back", async () => {
    const journal = createMemoryJournal();
    const options = { queues: [lane()], journal, warn: () => undefined };
    const first = await startBus(options);
    const seen: unknown[] = [];
    const host = await startSessionApp(first.connectionString, (body) => seen.push(body));
    const { port } = first;
    await sendTo(first, "lane", { sessionId: "s", body: "before" });
    await expect.poll(() => seen).toEqual(["before"]);
    await expect.poll(() => first.counts()["lane"]).toMatchObject({ active: 0 });
    await first.close();
    await expect.poll(() => host.lines.some((line) => line.includes("trying on")), { timeout: 10_000 }).toBe(true);
    const second = await startBus({ ...options, port });
    await sendTo(second, "lane", { sessionId: "s", body: "after" });
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual(["before", "after"]);
    await host.stop();
    await second.close();
  });

  it("stops at once while accepts wait, and lets what runs end", async () => {
    const { bus, send } = await startTestBus(lane());
    let ended = false;
    const idle = await startSessionApp(bus.connectionString, () => undefined);
    const begun = performance.now();
    await idle.stop();
    expect(performance.now() - begun).toBeLessThan(900);

    let started = false;
    const busy = await startSessionApp(bus.connectionString, async () => {
      started = true;
      await new Promise((resolve) => setTimeout(resolve, 200));
      ended = true;
    });
    await send("lane", { sessionId: "s", body: 1 }, { sessionId: "s", body: 2 });
    await expect.poll(() => started).toBe(true);
    await busy.stop();
    expect(ended).toBe(true);
    await expect.poll(() => bus.counts()["lane"]).toMatchObject({ active: 1 });
  });

  it("that never ends does not keep the host from stopping", async () => {
    const { bus, send } = await startTestBus(lane());
    let started = false;
    const host = await startSessionApp(
      bus.connectionString,
      async () => {
        started = true;
        await new Promise(() => undefined);
      },
      {},
      { stopGraceMs: 100 },
    );
    await send("lane", { sessionId: "s", body: 1 });
    await expect.poll(() => started).toBe(true);
    await host.stop();
    expect(host.lines.some((line) => line.includes("is left behind"))).toBe(true);
  });

  it("that outlasts functionTimeout counts as failed", async () => {
    const { bus, send } = await startTestBus(lane({ maxDeliveryCount: 1 }));
    const host = await startTestHost({
      serviceBusConnection: bus.connectionString,
      hostJson: { version: "2.0", functionTimeout: "00:00:00.1" },
      stopGraceMs: 100,
      load: () =>
        app.serviceBusQueue("lane", {
          queueName: "lane",
          connection: "Bus",
          isSessionsEnabled: true,
          handler: () => new Promise<void>(() => undefined),
        }),
    });
    await send("lane", { sessionId: "s", body: 1 });
    await expect.poll(() => bus.counts()["lane"]).toMatchObject({ deadLetter: 1 });
    expect(host.lines.some((line) => line.includes("Timeout value of 100 ms was exceeded"))).toBe(true);
  });
});
