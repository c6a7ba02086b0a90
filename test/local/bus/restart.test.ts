import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { openLmdbJournal } from "../../../local/bus/lmdb-journal.ts";
import { createMemoryJournal } from "../../../local/bus/memory-journal.ts";
import { startBus } from "../../../local/bus/start-bus.ts";
import { connectTo, QUEUES, receive, startTestBus, temporaryFolder } from "./bus-fixture.ts";

const CHILD = fileURLToPath(new URL("./bus-child.ts", import.meta.url));

describe("a bus that is killed", { timeout: 30_000 }, () => {
  it("has everything it acknowledged after a restart, its locks void, its counts and numbers kept", async () => {
    const folder = temporaryFolder();
    const first = await startChild(folder);
    const client = connectTo(first.connectionString, 2_000);
    const sender = client.createSender("sessions");
    await sender.sendMessages([1, 2, 3].map((n) => ({ body: n, sessionId: "s", messageId: `m${n}` })));
    const plain = client.createSender("plain");
    await plain.sendMessages([
      { body: "completed", messageId: "completed" },
      { body: "dead", messageId: "dead" },
      { body: "last", messageId: "last" },
    ]);
    await plain.scheduleMessages({ body: "later", messageId: "later" }, new Date(Date.now() + 1_500));
    const receiver = client.createReceiver("plain");
    const [completed, dead, last] = await receive(receiver, 3);
    await receiver.completeMessage(completed!);
    await receiver.deadLetterMessage(dead!, { deadLetterReason: "malformed", deadLetterErrorDescription: "x" });
    const session = await client.acceptSession("sessions", "s");
    const [message] = await receive(session, 1);
    await session.abandonMessage(message!);
    const [held] = await receive(session, 1);
    // A settlement is answered when it is kept, and with it all that went before, the delivery too.
    await receiver.completeMessage(last!);
    first.process.kill("SIGKILL");
    await once(first.process, "exit");

    const journal = openLmdbJournal(folder);
    onTestFinished(() => journal.close());
    const bus = await startTestBus(journal);
    expect(bus.counts()).toEqual({
      plain: { active: 0, scheduled: 1, deadLetter: 1 },
      sessions: { active: 3, scheduled: 0, deadLetter: 0 },
    });
    const after = connectTo(bus.connectionString);
    const again = await after.acceptSession("sessions", "s");
    const received = await receive(again, 3);
    expect(received.map(({ body, deliveryCount }) => ({ body: body as number, deliveryCount }))).toEqual([
      // Abandoned once, and under way when the process died.
      { body: 1, deliveryCount: 2 },
      { body: 2, deliveryCount: 0 },
      { body: 3, deliveryCount: 0 },
    ]);
    expect(received[0]!.sequenceNumber).toEqual(held!.sequenceNumber);
    const [deadAgain] = await receive(after.createReceiver("plain", { subQueueType: "deadLetter" }), 1);
    expect(deadAgain).toMatchObject({ body: "dead", deadLetterReason: "malformed" });
    const newSender = after.createSender("sessions");
    await newSender.sendMessages([
      { body: "repeated", sessionId: "s", messageId: "m1" },
      { body: 4, sessionId: "s", messageId: "m4" },
    ]);
    const [fourth] = await receive(again, 1);
    expect(fourth!.body).toBe(4);
    expect(fourth!.sequenceNumber!.greaterThan(received[2]!.sequenceNumber!)).toBe(true);
    const [later] = await receive(after.createReceiver("plain"), 1);
    expect(later!.body).toBe("later");
  });

  it("loses nothing that was acknowledged in the middle of heavy sending", async () => {
    const folder = temporaryFolder();
    const child = await startChild(folder);
    const client = connectTo(child.connectionString, 1_000);
    const sender = client.createSender("plain");
    const acknowledged: number[] = [];
    const sending = Array.from({ length: 400 }, (_, n) =>
      sender.sendMessages({ body: n, messageId: `m${n}` }).then(
        () => {
          acknowledged.push(n);
          if (acknowledged.length === 100) child.process.kill("SIGKILL");
        },
        // Not acknowledged: the process is gone.
        () => undefined,
      ),
    );
    await once(child.process, "exit");
    await client.close();
    await Promise.all(sending);
    const journal = openLmdbJournal(folder);
    const kept = new Set<number>();
    for (const row of journal.load()) {
      if (row.type === "message") kept.add(Number(/\d+/.exec(row.message.messageId ?? "")?.[0]));
    }
    await journal.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(100);
    expect(acknowledged.filter((n) => !kept.has(n))).toEqual([]);
  });
});

describe("a bus that is closed", () => {
  it("does not count what was under way, and keeps queues that are no longer declared", async () => {
    const journal = createMemoryJournal();
    const first = await startBus({ queues: QUEUES, journal });
    const client = connectTo(first.connectionString, 1_000);
    await client.createSender("plain").sendMessages({ body: 1 });
    await client.createSender("sessions").sendMessages({ body: 2, sessionId: "s" });
    await receive(client.createReceiver("plain"), 1);
    await receive(await client.acceptSession("sessions", "s"), 1);
    await first.close();

    const second = await startBus({ queues: QUEUES.filter((queue) => queue.name === "plain"), journal });
    expect(second.counts()).toEqual({ plain: { active: 1, scheduled: 0, deadLetter: 0 } });
    await second.close();

    const third = await startTestBus(journal);
    const after = connectTo(third.connectionString);
    const [plain] = await receive(after.createReceiver("plain"), 1);
    const [message] = await receive(await after.acceptSession("sessions", "s"), 1);
    expect([plain!.deliveryCount, message!.deliveryCount]).toEqual([0, 0]);
  });

  it("refuses a queue that now requires sessions and holds a message without one", async () => {
    const journal = createMemoryJournal();
    const first = await startBus({ queues: QUEUES, journal });
    const client = connectTo(first.connectionString);
    await client.createSender("plain").sendMessages({ body: 1 });
    await client.close();
    await first.close();
    const changed = QUEUES.map((queue) => ({ ...queue, requiresSession: true }));
    await expect(startBus({ queues: changed, journal })).rejects.toThrow(
      "'plain' requires sessions, but the journal holds",
    );
  });
});

async function startChild(folder: string): Promise<{ process: ChildProcess; connectionString: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, folder], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) return { process: child, connectionString: line };
  throw new Error("the bus process ended before it listened");
}
