import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delivery } from "../../../../local/bus/engine/message.ts";
import {
  acceptSession,
  LOCK_MS,
  message,
  startEngine,
  type SessionAttempt,
  type TestEngine,
  textIn,
} from "./engine-fixture.ts";

const MAX_DELIVERIES = 3;

/** What clients may do, in any order. Numbers choose among what there is. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("send"), session: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("schedule"), session: fc.nat(3), afterMs: fc.nat(1_500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("repeat"), index: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("accept"), session: fc.option(fc.nat(3)) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("take"), index: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("complete"), index: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("abandon"), index: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deadLetter"), index: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("close"), index: fc.nat(), isCounted: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.nat(LOCK_MS * 2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart") }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe("whatever clients do, in whatever order", () => {
  it.each([
    { title: "with sessions", requiresSession: true },
    { title: "without sessions", requiresSession: false },
  ])("a queue $title loses nothing, locks nothing twice, keeps its order and its limit", ({ requiresSession }) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const world = createWorld(requiresSession);
        for (const one of steps) {
          world.perform(one);
          world.check();
        }
        world.drain();
      }),
      { numRuns: 150 },
    );
  });
});

interface Held {
  readonly delivery: Delivery;
  readonly attempt: SessionAttempt | undefined;
  readonly until: number;
}

function createWorld(requiresSession: boolean): { perform(step: Step): void; check(): void; drain(): void } {
  let engine: TestEngine = startEngine({
    requiresSession,
    duplicateDetectionWindowMs: 10_000_000,
    maxDeliveryCount: MAX_DELIVERIES,
  });
  let attempts: SessionAttempt[] = [];
  let receiver = requiresSession ? undefined : engine.queue.openReceiver("peekLock", () => undefined);
  let held: Held[] = [];
  let sent = 0;
  const completed = new Set<string>();
  const deliveries = new Map<string, number>();
  /** Of each session, the highest number delivered for the first time. */
  const highest = new Map<string, number>();

  return { perform, check, drain };

  function perform(one: Step): void {
    switch (one.kind) {
      case "send":
        send(`s${one.session}`, undefined);
        return;
      case "schedule":
        send(`s${one.session}`, engine.now + one.afterMs);
        return;
      case "repeat":
        if (sent > 0) engine.queue.send([message("again", { messageId: `m${one.index % sent}`, sessionId: "s0" })]);
        return;
      case "accept":
        if (requiresSession)
          attempts.push(acceptSession(engine.queue, one.session === null ? undefined : `s${one.session}`, engine.now));
        return;
      case "take":
        take(one.index);
        return;
      case "complete":
        settle(one.index, (lockId, text) => {
          engine.queue.complete(lockId);
          completed.add(text);
        });
        return;
      case "abandon":
        settle(one.index, (lockId) => engine.queue.abandon(lockId, new Map()));
        return;
      case "deadLetter":
        settle(one.index, (lockId) => engine.queue.deadLetter(lockId, new Map()));
        return;
      case "close": {
        const attempt = attempts[one.index % Math.max(1, attempts.length)];
        attempt?.receiver?.close(one.isCounted);
        held = held.filter((item) => item.attempt !== attempt);
        attempts = attempts.filter((item) => item !== attempt);
        return;
      }
      case "pass":
        engine.pass(one.ms);
        return;
      case "restart":
        engine = engine.restart();
        attempts = [];
        held = [];
        receiver = requiresSession ? undefined : engine.queue.openReceiver("peekLock", () => undefined);
        return;
      default:
        one satisfies never;
    }
  }

  function send(sessionId: string, scheduledFor: number | undefined): void {
    engine.queue.send([message(`t${sent}`, { messageId: `m${sent}`, sessionId, scheduledFor })]);
    sent += 1;
  }

  function take(index: number): void {
    const live = attempts.filter((attempt) => attempt.receiver !== undefined && !attempt.isLost);
    const attempt = live[index % Math.max(1, live.length)];
    const delivery = requiresSession ? attempt?.receiver?.take() : receiver?.take();
    if (delivery === undefined) return;
    const text = original(delivery.message.payload);
    dropEnded();
    expect(held.some((item) => item.delivery.message === delivery.message)).toBe(false);
    if (requiresSession) {
      expect(
        held.every(
          (item) => item.attempt === attempt || item.delivery.message.sessionId !== attempt?.receiver?.sessionId,
        ),
      ).toBe(true);
    }
    held.push({ delivery, attempt, until: delivery.lockedUntil ?? 0 });
    if (!deliveries.has(text)) {
      const line = requiresSession ? String(delivery.message.sessionId) : "all";
      expect(delivery.message.sequenceNumber).toBeGreaterThan(highest.get(line) ?? 0);
      highest.set(line, delivery.message.sequenceNumber);
    }
    deliveries.set(text, (deliveries.get(text) ?? 0) + 1);
    expect(delivery.message.deliveryCount).toBeLessThan(MAX_DELIVERIES);
  }

  function settle(index: number, act: (lockId: number, text: string) => void): void {
    dropEnded();
    const item = held[index % Math.max(1, held.length)];
    if (item === undefined) return;
    held = held.filter((other) => other !== item);
    act(item.delivery.lockId, original(item.delivery.message.payload));
  }

  function dropEnded(): void {
    held = held.filter((item) => (item.attempt === undefined ? item.until > engine.now : !item.attempt.isLost));
  }

  function check(): void {
    const { q } = engine.engine.counts();
    const kept = (q?.active ?? 0) + (q?.scheduled ?? 0) + (q?.deadLetter ?? 0);
    expect(kept + completed.size).toBe(sent);
  }

  /** In the end everything that was sent is completed, or a dead letter. */
  function drain(): void {
    engine = engine.restart();
    engine.pass(10_000);
    const texts = [...engine.queue.peek(0, sent, undefined), ...engine.deadLetters.peek(0, sent, undefined)].map(
      (one) => original(one.payload),
    );
    expect(new Set([...texts, ...completed]).size).toBe(sent);
    expect(engine.queue.scheduledCount).toBe(0);
    for (;;) {
      const source = requiresSession
        ? acceptSession(engine.queue, undefined, engine.now).receiver
        : engine.queue.openReceiver("peekLock", () => undefined);
      const delivery = source?.take();
      if (delivery === undefined) break;
      engine.queue.complete(delivery.lockId);
      if (source !== undefined && "close" in source) source.close(false);
    }
    expect(engine.queue.activeCount).toBe(0);
  }
}

/** Without what was added when it became a dead letter. */
function original(payload: Uint8Array): string {
  return textIn(payload).split(" ")[0] ?? "";
}
