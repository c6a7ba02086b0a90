import { type InvocationContext, type ServiceBusQueueFunctionOptions, app } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { createMemoryJournal } from "../../../../local/bus/memory-journal.ts";
import { startBus } from "../../../../local/bus/start-bus.ts";
import type { HostOptions } from "../../../../local/host/start-host.ts";
import { KEYS, startTestHost, type TestHost } from "../start-test-host.ts";
import { queue, sendTo, startTestBus } from "./start-test-bus.ts";

interface Call {
  readonly input: unknown;
  readonly context: InvocationContext;
}

async function startQueueApp(
  connection: string,
  handler: (call: Call) => unknown,
  trigger: Partial<ServiceBusQueueFunctionOptions> & { readonly dataType?: string } = {},
  options: Partial<HostOptions> = {},
): Promise<TestHost> {
  return startTestHost({
    settings: { Bus: connection },
    load: () =>
      app.serviceBusQueue("worker", {
        queueName: "jobs",
        connection: "Bus",
        handler: async (input, context) => {
          await handler({ input, context });
        },
        ...trigger,
      }),
    ...options,
  });
}

describe("a queue's function", () => {
  it("receives bodies as the worker hands them over: what reads as JSON is parsed, even where a text was sent", async () => {
    const { bus, send } = await startTestBus(queue("jobs"));
    const calls: Call[] = [];
    await startQueueApp(bus.connectionString, (call) => calls.push(call));
    await send(
      "jobs",
      { body: { incident: 7 }, messageId: "a-7" },
      { body: Buffer.from("123"), messageId: "123", correlationId: "0042" },
      { body: Buffer.from("plain words"), messageId: "true" },
      { body: "123", messageId: "b" },
    );
    await expect.poll(() => calls.length).toBe(4);
    const seen = calls.map(({ input, context }) => [input, context.triggerMetadata?.["messageId"]]);
    expect(seen).toContainEqual([{ incident: 7 }, "a-7"]);
    // The trap: a text that reads as JSON arrives as what it reads as.
    expect(seen).toContainEqual([123, 123]);
    expect(seen).toContainEqual(["plain words", true]);
    // The client itself sends a text as JSON, in quotes.
    expect(seen).toContainEqual(["123", "b"]);
    const trapped = calls.find(({ input }) => input === 123);
    expect(trapped?.context.triggerMetadata?.["correlationId"]).toBe("0042");
  });

  it("is told of the message what the real host tells, under its names", async () => {
    const { bus, send } = await startTestBus(queue("jobs"));
    const calls: Call[] = [];
    await startQueueApp(bus.connectionString, (call) => calls.push(call));
    await send("jobs", {
      body: { a: 1 },
      messageId: "m",
      correlationId: "c",
      contentType: "application/json",
      subject: "s",
      to: "t",
      replyTo: "r",
      applicationProperties: { Lane: "itsm", attempt: 2 },
    });
    await expect.poll(() => calls.length).toBe(1);
    const metadata = calls[0]?.context.triggerMetadata ?? {};
    expect(metadata).toMatchObject({
      messageId: "m",
      correlationId: "c",
      contentType: "application/json",
      subject: "s",
      label: "s",
      to: "t",
      replyTo: "r",
      deliveryCount: 1,
      sequenceNumber: expect.any(Number),
      lockToken: expect.stringMatching(/^[\da-f-]{36}$/),
      enqueuedTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      // The library makes the first letter of every name small, of the app's own names too.
      applicationProperties: { lane: "itsm", attempt: 2 },
      userProperties: { lane: "itsm", attempt: 2 },
    });
    expect(metadata["sessionId"]).toBeUndefined();
    expect(calls[0]?.context.options.trigger).toMatchObject({ type: "serviceBusTrigger", queueName: "jobs" });
    await expect.poll(() => bus.counts()["jobs"]).toMatchObject({ active: 0 });
  });

  it("that throws gets the message again at once, until the queue makes it a dead letter", async () => {
    const { bus, send, client } = await startTestBus(queue("jobs", { maxDeliveryCount: 3 }));
    const counts: unknown[] = [];
    await startQueueApp(bus.connectionString, ({ context }) => {
      counts.push(context.triggerMetadata?.["deliveryCount"]);
      throw new Error("poison");
    });
    await send("jobs", { body: "x" });
    const dead = client.createReceiver("jobs", { subQueueType: "deadLetter" });
    const [letter] = await dead.receiveMessages(1, { maxWaitTimeInMs: 5000 });
    expect(letter?.deadLetterReason).toBe("MaxDeliveryCountExceeded");
    expect(counts).toEqual([1, 2, 3]);
    await dead.close();
  });

  it("takes so many messages at a time, and no more", async () => {
    const { bus, send } = await startTestBus(queue("jobs"));
    let now = 0;
    let most = 0;
    let done = 0;
    await startQueueApp(
      bus.connectionString,
      async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now -= 1;
        done += 1;
      },
      {},
      { hostJson: { version: "2.0", extensions: { serviceBus: { maxConcurrentCalls: 4 } } } },
    );
    await send("jobs", ...Array.from({ length: 20 }, (_, at) => ({ body: at })));
    await expect.poll(() => done, { timeout: 5000 }).toBe(20);
    expect(most).toBe(4);
  });

  it("can take many in one call, and settles them together", async () => {
    const { bus, send } = await startTestBus(queue("jobs"));
    const calls: Call[] = [];
    await startQueueApp(
      bus.connectionString,
      (call) => {
        calls.push(call);
        if (calls.length === 1) throw new Error("first batch");
      },
      { cardinality: "many" },
    );
    await send("jobs", { body: { n: 1 }, messageId: "1" }, { body: { n: 2 }, messageId: "two" });
    await expect.poll(() => calls.length).toBe(2);
    expect(calls[1]?.input).toEqual([{ n: 1 }, { n: 2 }]);
    expect(calls[1]?.context.triggerMetadata).toMatchObject({
      messageIdArray: [1, "two"],
      deliveryCountArray: [2, 2],
      sequenceNumberArray: [expect.any(Number), expect.any(Number)],
    });
    await expect.poll(() => bus.counts()["jobs"]).toMatchObject({ active: 0 });
  });

  it("gets bytes where it asks for them; elsewhere a body that is no UTF-8 becomes a dead letter", async () => {
    const { bus, send } = await startTestBus(queue("jobs"), queue("texts"));
    const inputs: unknown[] = [];
    const bytes = Buffer.from([0xff, 0x00, 0x80]);
    const host = await startTestHost({
      serviceBusConnection: bus.connectionString,
      load: () => {
        for (const name of ["jobs", "texts"]) {
          const trigger = { queueName: name, connection: "x", ...(name === "jobs" && { dataType: "binary" }) };
          app.serviceBusQueue(name, { ...trigger, handler: (input) => void inputs.push(input) });
        }
      },
    });
    await send("jobs", { body: bytes });
    await send("texts", { body: bytes, messageId: "raw" });
    await expect.poll(() => bus.counts()["texts"]).toMatchObject({ deadLetter: 1 });
    expect(inputs).toEqual([bytes]);
    expect(host.lines.some((line) => line.includes("the body of message raw is not UTF-8"))).toBe(true);
  });

  it("leaves the message to itself where autoCompleteMessages is off", async () => {
    const { bus, send } = await startTestBus(queue("jobs"));
    let calls = 0;
    await startQueueApp(bus.connectionString, () => (calls += 1), { autoCompleteMessages: false });
    await send("jobs", { body: 1 });
    await expect.poll(() => calls).toBe(1);
    expect(bus.counts()["jobs"]).not.toMatchObject({ active: 0 });
  });

  it("goes on when the bus comes back", async () => {
    const options = { queues: [queue("jobs")], journal: createMemoryJournal(), warn: () => undefined };
    const first = await startBus(options);
    const seen: unknown[] = [];
    const host = await startQueueApp(first.connectionString, ({ input }) => seen.push(input));
    await sendTo(first, "jobs", { body: 1 });
    await expect.poll(() => seen).toEqual([1]);
    await expect.poll(() => first.counts()["jobs"]).toMatchObject({ active: 0 });
    await first.close();
    const second = await startBus({ ...options, port: first.port });
    await sendTo(second, "jobs", { body: 2 });
    await expect.poll(() => seen, { timeout: 15_000 }).toEqual([1, 2]);
    await host.stop();
    await second.close();
  });

  it("can be run through the admin route with a body of the caller's", async () => {
    const { bus } = await startTestBus(queue("jobs"));
    const calls: Call[] = [];
    const host = await startQueueApp(bus.connectionString, (call) => calls.push(call));
    const response = await fetch(`${host.url}/admin/functions/worker`, {
      method: "POST",
      headers: { "x-functions-key": KEYS.master },
      body: JSON.stringify({ input: '{"by":"hand"}' }),
    });
    expect(response.status).toBe(202);
    await expect.poll(() => calls[0]?.input).toEqual({ by: "hand" });
  });
});

describe("what Azure would not do", () => {
  it.each([
    [{ cardinality: "many", isSessionsEnabled: true }, "one session at a time"],
    [{ cardinality: "some" }, 'cardinality must be "one" or "many"'],
    [{ queueName: "%QUEUE%" }, "set the app setting QUEUE"],
    [{ connection: "Nowhere" }, "Nowhere has no Service Bus connection string"],
    [{ topicName: "news", queueName: undefined }, "topics"],
    [{ isSessionsEnabled: "yes" }, "isSessionsEnabled must be true or false"],
  ])("%j fails that function alone", async (trigger, why) => {
    const host = await startQueueApp("Endpoint=unused", () => undefined, trigger as never);
    expect(host.functions[0]?.failure).toContain(why);
  });

  it.each([
    [{ sessionHandlerOptions: { maxConcurrentSessions: 1 } }, "maxConcurrentSessions, sessionIdleTimeout"],
    [{ messageHandlerOptions: {} }, "maxConcurrentCalls"],
    [{ autoComplete: true }, "autoCompleteMessages"],
    [{ maxConcurrentSessions: 0 }, "at least 1"],
    [{ sessionIdleTimeout: "soon" }, '"00:01:00"'],
  ])("host.json with %j stops the start", async (serviceBus, why) => {
    const starting = startTestHost({
      load: () => app.get("x", () => ({})),
      hostJson: { version: "2.0", extensions: { serviceBus } },
    });
    await expect(starting).rejects.toThrow(why);
  });
});
