import { randomUUID } from "node:crypto";
import {
  ServiceBusClient,
  type ServiceBusMessage,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  type ServiceBusSessionReceiver,
} from "@azure/service-bus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A Service Bus to hold the scenarios against. All queues: duplicate detection on, dead-lettering on expiration on. */
export interface ScenarioTarget {
  connectionString(): string;
  readonly plainQueue: string;
  readonly sessionQueue: string;
  /** The same again, for waiting until a lock runs out. */
  readonly shortLockQueue: string;
  readonly shortLockSessionQueue: string;
  readonly shortLockMs: number;
  /** As configured on all of them. */
  readonly maxDeliveryCount: number;
  /** How far apart things happen: more for a service far away. */
  readonly patienceMs: number;
}

/** What the real client sees of queues; nothing here knows which Service Bus it talks to. */
export function describeScenarios(title: string, target: ScenarioTarget): void {
  describe(`queues of ${title}`, { timeout: 30_000 + 10 * target.shortLockMs }, () => {
    let client: ServiceBusClient;
    const { plainQueue, sessionQueue, shortLockQueue, shortLockSessionQueue, patienceMs } = target;

    beforeAll(async () => {
      client = connect();
      await empty(client.createReceiver(plainQueue, { receiveMode: "receiveAndDelete" }));
      await empty(client.createReceiver(shortLockQueue, { receiveMode: "receiveAndDelete" }));
      await empty(deadLetters(plainQueue, "receiveAndDelete"));
      await empty(deadLetters(sessionQueue, "receiveAndDelete"));
    });
    afterAll(() => client.close());

    describe("a queue without sessions", () => {
      it("delivers what was sent, with its properties and the service's own", async () => {
        const before = Date.now();
        const sent: ServiceBusMessage = {
          body: { incident: 7, titles: ["ä", "b"] },
          messageId: randomUUID(),
          subject: "delta",
          correlationId: "c-1",
          contentType: "application/json",
          replyTo: "elsewhere",
          to: "somewhere",
          timeToLive: 600_000,
          applicationProperties: { text: "x", whole: 5, negative: -5, fraction: 1.5, yes: true },
        };
        await send(plainQueue, sent);
        const receiver = client.createReceiver(plainQueue);
        const message = await one(receiver);
        const { body, messageId, subject, correlationId, contentType, replyTo, to, timeToLive, applicationProperties } =
          message;
        expect({
          body,
          messageId,
          subject,
          correlationId,
          contentType,
          replyTo,
          to,
          timeToLive,
          applicationProperties,
        }).toEqual(sent);
        expect(message.deliveryCount).toBe(0);
        expect(message.state).toBe("active");
        expect(message.sequenceNumber?.toNumber()).toBeGreaterThan(0);
        expect(message.lockToken).toMatch(/^[0-9a-f-]{36}$/);
        expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThan(before - 60_000);
        expect(message.lockedUntilUtc?.getTime()).toBeGreaterThan(before);
        await receiver.completeMessage(message);
        await receiver.close();
        expect(await peekAll(plainQueue)).toEqual([]);
      });

      it("gives an id to a message without one", async () => {
        await send(plainQueue, { body: "no id" });
        const receiver = client.createReceiver(plainQueue, { receiveMode: "receiveAndDelete" });
        const message = await one(receiver);
        expect(message.body).toBe("no id");
        expect(String(message.messageId)).not.toBe("");
        await receiver.close();
      });

      it("takes a batch of 500, keeps its order, and deletes what it delivers where that is asked for", async () => {
        const ids = Array.from({ length: 500 }, () => randomUUID());
        const sender = client.createSender(plainQueue);
        await sender.sendMessages(ids.map((messageId, n) => ({ body: n, messageId })));
        await sender.close();
        const receiver = client.createReceiver(plainQueue, { receiveMode: "receiveAndDelete" });
        const received = await many(receiver, 500);
        expect(received.map((message) => message.body as number)).toEqual(ids.map((_, n) => n));
        await receiver.close();
        expect(await peekAll(plainQueue)).toEqual([]);
      });

      it("delivers an abandoned message again, counted, with the properties changed", async () => {
        await send(plainQueue, {
          body: 1,
          messageId: randomUUID(),
          applicationProperties: { kept: 1, changed: "before" },
        });
        const receiver = client.createReceiver(plainQueue);
        await receiver.abandonMessage(await one(receiver), { changed: "after", added: 2 });
        const again = await one(receiver);
        expect(again.deliveryCount).toBe(1);
        expect(again.applicationProperties).toEqual({ kept: 1, changed: "after", added: 2 });
        await receiver.completeMessage(again);
        await receiver.close();
      });

      it("gives up after the highest delivery count", async () => {
        const messageId = randomUUID();
        await send(plainQueue, { body: "poison", messageId });
        const receiver = client.createReceiver(plainQueue);
        for (let attempt = 0; attempt < target.maxDeliveryCount; attempt += 1) {
          const message = await one(receiver);
          expect(message.deliveryCount).toBe(attempt);
          await receiver.abandonMessage(message);
        }
        await receiver.close();
        const dead = deadLetters(plainQueue);
        const message = await one(dead);
        expect(message).toMatchObject({ messageId, body: "poison", deadLetterReason: "MaxDeliveryCountExceeded" });
        await dead.completeMessage(message);
        await dead.close();
      });

      it("takes dead letters with a reason, and delivers them from their own queue", async () => {
        const messageId = randomUUID();
        await send(plainQueue, { body: "dead", messageId, applicationProperties: { kept: true } });
        const receiver = client.createReceiver(plainQueue);
        await receiver.deadLetterMessage(await one(receiver), {
          deadLetterReason: "malformed",
          deadLetterErrorDescription: "no incident id",
          note: "added",
        });
        await receiver.close();
        const dead = deadLetters(plainQueue);
        const message = await one(dead);
        expect(message).toMatchObject({
          messageId,
          deadLetterReason: "malformed",
          deadLetterErrorDescription: "no incident id",
          applicationProperties: { kept: true, note: "added" },
        });
        await dead.abandonMessage(message);
        await dead.completeMessage(await one(dead));
        await dead.close();
      });

      it("redelivers when a lock runs out, and refuses to settle under the old one", async () => {
        await send(shortLockQueue, { body: 1, messageId: randomUUID() });
        const receiver = client.createReceiver(shortLockQueue, { maxAutoLockRenewalDurationInMs: 0 });
        const first = await one(receiver);
        const again = await one(receiver);
        expect(again.messageId).toBe(first.messageId);
        expect(again.deliveryCount).toBe(1);
        await expect(receiver.completeMessage(first)).rejects.toMatchObject({ code: "MessageLockLost" });
        await receiver.completeMessage(again);
        await receiver.close();
      });

      it("keeps a renewed lock", async () => {
        await send(shortLockQueue, { body: 1, messageId: randomUUID() });
        const receiver = client.createReceiver(shortLockQueue, { maxAutoLockRenewalDurationInMs: 0 });
        const message = await one(receiver);
        const first = message.lockedUntilUtc as Date;
        await wait(target.shortLockMs * 0.6);
        const renewed = await receiver.renewMessageLock(message);
        expect(renewed.getTime()).toBeGreaterThan(first.getTime());
        await wait(target.shortLockMs * 0.6);
        await receiver.completeMessage(message);
        await receiver.close();
      });

      it("settles through $management what was received on a link that is closed", async () => {
        const messageId = randomUUID();
        await send(plainQueue, { body: 1, messageId });
        const first = client.createReceiver(plainQueue, { maxAutoLockRenewalDurationInMs: 0 });
        const message = await one(first);
        await first.close();
        const second = client.createReceiver(plainQueue);
        await second.completeMessage(message);
        await second.close();
        expect(await peekAll(plainQueue)).toEqual([]);
      });

      it("holds back a message with a time to be enqueued at", async () => {
        const due = new Date(Date.now() + patienceMs);
        const messageId = randomUUID();
        await send(plainQueue, { body: "later", messageId, scheduledEnqueueTimeUtc: due });
        const receiver = client.createReceiver(plainQueue);
        const message = await one(receiver);
        expect(message.messageId).toBe(messageId);
        expect(Date.now()).toBeGreaterThanOrEqual(due.getTime() - 50);
        expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(due.getTime() - 50);
        await receiver.completeMessage(message);
        await receiver.close();
      });

      it("schedules, shows and cancels", async () => {
        const sender = client.createSender(plainQueue);
        const [kept, cancelled] = [randomUUID(), randomUUID()];
        const due = new Date(Date.now() + 60_000);
        const numbers = await sender.scheduleMessages(
          [
            { body: 1, messageId: kept },
            { body: 2, messageId: cancelled },
          ],
          due,
        );
        const peeker = client.createReceiver(plainQueue);
        const seen = await peeker.peekMessages(10, { fromSequenceNumber: numbers[0]! });
        expect(seen.map(({ messageId, state }) => ({ messageId, state }))).toEqual([
          { messageId: kept, state: "scheduled" },
          { messageId: cancelled, state: "scheduled" },
        ]);
        expect(seen[0]?.scheduledEnqueueTimeUtc).toEqual(due);
        await sender.cancelScheduledMessages(numbers[1]!);
        const left = await peeker.peekMessages(10, { fromSequenceNumber: numbers[0]! });
        expect(left.map((message) => message.messageId)).toEqual([kept]);
        await expect(sender.cancelScheduledMessages(numbers[1]!)).rejects.toMatchObject({ code: "MessageNotFound" });
        await sender.cancelScheduledMessages(numbers[0]!);
        await peeker.close();
        await sender.close();
      });

      it("makes a dead letter of what expires", async () => {
        const messageId = randomUUID();
        await send(plainQueue, { body: "old", messageId, timeToLive: Math.max(100, patienceMs / 4) });
        const dead = deadLetters(plainQueue);
        const message = await one(dead);
        expect(message).toMatchObject({ messageId, deadLetterReason: "TTLExpiredException" });
        await dead.completeMessage(message);
        await dead.close();
      });

      it("drops a message id it has met", async () => {
        const [messageId, other] = [randomUUID(), randomUUID()];
        await send(plainQueue, { body: "first", messageId });
        await send(plainQueue, { body: "second", messageId });
        const sender = client.createSender(plainQueue);
        await sender.sendMessages([
          { body: "third", messageId },
          { body: "other", messageId: other },
        ]);
        await sender.close();
        const receiver = client.createReceiver(plainQueue, { receiveMode: "receiveAndDelete" });
        const received = await many(receiver, 2);
        expect(received.map((message) => message.body as string)).toEqual(["first", "other"]);
        await send(plainQueue, { body: "received already", messageId });
        expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: patienceMs / 2 })).toEqual([]);
        await receiver.close();
      });

      it("takes 200 KB, and refuses 300 KB", async () => {
        const messageId = randomUUID();
        await send(plainQueue, { body: "x".repeat(200_000), messageId });
        const receiver = client.createReceiver(plainQueue);
        const message = await one(receiver);
        expect((message.body as string).length).toBe(200_000);
        await receiver.completeMessage(message);
        await receiver.close();
        await expect(send(plainQueue, { body: "x".repeat(300_000) })).rejects.toMatchObject({
          code: "MessageSizeExceeded",
        });
        await expect(
          send(plainQueue, { body: 1, applicationProperties: { long: "x".repeat(300_000) } }),
        ).rejects.toMatchObject({ code: "MessageSizeExceeded" });
      });

      it("feeds a subscriber, several at a time", async () => {
        const ids = Array.from({ length: 40 }, () => randomUUID());
        const sender = client.createSender(plainQueue);
        await sender.sendMessages(ids.map((messageId) => ({ body: 1, messageId })));
        await sender.close();
        const receiver = client.createReceiver(plainQueue);
        const seen = new Set<unknown>();
        const errors: unknown[] = [];
        let underWay = 0;
        let most = 0;
        await new Promise<void>((resolve) => {
          receiver.subscribe(
            {
              async processMessage(message) {
                underWay += 1;
                most = Math.max(most, underWay);
                await wait(5);
                underWay -= 1;
                seen.add(message.messageId);
                if (seen.size === ids.length) resolve();
              },
              async processError({ error }) {
                errors.push(error);
              },
            },
            { maxConcurrentCalls: 4 },
          );
        });
        expect(await emptied(plainQueue)).toBe(true);
        await receiver.close();
        expect(seen).toEqual(new Set(ids));
        expect(most).toBeGreaterThan(1);
        expect(most).toBeLessThanOrEqual(4);
        expect(errors).toEqual([]);
      });

      it("does not know what was not declared", async () => {
        const name = `none-${randomUUID()}`;
        await expect(send(name, { body: 1 })).rejects.toMatchObject({ code: "MessagingEntityNotFound" });
        const receiver = client.createReceiver(name);
        await expect(receiver.receiveMessages(1, { maxWaitTimeInMs: 100 })).rejects.toMatchObject({
          code: "MessagingEntityNotFound",
        });
      });
    });

    describe("a queue with sessions", () => {
      it("refuses a message without a session", async () => {
        await expect(send(sessionQueue, { body: 1 })).rejects.toMatchObject({ retryable: false });
        const sender = client.createSender(sessionQueue);
        const sessionId = randomUUID();
        const mixed = [{ body: 1, sessionId }, { body: 2 }];
        await expect(sender.sendMessages(mixed)).rejects.toBeInstanceOf(Error);
        await sender.close();
      });

      it("keeps the order of a session, an abandoned message in its place", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1, 2, 3]);
        const session = await client.acceptSession(sessionQueue, sessionId);
        const first = await one(session);
        expect(first.body).toBe(1);
        expect(first.sessionId).toBe(sessionId);
        await session.abandonMessage(first);
        const again = await one(session);
        expect([again.body, again.deliveryCount]).toEqual([1, 1]);
        await session.completeMessage(again);
        const rest = await many(session, 2);
        expect(rest.map((message) => message.body as number)).toEqual([2, 3]);
        for (const message of rest) await session.completeMessage(message);
        await session.close();
      });

      it("gives a session to one receiver at a time, by name or the next that is free", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1]);
        const next = await client.acceptNextSession(sessionQueue);
        expect(next.sessionId).toBe(sessionId);
        expect(next.sessionLockedUntilUtc.getTime()).toBeGreaterThan(Date.now());
        await expect(client.acceptSession(sessionQueue, sessionId)).rejects.toMatchObject({
          code: "SessionCannotBeLocked",
        });
        await next.close();
        const named = await client.acceptSession(sessionQueue, sessionId);
        await completeAll(named, 1);
      });

      it("waits for the next session, and gives up in the time asked for", async () => {
        const impatient = connect(patienceMs);
        const start = Date.now();
        await expect(impatient.acceptNextSession(sessionQueue)).rejects.toMatchObject({ code: "ServiceTimeout" });
        expect(Date.now() - start).toBeLessThan(patienceMs * 3);
        await impatient.close();
        const waiting = client.acceptNextSession(sessionQueue);
        const sessionId = randomUUID();
        await wait(patienceMs / 10);
        await sendToSession(sessionId, [1]);
        const session = await waiting;
        expect(session.sessionId).toBe(sessionId);
        await completeAll(session, 1);
      });

      it("does not count a delivery when a session is given back", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1, 2]);
        const session = await client.acceptSession(sessionQueue, sessionId);
        await many(session, 2);
        await session.close();
        const again = await client.acceptSession(sessionQueue, sessionId);
        const received = await many(again, 2);
        expect(received.map(({ body, deliveryCount }) => ({ body: body as number, deliveryCount }))).toEqual([
          { body: 1, deliveryCount: 0 },
          { body: 2, deliveryCount: 0 },
        ]);
        for (const message of received) await again.completeMessage(message);
        await again.close();
      });

      it("takes a session back when its lock runs out, counted, and says so to the receiver", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1], shortLockSessionQueue);
        const session = await client.acceptSession(shortLockSessionQueue, sessionId, {
          maxAutoLockRenewalDurationInMs: 0,
        });
        const message = await one(session);
        const later = await retryUntil(() => client.acceptSession(shortLockSessionQueue, sessionId));
        await expect(session.completeMessage(message)).rejects.toMatchObject({ code: "SessionLockLost" });
        await expect(session.renewSessionLock()).rejects.toBeInstanceOf(Error);
        const again = await one(later);
        expect([again.body, again.deliveryCount]).toEqual([1, 1]);
        await later.completeMessage(again);
        await later.close();
        await session.close();
      });

      it("keeps a renewed session", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1], shortLockSessionQueue);
        const session = await client.acceptSession(shortLockSessionQueue, sessionId, {
          maxAutoLockRenewalDurationInMs: 0,
        });
        const message = await one(session);
        const first = session.sessionLockedUntilUtc.getTime();
        await wait(target.shortLockMs * 0.6);
        expect((await session.renewSessionLock()).getTime()).toBeGreaterThan(first);
        await wait(target.shortLockMs * 0.6);
        await session.completeMessage(message);
        await session.close();
      });

      it("holds back a scheduled message of a session, then delivers it after what came before", async () => {
        const sessionId = randomUUID();
        const sender = client.createSender(sessionQueue);
        const due = new Date(Date.now() + patienceMs * 3);
        await sender.scheduleMessages({ body: "later", messageId: randomUUID(), sessionId }, due);
        await sender.sendMessages({ body: "now", messageId: randomUUID(), sessionId });
        await sender.close();
        const session = await client.acceptSession(sessionQueue, sessionId);
        const received = await many(session, 2);
        expect(received.map((message) => message.body as string)).toEqual(["now", "later"]);
        for (const message of received) await session.completeMessage(message);
        await session.close();
      });

      it("gives up on a message of a session, and goes on with the next", async () => {
        const sessionId = randomUUID();
        await sendToSession(sessionId, [1, 2]);
        const session = await client.acceptSession(sessionQueue, sessionId);
        for (let attempt = 0; attempt < target.maxDeliveryCount; attempt += 1) {
          await session.abandonMessage(await one(session));
        }
        const next = await one(session);
        expect(next.body).toBe(2);
        await session.completeMessage(next);
        await session.close();
        const dead = deadLetters(sessionQueue);
        const message = await one(dead);
        expect(message).toMatchObject({ body: 1, sessionId, deadLetterReason: "MaxDeliveryCountExceeded" });
        await dead.completeMessage(message);
        await dead.close();
      });

      it("feeds a subscriber in order, and shows what is in a session", async () => {
        const sessionId = randomUUID();
        const numbers = Array.from({ length: 50 }, (_, n) => n);
        await sendToSession(sessionId, numbers);
        const session = await client.acceptSession(sessionQueue, sessionId);
        const peeked = await session.peekMessages(3);
        expect(peeked.map((message) => message.body as number)).toEqual([0, 1, 2]);
        const seen: number[] = [];
        const errors: unknown[] = [];
        await new Promise<void>((resolve) => {
          session.subscribe({
            async processMessage(message) {
              seen.push(message.body as number);
              if (seen.length === numbers.length) resolve();
            },
            async processError({ error }) {
              errors.push(error);
            },
          });
        });
        expect(await emptied(sessionQueue)).toBe(true);
        await session.close();
        expect(seen).toEqual(numbers);
        expect(errors).toEqual([]);
      });
    });

    function connect(timeoutInMs = 30_000): ServiceBusClient {
      return new ServiceBusClient(target.connectionString(), { retryOptions: { timeoutInMs, maxRetries: 0 } });
    }

    function deadLetters(queue: string, receiveMode: "peekLock" | "receiveAndDelete" = "peekLock"): ServiceBusReceiver {
      return client.createReceiver(queue, { subQueueType: "deadLetter", receiveMode });
    }

    async function send(queue: string, message: ServiceBusMessage): Promise<void> {
      const sender = client.createSender(queue);
      try {
        await sender.sendMessages(message);
      } finally {
        await sender.close();
      }
    }

    async function sendToSession(sessionId: string, bodies: readonly unknown[], queue = sessionQueue): Promise<void> {
      const sender = client.createSender(queue);
      await sender.sendMessages(bodies.map((body) => ({ body, sessionId, messageId: randomUUID() })));
      await sender.close();
    }

    /** On a connection of its own: a client goes on from where it peeked last. */
    async function peekAll(queue: string): Promise<readonly ServiceBusReceivedMessage[]> {
      const peeker = connect();
      const messages = await peeker.createReceiver(queue).peekMessages(200);
      await peeker.close();
      return messages;
    }

    async function completeAll(session: ServiceBusSessionReceiver, count: number): Promise<void> {
      for (const message of await many(session, count)) await session.completeMessage(message);
      await session.close();
    }

    async function one(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
      const [message] = await many(receiver, 1);
      return message as ServiceBusReceivedMessage;
    }

    async function many(receiver: ServiceBusReceiver, count: number): Promise<readonly ServiceBusReceivedMessage[]> {
      const received: ServiceBusReceivedMessage[] = [];
      const until = Date.now() + 10_000 + 2 * target.shortLockMs;
      while (received.length < count && Date.now() < until) {
        received.push(...(await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 5_000 })));
      }
      expect(received.length).toBe(count);
      return received;
    }

    /** A handler that has run is completed a little later. */
    async function emptied(queue: string): Promise<boolean> {
      const until = Date.now() + 5_000;
      while (Date.now() < until) if ((await peekAll(queue)).length === 0) return true;
      return false;
    }

    async function retryUntil<T>(attempt: () => Promise<T>): Promise<T> {
      const until = Date.now() + 5_000 + 2 * target.shortLockMs;
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          const isLocked = error instanceof Error && "code" in error && error.code === "SessionCannotBeLocked";
          if (!isLocked || Date.now() > until) throw error;
          await wait(100);
        }
      }
    }

    async function empty(receiver: ServiceBusReceiver): Promise<void> {
      while ((await receiver.receiveMessages(100, { maxWaitTimeInMs: patienceMs / 4 })).length > 0);
      await receiver.close();
    }
  });
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
