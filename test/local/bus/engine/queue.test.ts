import { describe, expect, it } from "vitest";
import type { Queue } from "../../../../local/bus/engine/queue-contract.ts";
import { LOCK_MS, message, startEngine, textIn } from "./engine-fixture.ts";

const NOTHING = new Map<string, unknown>();

describe("a queue without sessions", () => {
  it("gives rising numbers and the messages in their order", () => {
    const { queue } = startEngine();
    const numbers = queue.send([message("a"), message("b")]);
    expect(numbers).toEqual([1, 2]);
    const receiver = open(queue);
    expect([receiver.take()?.message.sequenceNumber, receiver.take()?.message.sequenceNumber]).toEqual([1, 2]);
    expect(receiver.take()).toBeUndefined();
  });

  it("wakes a receiver that found nothing, once, and the next when the first wants no more", () => {
    const { queue } = startEngine();
    const wakes = [0, 0];
    const receivers = wakes.map((_, n) => queue.openReceiver("peekLock", () => (wakes[n] = (wakes[n] ?? 0) + 1)));
    for (const receiver of receivers) receiver.take();
    queue.send([message("a")]);
    expect(wakes).toEqual([1, 0]);
    receivers[0]?.rest();
    expect(wakes).toEqual([1, 1]);
    expect(receivers[1]?.take()).toBeDefined();
  });

  it("returns a message when its lock runs out, in its place, and voids the lock", () => {
    const engine = startEngine();
    engine.queue.send([message("a"), message("b")]);
    const receiver = open(engine.queue);
    const first = receiver.take();
    engine.pass(LOCK_MS - 1);
    expect(engine.queue.activeCount).toBe(2);
    engine.pass(1);
    expect(() => engine.queue.complete(first!.lockId)).toThrow("The lock supplied is invalid");
    const again = receiver.take();
    expect([again?.message.sequenceNumber, again?.message.deliveryCount]).toEqual([1, 1]);
  });

  it("keeps a renewed lock, to the new end", () => {
    const engine = startEngine();
    engine.queue.send([message("a")]);
    const delivery = open(engine.queue).take();
    engine.pass(LOCK_MS - 1);
    expect(engine.queue.renewLock(delivery!.lockId)).toBe(engine.now + LOCK_MS);
    engine.pass(LOCK_MS - 1);
    engine.queue.complete(delivery!.lockId);
    expect(engine.queue.activeCount).toBe(0);
    expect(() => engine.queue.renewLock(delivery!.lockId)).toThrow("The lock supplied is invalid");
  });

  it("does not count a release, and counts an abandonment up to the limit", () => {
    const engine = startEngine();
    engine.queue.send([message("a")]);
    const receiver = open(engine.queue);
    engine.queue.release(receiver.take()!.lockId);
    for (let count = 0; count < 3; count += 1) {
      const delivery = receiver.take();
      expect(delivery!.message.deliveryCount).toBe(count);
      engine.queue.abandon(delivery!.lockId, NOTHING);
    }
    expect(receiver.take()).toBeUndefined();
    const dead = open(engine.deadLetters).take();
    expect(textIn(dead!.message.payload)).toContain("DeadLetterReason=MaxDeliveryCountExceeded");
    expect(dead!.message).toMatchObject({ deadLetterSource: "q", originalSequenceNumber: 1, deliveryCount: 3 });
  });

  it("delivers dead letters without end, and does not dead-letter them again", () => {
    const engine = startEngine();
    engine.queue.send([message("a")]);
    engine.queue.deadLetter(open(engine.queue).take()!.lockId, new Map([["DeadLetterReason", "why"]]));
    const receiver = open(engine.deadLetters);
    for (let count = 0; count < 10; count += 1) engine.deadLetters.abandon(receiver.take()!.lockId, NOTHING);
    expect(() => engine.deadLetters.deadLetter(receiver.take()!.lockId, NOTHING)).toThrow(
      "cannot be dead-lettered again",
    );
    expect(engine.engine.counts()).toEqual({ q: { active: 0, scheduled: 0, deadLetter: 1 } });
  });

  it("enqueues a scheduled message when it is due, at the end and under a new number", () => {
    const engine = startEngine();
    const [scheduled] = engine.queue.send([message("later", { scheduledFor: engine.now + 500 })]);
    engine.queue.send([message("now")]);
    expect(engine.engine.nextDue).toBe(engine.now + 500);
    expect(engine.queue.peek(1, 10, undefined).map((one) => one.state)).toEqual(["scheduled", "available"]);
    engine.pass(499);
    expect(engine.queue.scheduledCount).toBe(1);
    engine.pass(1);
    const receiver = open(engine.queue);
    expect(textIn(receiver.take()!.message.payload)).toBe("now");
    const later = receiver.take();
    expect(textIn(later!.message.payload)).toBe("later");
    expect(later!.message.sequenceNumber).toBeGreaterThan(scheduled!);
    expect(later!.message.enqueuedAt).toBe(engine.now);
  });

  it("enqueues what was due in the past at once, and cancels all or none", () => {
    const engine = startEngine();
    engine.queue.send([message("past", { scheduledFor: engine.now - 1 })]);
    expect(engine.queue.activeCount).toBe(1);
    const numbers = engine.queue.send([
      message("a", { scheduledFor: engine.now + 5 }),
      message("b", { scheduledFor: engine.now + 5 }),
    ]);
    expect(() => engine.queue.cancelScheduled([numbers[0]!, 99])).toThrow("no scheduled message 99");
    expect(engine.queue.scheduledCount).toBe(2);
    engine.queue.cancelScheduled(numbers);
    engine.pass(10);
    expect([engine.queue.scheduledCount, engine.queue.activeCount]).toEqual([0, 1]);
  });

  it.each([
    { title: "drops", deadLetterOnExpiration: false, dead: 0 },
    { title: "dead-letters", deadLetterOnExpiration: true, dead: 1 },
  ])("$title what expires, but not under a lock", ({ deadLetterOnExpiration, dead }) => {
    const engine = startEngine({ deadLetterOnExpiration, defaultTimeToLiveMs: 500 });
    engine.queue.send([message("a", { timeToLiveMs: 10_000 })]);
    const delivery = open(engine.queue).take();
    engine.pass(600);
    expect(engine.queue.activeCount).toBe(1);
    engine.queue.abandon(delivery!.lockId, NOTHING);
    expect([engine.queue.activeCount, engine.deadLetters.activeCount]).toEqual([0, dead]);
  });

  it("starts the time to live of a scheduled message when it is enqueued", () => {
    const engine = startEngine();
    engine.queue.send([message("a", { scheduledFor: engine.now + 1_000, timeToLiveMs: 500 })]);
    engine.pass(1_000);
    expect(engine.queue.activeCount).toBe(1);
    engine.pass(500);
    expect(engine.queue.activeCount).toBe(0);
  });

  it("drops repeated ids inside the window, scheduled ones too, and none behind it", () => {
    const engine = startEngine({ duplicateDetectionWindowMs: 1_000 });
    const [first] = engine.queue.send([message("a", { messageId: "m" })]);
    engine.queue.complete(open(engine.queue).take()!.lockId);
    engine.pass(999);
    expect(engine.queue.send([message("b", { messageId: "m", scheduledFor: engine.now + 5 })])).toEqual([first]);
    expect([engine.queue.activeCount, engine.queue.scheduledCount]).toEqual([0, 0]);
    engine.pass(1);
    engine.queue.send([message("c", { messageId: "m" })]);
    expect(engine.queue.activeCount).toBe(1);
  });

  it("peeks from a number on, without locking", () => {
    const { queue } = startEngine();
    queue.send(["a", "b", "c", "d"].map((text) => message(text)));
    queue.complete(open(queue).take()!.lockId);
    expect(queue.peek(0, 2, undefined).map((one) => textIn(one.payload))).toEqual(["b", "c"]);
    expect(queue.peek(4, 10, undefined).map((one) => textIn(one.payload))).toEqual(["d"]);
    expect(queue.peek(5, 10, undefined)).toEqual([]);
  });

  it("keeps its place in a long line while most of it is taken away", () => {
    const { queue } = startEngine();
    queue.send(Array.from({ length: 5_000 }, (_, n) => message(String(n))));
    const receiver = open(queue);
    for (let n = 0; n < 4_900; n += 1) queue.complete(receiver.take()!.lockId);
    expect(queue.peek(1, 1, undefined).map((one) => textIn(one.payload))).toEqual(["4900"]);
    expect(queue.peek(4_950, 1, undefined).map((one) => one.sequenceNumber)).toEqual([4_950]);
  });

  it("is found in any case, and refuses a session", () => {
    const { engine, queue } = startEngine();
    expect(engine.queue("Q")).toBe(queue);
    expect(engine.queue("q/$deadletterqueue")?.rules.path).toBe("q/$DeadLetterQueue");
    expect(engine.queue("other")).toBeUndefined();
    expect(() =>
      queue.acceptSession({
        sessionId: "s",
        mode: "peekLock",
        waitUntil: 0,
        granted: () => undefined,
        refused: () => undefined,
        wake: () => undefined,
        lost: () => undefined,
      }),
    ).toThrow("does not require sessions");
  });
});

describe("after a restart", () => {
  it("has the messages with their numbers, the count of the delivery under way, and no locks", () => {
    const before = startEngine();
    before.queue.send([message("a"), message("b", { scheduledFor: before.now + 500 }), message("c")]);
    const receiver = open(before.queue);
    before.queue.abandon(receiver.take()!.lockId, new Map([["x", 1]]));
    receiver.take();
    const after = before.restart();
    expect(
      after.queue.peek(0, 10, undefined).map((one) => [one.sequenceNumber, textIn(one.payload), one.deliveryCount]),
    ).toEqual([
      [1, "a [x=1]", 2],
      [2, "b", 0],
      [3, "c", 0],
    ]);
    after.pass(500);
    expect(after.queue.scheduledCount).toBe(0);
    expect(after.queue.send([message("d")])[0]).toBeGreaterThan(3);
  });

  it("gives up on a message that died with its process too often", () => {
    let engine = startEngine();
    engine.queue.send([message("poison")]);
    for (let count = 0; count < 3; count += 1) {
      open(engine.queue).take();
      engine = engine.restart();
    }
    expect(engine.engine.counts()).toEqual({ q: { active: 0, scheduled: 0, deadLetter: 1 } });
    expect(textIn(engine.restart().deadLetters.peek(0, 1, undefined)[0]!.payload)).toContain(
      "MaxDeliveryCountExceeded",
    );
  });

  it("goes on where numbers ended, even when nothing is left, and knows the ids it met", () => {
    const before = startEngine({ duplicateDetectionWindowMs: 1_000 });
    const [last] = before.queue.send([message("a", { messageId: "m" })]);
    before.queue.complete(open(before.queue).take()!.lockId);
    const after = before.restart();
    expect(after.queue.send([message("b", { messageId: "m" })])).toEqual([last]);
    expect(after.queue.send([message("c", { messageId: "n" })])[0]).toBeGreaterThan(last!);
  });

  it("leaves nothing behind of what is gone", () => {
    const engine = startEngine({ duplicateDetectionWindowMs: 1_000 });
    engine.queue.send([message("a", { messageId: "m" })]);
    engine.queue.complete(open(engine.queue).take()!.lockId);
    engine.pass(1_000);
    engine.queue.send([message("b", { messageId: "n", timeToLiveMs: 5 })]);
    engine.pass(5);
    expect([...engine.rows.values()].map((row) => row.type).sort((a, b) => a.localeCompare(b))).toEqual([
      "seen",
      "sequence",
    ]);
    expect([...engine.restart({ duplicateDetectionWindowMs: 0 }).rows.values()].map((row) => row.type)).toEqual([
      "sequence",
    ]);
  });

  it("finds its messages when only the case of the name has changed", () => {
    const before = startEngine();
    before.queue.send([message("a")]);
    const after = before.restart({ name: "Q" });
    after.queue.complete(open(after.queue).take()!.lockId);
    expect(after.restart().queue.activeCount).toBe(0);
  });
});

function open(queue: Queue): ReturnType<Queue["openReceiver"]> {
  return queue.openReceiver("peekLock", () => undefined);
}
