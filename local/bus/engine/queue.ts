import { BusError } from "../bus-error.ts";
import { createDuplicateHistory } from "./duplicate-history.ts";
import type { Heap } from "./heap.ts";
import { createEndings } from "./endings.ts";
import { createLocks } from "./locks.ts";
import type { IncomingMessage, Message } from "./message.ts";
import { createMessageStore } from "./message-store.ts";
import type { Queue, QueueRules } from "./queue-contract.ts";
import type { QueueHost } from "./queue-host.ts";
import { createSessions } from "./sessions.ts";
import { createSharedLine } from "./shared-line.ts";

export function createQueue(rules: QueueRules, host: QueueHost): Queue {
  const { path } = rules;
  // Names do not depend on case: neither does what is kept under them.
  const journalName = path.toLowerCase();
  const store = createMessageStore(journalName, host);
  const history = createDuplicateHistory(journalName, rules.duplicateDetectionWindowMs, (change) =>
    host.record(change),
  );
  const locks = createLocks(rules, store);
  const endings = createEndings(rules, store, host);
  const restored: Message[] = [];

  const line = createSharedLine(host, {
    lockDurationMs: rules.lockDurationMs,
    first: firstAvailable,
    lock: (message, mode, lockedUntil) => locks.give(message, mode, lockedUntil),
    lockRanOut: (message, now) => unlock(message, true, now),
  });
  const sessions = createSessions(host, {
    queue: path,
    lockDurationMs: rules.lockDurationMs,
    first: firstAvailable,
    lock: (message, mode, lockedUntil) => locks.give(message, mode, lockedUntil),
    unlock,
  });

  return {
    rules,
    get activeCount() {
      return store.activeCount;
    },
    get scheduledCount() {
      return store.scheduledCount;
    },
    send(incoming) {
      const now = host.catchUp();
      for (const message of incoming) checkIncoming(message);
      return incoming.map((message) => sendOne(message, now));
    },
    cancelScheduled(sequenceNumbers) {
      host.catchUp();
      const messages = sequenceNumbers.map((sequenceNumber) => {
        const message = store.get(sequenceNumber);
        if (message?.state === "scheduled") return message;
        throw new BusError("com.microsoft:message-not-found", `'${path}' has no scheduled message ${sequenceNumber}.`);
      });
      for (const message of messages) if (message.state === "scheduled") store.remove(message);
    },
    peek(from, count, sessionId) {
      host.catchUp();
      const found: Message[] = [];
      for (const message of store.from(from)) {
        if (found.length >= count) break;
        if (sessionId === undefined || message.sessionId === sessionId) found.push(message);
      }
      return found;
    },
    openReceiver(mode, wake) {
      if (rules.requiresSession) {
        throw new BusError(
          "amqp:not-allowed",
          `It is not possible for an entity that requires sessions to create a non-sessionful message receiver: '${path}'.`,
        );
      }
      return line.open(mode, wake);
    },
    acceptSession(request) {
      if (rules.requiresSession) return sessions.accept(request);
      throw new BusError(
        "amqp:not-allowed",
        `A sessionful message receiver cannot be created on an entity that does not require sessions: '${path}'.`,
      );
    },
    complete: (lockId) => store.remove(settle(lockId)),
    abandon(lockId, changes) {
      const now = host.catchUp();
      const message = locks.of(lockId);
      if (changes.size > 0) {
        message.payload = host.amend(message.payload, changes);
        store.savePayload(message);
      }
      sessions.settled(message);
      unlock(message, true, now);
    },
    release(lockId) {
      const now = host.catchUp();
      const message = locks.of(lockId);
      sessions.settled(message);
      unlock(message, false, now);
    },
    deadLetter(lockId, changes) {
      if (rules.deadLetters === undefined) {
        throw new BusError("amqp:not-allowed", `'${path}' holds dead letters; they cannot be dead-lettered again.`);
      }
      endings.deadLetter(settle(lockId), changes);
    },
    renewLock(lockId) {
      const now = host.catchUp();
      const message = locks.of(lockId);
      if (rules.requiresSession) {
        throw new BusError(
          "amqp:not-allowed",
          `'${path}' requires sessions: renew the session's lock, not a message's.`,
        );
      }
      message.lockedUntil = now + rules.lockDurationMs;
      return message.lockedUntil;
    },
    adopt(message, payload, source) {
      const adopted: Message = {
        ...message,
        sequenceNumber: store.nextSequenceNumber(),
        payload,
        timeToLiveMs: undefined,
        expiresAt: undefined,
        scheduledFor: undefined,
        deadLetterSource: source,
        originalSequenceNumber: message.sequenceNumber,
        state: "available",
        lockId: 0,
      };
      store.add(adopted);
      line.put(adopted);
    },
    restoreMessage(row, deliveryCount) {
      if (rules.requiresSession && row.message.sessionId === undefined) {
        throw new BusError(
          "amqp:not-allowed",
          `'${path}' requires sessions, but the journal holds message ${row.id} for it without one: ` +
            "start once without requiresSession and receive what is left, or start with an empty data folder.",
        );
      }
      restored.push(store.restore(row, deliveryCount));
    },
    restoreSeen(messageId, sequenceNumber, at) {
      if (rules.duplicateDetectionWindowMs > 0) history.restore(messageId, sequenceNumber, at);
      else host.record({ kind: "delete", key: { type: "seen", queue: journalName, id: sequenceNumber } });
    },
    restoreReservedTo: (sequenceNumber) => store.reserveAbove(sequenceNumber),
    resume() {
      for (const message of restored.splice(0)) {
        if (message.state === "scheduled") activateLater(message);
        else if (message.deliveryCount >= rules.maxDeliveryCount) endings.giveUp(message);
        else makeAvailable(message);
      }
    },
    releaseAll() {
      const now = host.catchUp();
      sessions.closeAll();
      for (const message of locks.all()) unlock(message, false, now);
    },
  };

  function checkIncoming(incoming: IncomingMessage): void {
    if (rules.requiresSession && incoming.sessionId === undefined) {
      throw new BusError(
        "amqp:not-allowed",
        `The SessionId was not set on a message, and it cannot be sent to the entity '${path}', which requires sessions.`,
      );
    }
  }

  function sendOne(incoming: IncomingMessage, now: number): number {
    const sequenceNumber = store.nextSequenceNumber();
    if (incoming.messageId !== undefined && rules.duplicateDetectionWindowMs > 0) {
      const repeated = history.meet(incoming.messageId, sequenceNumber, now);
      if (repeated !== undefined) return repeated;
    }
    enqueue(incoming, sequenceNumber, now);
    return sequenceNumber;
  }

  function enqueue(incoming: IncomingMessage, sequenceNumber: number, now: number): void {
    const isScheduled = incoming.scheduledFor !== undefined && incoming.scheduledFor > now;
    const timeToLiveMs = shorter(incoming.timeToLiveMs, rules.defaultTimeToLiveMs);
    const message: Message = {
      sequenceNumber,
      payload: incoming.payload,
      messageId: incoming.messageId,
      sessionId: incoming.sessionId,
      enqueuedAt: now,
      timeToLiveMs,
      expiresAt: timeToLiveMs === undefined || isScheduled ? undefined : now + timeToLiveMs,
      scheduledFor: isScheduled ? incoming.scheduledFor : undefined,
      deadLetterSource: undefined,
      originalSequenceNumber: undefined,
      state: isScheduled ? "scheduled" : "available",
      deliveryCount: 0,
      lockId: 0,
      lockedUntil: 0,
    };
    store.add(message);
    if (isScheduled) activateLater(message);
    else makeAvailable(message);
  }

  /** When it is due it is enqueued anew, at the end and under a new number, as the service does it. */
  function activateLater(message: Message): void {
    host.timers.at(message.scheduledFor ?? 0, (now) => {
      if (message.state !== "scheduled") return;
      store.remove(message);
      enqueue({ ...message, scheduledFor: undefined }, store.nextSequenceNumber(), now);
    });
  }

  function makeAvailable(message: Message): void {
    if (message.expiresAt !== undefined && message.lockId === 0) {
      host.timers.at(message.expiresAt, () => {
        if (message.state !== "available") return;
        endings.expire(message);
        if (rules.requiresSession) sessions.tidy(message.sessionId ?? "");
      });
    }
    message.state = "available";
    putInLine(message);
  }

  function putInLine(message: Message): void {
    if (rules.requiresSession) sessions.put(message);
    else line.put(message);
  }

  function firstAvailable(available: Heap<Message>, now: number): Message | undefined {
    for (let first = available.peek(); first !== undefined; first = available.peek()) {
      const isExpired = first.expiresAt !== undefined && first.expiresAt <= now;
      if (first.state === "available" && !isExpired) return first;
      available.pop();
      if (first.state === "available") endings.expire(first);
    }
    return undefined;
  }

  function unlock(message: Message, isCounted: boolean, now: number): void {
    locks.end(message);
    if (isCounted) message.deliveryCount += 1;
    else store.saveDeliveries(message, message.deliveryCount);
    message.state = "available";
    if (message.deliveryCount >= rules.maxDeliveryCount) endings.giveUp(message);
    else if (message.expiresAt !== undefined && message.expiresAt <= now) endings.expire(message);
    else putInLine(message);
  }

  function settle(lockId: number): Message {
    host.catchUp();
    const message = locks.of(lockId);
    locks.end(message);
    sessions.settled(message);
    return message;
  }
}

function shorter(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
