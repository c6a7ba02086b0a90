import { describe, expect, it } from "vitest";
import { acceptSession, LOCK_MS, message, startEngine, textIn } from "./engine-fixture.ts";

const NOTHING = new Map<string, unknown>();
const SESSIONS = { requiresSession: true };

describe("a queue with sessions", () => {
  it("refuses messages without a session, all of what they were sent with", () => {
    const { queue } = startEngine(SESSIONS);
    expect(() => queue.send([message("a", { sessionId: "s" }), message("b")])).toThrow("SessionId was not set");
    expect(queue.activeCount).toBe(0);
    expect(() => queue.openReceiver("peekLock", () => undefined)).toThrow("requires sessions");
  });

  it("gives each session to one holder, in the order in which they became free", () => {
    const { queue } = startEngine(SESSIONS);
    queue.send(["b", "a", "b", "c"].map((sessionId) => message("x", { sessionId })));
    const granted = [1, 2, 3].map(() => acceptSession(queue, undefined).receiver?.sessionId);
    expect(granted).toEqual(["b", "a", "c"]);
    expect(acceptSession(queue, "a").refusal).toBe("com.microsoft:session-cannot-be-locked");
  });

  it("gives a session by name even when it is empty, and wakes its holder", () => {
    const { queue } = startEngine(SESSIONS);
    const attempt = acceptSession(queue, "s");
    expect(attempt.receiver?.take()).toBeUndefined();
    queue.send([message("a", { sessionId: "s" }), message("b", { sessionId: "s" })]);
    expect(attempt.wakes).toBe(1);
    expect(textIn(attempt.receiver!.take()!.message.payload)).toBe("a");
  });

  it("lets requests wait in turn, until their time is over or they are called off", () => {
    const engine = startEngine(SESSIONS);
    const [first, second, third] = [100, 1_000, 1_000].map((ms) =>
      acceptSession(engine.queue, undefined, engine.now + ms),
    );
    engine.pass(100);
    expect(first!.refusal).toBe("com.microsoft:timeout");
    second!.cancel();
    engine.queue.send([message("a", { sessionId: "s" })]);
    expect(third!.receiver?.sessionId).toBe("s");
    engine.pass(900);
    expect([second!.receiver, second!.refusal, third!.refusal]).toEqual([undefined, undefined, undefined]);
  });

  it("returns what a holder gives back uncounted, in its place, and what a lost one had counted", () => {
    const engine = startEngine(SESSIONS);
    engine.queue.send(["a", "b"].map((text) => message(text, { sessionId: "s" })));
    const first = acceptSession(engine.queue, "s");
    first.receiver!.take();
    const second = first.receiver!.take();
    engine.queue.complete(second!.lockId);
    first.receiver!.close(false);
    const next = acceptSession(engine.queue, undefined);
    expect(next.receiver!.take()!.message.deliveryCount).toBe(0);
    engine.pass(LOCK_MS);
    expect(next.isLost).toBe(true);
    expect(next.receiver!.take()).toBeUndefined();
    expect(() => next.receiver!.renew()).toThrow("no longer held");
    const last = acceptSession(engine.queue, undefined);
    expect(last.receiver!.take()!.message.deliveryCount).toBe(1);
  });

  it("voids the locks of a lost session, and says which kind of lock was lost", () => {
    const engine = startEngine(SESSIONS);
    engine.queue.send([message("a", { sessionId: "s" })]);
    const delivery = acceptSession(engine.queue, "s").receiver!.take();
    engine.pass(LOCK_MS);
    expect(() => engine.queue.complete(delivery!.lockId)).toThrow(
      expect.objectContaining({ condition: "com.microsoft:session-lock-lost" }),
    );
  });

  it("keeps a renewed session to the new end", () => {
    const engine = startEngine(SESSIONS);
    const attempt = acceptSession(engine.queue, "s");
    engine.pass(LOCK_MS - 1);
    expect(attempt.receiver!.renew()).toBe(engine.now + LOCK_MS);
    engine.pass(LOCK_MS - 1);
    expect(attempt.isLost).toBe(false);
    engine.pass(1);
    expect(attempt.isLost).toBe(true);
  });

  it("delivers an abandoned message before what follows", () => {
    const { queue } = startEngine(SESSIONS);
    queue.send(["a", "b"].map((text) => message(text, { sessionId: "s" })));
    const { receiver } = acceptSession(queue, "s");
    queue.abandon(receiver!.take()!.lockId, NOTHING);
    expect(textIn(receiver!.take()!.message.payload)).toBe("a");
    expect(textIn(receiver!.take()!.message.payload)).toBe("b");
  });

  it("does not offer a session whose messages have expired", () => {
    const engine = startEngine({ ...SESSIONS, deadLetterOnExpiration: true });
    engine.queue.send([message("a", { sessionId: "s", timeToLiveMs: 10 })]);
    engine.pass(10);
    expect(acceptSession(engine.queue, undefined, engine.now).receiver).toBeUndefined();
    expect(engine.deadLetters.activeCount).toBe(1);
    engine.queue.send([message("b", { sessionId: "s" })]);
    expect(acceptSession(engine.queue, undefined).receiver?.sessionId).toBe("s");
  });

  it("gives everything back, uncounted, before a stop", () => {
    const engine = startEngine(SESSIONS);
    engine.queue.send([message("a", { sessionId: "s" })]);
    acceptSession(engine.queue, "s").receiver!.take();
    acceptSession(engine.queue, undefined, engine.now + 100);
    engine.engine.releaseAll();
    const after = engine.restart();
    expect(acceptSession(after.queue, "s").receiver!.take()!.message.deliveryCount).toBe(0);
  });

  it("does not renew a message's lock", () => {
    const { queue } = startEngine(SESSIONS);
    queue.send([message("a", { sessionId: "s" })]);
    const delivery = acceptSession(queue, "s").receiver!.take();
    expect(() => queue.renewLock(delivery!.lockId)).toThrow("renew the session's lock");
  });
});
