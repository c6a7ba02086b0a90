import { randomUUID } from "node:crypto";
import { connect as connectSocket, createServer, type AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMemoryJournal } from "../../../local/bus/memory-journal.ts";
import { startBus } from "../../../local/bus/start-bus.ts";
import { connectTo, QUEUES, receive, startProxy, startTestBus } from "./bus-fixture.ts";
import { wait } from "./scenarios.ts";

describe("what the embedded bus does not have is refused by name", () => {
  it("defer, and messages by sequence number", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    await client.createSender("plain").sendMessages({ body: 1 });
    const receiver = client.createReceiver("plain");
    const [message] = await receive(receiver, 1);
    await expect(receiver.deferMessage(message!)).rejects.toThrow("Deferring messages is not in this stand-in");
    await expect(receiver.receiveDeferredMessages(message!.sequenceNumber!)).rejects.toThrow(
      "'com.microsoft:receive-by-sequence-number' is not in this stand-in",
    );
  });

  it("session state", async () => {
    const bus = await startTestBus();
    const session = await connectTo(bus.connectionString).acceptSession("sessions", "s");
    await expect(session.getSessionState()).rejects.toThrow(
      "'com.microsoft:get-session-state' is not in this stand-in",
    );
    await expect(session.setSessionState("x")).rejects.toThrow(
      "'com.microsoft:set-session-state' is not in this stand-in",
    );
  });

  it("topics, and rules", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    const receiver = client.createReceiver("topic", "subscription");
    await expect(receiver.receiveMessages(1)).rejects.toThrow("Topics and subscriptions are not in this stand-in");
    await expect(client.createRuleManager("topic", "subscription").listRules().next()).rejects.toThrow(
      "Topics and subscriptions are not in this stand-in",
    );
  });

  it("the wrong kind of receiver, and sending to dead letters", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    await expect(client.createReceiver("sessions").receiveMessages(1)).rejects.toThrow("requires sessions");
    await expect(client.acceptSession("plain", "s")).rejects.toMatchObject({
      code: "SessionCannotBeLocked",
    });
    await expect(client.createSender("plain/$DeadLetterQueue").sendMessages({ body: 1 })).rejects.toThrow(
      "dead letters",
    );
  });
});

describe("the embedded bus", () => {
  it("listens on this machine only, and says which port is taken", async () => {
    const bus = await startTestBus();
    await expect(startBus({ queues: QUEUES, journal: createMemoryJournal(), port: bus.port })).rejects.toThrow(
      `port ${bus.port} on 127.0.0.1 is in use`,
    );
    const taken = createServer();
    await new Promise<void>((resolve) => {
      // Free on every other address: the bus must not be there.
      taken.listen(bus.port, "127.0.0.2", resolve);
    });
    expect((taken.address() as AddressInfo).port).toBe(bus.port);
    await new Promise((resolve) => {
      taken.close(resolve);
    });
  });

  it("counts what it holds", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    const sender = client.createSender("plain");
    await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000));
    const receiver = client.createReceiver("plain");
    const [message] = await receive(receiver, 1);
    await receiver.deadLetterMessage(message!);
    expect(bus.counts()).toEqual({
      plain: { active: 2, scheduled: 1, deadLetter: 1 },
      sessions: { active: 0, scheduled: 0, deadLetter: 0 },
    });
  });

  it("keeps the AMQP types of what is sent through it", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    await client.createSender("plain").sendMessages({
      body: [1, "two", { three: 3.5 }],
      bodyType: "value",
      applicationProperties: { big: 2 ** 40, at: new Date(1_700_000_000_000) },
      header: { durable: true, priority: 7 },
      messageAnnotations: { "x-own": "kept", "x-opt-sequence-number": 999_999 },
      properties: { messageId: 12_345, groupId: "g" },
    });
    const [message] = await receive(client.createReceiver("plain"), 1);
    const raw = message!._rawAmqpMessage;
    expect(raw.bodyType).toBe("value");
    expect(message!.body).toEqual([1, "two", { three: 3.5 }]);
    expect(message!.messageId).toBe(12_345);
    expect(message!.applicationProperties).toEqual({ big: 2 ** 40, at: 1_700_000_000_000 });
    expect(raw.header).toMatchObject({ durable: true, priority: 7 });
    expect(raw.messageAnnotations).toMatchObject({ "x-own": "kept" });
    expect(message!.sequenceNumber!.toNumber()).toBe(1);
  });

  it("goes on after the connection was cut, and counts the delivery that was under way", async () => {
    const bus = await startTestBus();
    const proxy = await startProxy(bus.port);
    const client = connectTo(proxy.connectionString);
    const sender = client.createSender("sessions");
    await sender.sendMessages({ body: 1, sessionId: "s", messageId: randomUUID() });
    const [first] = await receive(await client.acceptSession("sessions", "s"), 1);
    expect(first!.deliveryCount).toBe(0);
    proxy.cut();
    // What a client begins before it notices the cut waits for its operation timeout.
    await wait(100);
    const session = await client.acceptSession("sessions", "s");
    const [again] = await receive(session, 1);
    expect([again!.body, again!.deliveryCount]).toEqual([1, 1]);
    await session.completeMessage(again!);
    await sender.sendMessages({ body: 2, sessionId: "s", messageId: randomUUID() });
    const [next] = await receive(session, 1);
    expect(next!.body).toBe(2);
  });

  it("feeds a subscriber on across a cut", async () => {
    const bus = await startTestBus();
    const proxy = await startProxy(bus.port);
    const client = connectTo(proxy.connectionString);
    const seen = new Set<unknown>();
    const subscription = client.createReceiver("plain").subscribe({
      processMessage: async (message) => void seen.add(message.body),
      // The cut is reported here.
      processError: async () => undefined,
    });
    const direct = connectTo(bus.connectionString).createSender("plain");
    await direct.sendMessages({ body: "before" });
    await expect.poll(() => seen.has("before")).toBe(true);
    proxy.cut();
    await direct.sendMessages({ body: "after" });
    await expect.poll(() => seen.has("after"), { timeout: 5_000 }).toBe(true);
    await subscription.close();
  });

  it("passes more than 2,048 others while one message is held", async () => {
    const bus = await startTestBus();
    const client = connectTo(bus.connectionString);
    const sender = client.createSender("plain");
    const held = client.createReceiver("plain");
    await sender.sendMessages({ body: "held" });
    const [message] = await receive(held, 1);
    const passing = client.createReceiver("plain", { receiveMode: "receiveAndDelete" });
    for (let round = 0; round < 5; round += 1) {
      await sender.sendMessages(Array.from({ length: 500 }, (_, n) => ({ body: n })));
      await receive(passing, 500);
    }
    await held.completeMessage(message!);
    expect(bus.counts()["plain"]).toEqual({ active: 0, scheduled: 0, deadLetter: 0 });
  });

  it("gives a waiting receiver its session, and forgets one that went away", async () => {
    const bus = await startTestBus();
    const gone = connectTo(bus.connectionString);
    // Never settles: the client does not end a wait for a session when it is closed.
    void gone.acceptNextSession("sessions").catch(() => undefined);
    const client = connectTo(bus.connectionString);
    const waiting = client.acceptNextSession("sessions");
    await wait(150);
    await gone.close();
    await client.createSender("sessions").sendMessages({ body: 1, sessionId: "s" });
    expect((await waiting).sessionId).toBe("s");
  });

  it("closes a connection that does not speak AMQP, and serves the others", async () => {
    const warnings: string[] = [];
    const bus = await startTestBus(createMemoryJournal(), (message) => warnings.push(message));
    const client = connectTo(bus.connectionString);
    await client.createSender("plain").sendMessages({ body: 1 });
    for (const noise of [
      "GET / HTTP/1.1\r\n\r\n",
      "AMQP\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0009\u0002\u0000\u0000\u0000\u0000",
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connectSocket(bus.port, "127.0.0.1", () => socket.write(noise));
        socket.on("data", () => undefined);
        socket.on("close", () => resolve());
        onTestFinished(() => void socket.destroy());
      });
    }
    expect(warnings.length).toBeGreaterThan(0);
    expect((await receive(client.createReceiver("plain"), 1))[0]!.body).toBe(1);
  });

  it("ends its connections when the journal fails, rather than say that all is well", async () => {
    const warnings: string[] = [];
    const journal = { ...createMemoryJournal(), write: () => Promise.reject(new Error("disk full")) };
    const bus = await startBus({ queues: QUEUES, journal, warn: (message) => warnings.push(message) });
    const client = connectTo(bus.connectionString, 1_000);
    await expect(client.createSender("plain").sendMessages({ body: 1 })).rejects.toBeInstanceOf(Error);
    expect(warnings[0]).toContain("disk full");
    await expect(bus.close()).rejects.toThrow("disk full");
  });
});
