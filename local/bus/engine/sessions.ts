import { BusError } from "../bus-error.ts";
import { createFifo } from "./fifo.ts";
import { createHeap, type Heap } from "./heap.ts";
import type { Delivery, Message, ReceiveMode } from "./message.ts";
import type { QueueHost } from "./queue-host.ts";

export interface SessionRequest {
  /** Undefined: the next free session that has messages. */
  readonly sessionId: string | undefined;
  readonly mode: ReceiveMode;
  /** How long to wait for a free one. */
  readonly waitUntil: number;
  granted(receiver: SessionReceiver): void;
  refused(error: BusError): void;
  /** There is something to take again. */
  wake(): void;
  /** The lock ran out; the receiver can do nothing more. */
  lost(): void;
}

export interface SessionReceiver {
  readonly sessionId: string;
  readonly lockedUntil: number;
  take(): Delivery | undefined;
  renew(): number;
  /** Gives the session back; what was not settled is available again, counted as delivered only where `isCounted`. */
  close(isCounted: boolean): void;
}

/** The sessions of one queue that have messages or a holder: who may receive which. */
export interface Sessions {
  put(message: Message): void;
  accept(request: SessionRequest): () => void;
  settled(message: Message): void;
  /** Forgets the session of a message that went without being received, when nothing else is in it. */
  tidy(sessionId: string): void;
  closeAll(): void;
}

interface Session {
  readonly id: string;
  readonly available: Heap<Message>;
  readonly unsettled: Set<Message>;
  holder: Holder | undefined;
  isListed: boolean;
}

interface Holder {
  readonly request: SessionRequest;
  lockedUntil: number;
  isIdle: boolean;
}

interface Waiting {
  readonly request: SessionRequest;
  isOver: boolean;
}

interface SessionRules {
  readonly queue: string;
  readonly lockDurationMs: number;
  first(available: Heap<Message>, now: number): Message | undefined;
  lock(message: Message, mode: ReceiveMode, lockedUntil: number): Delivery;
  unlock(message: Message, isCounted: boolean, now: number): void;
}

export function createSessions(host: QueueHost, rules: SessionRules): Sessions {
  const sessions = new Map<string, Session>();
  const ready = createFifo<Session>();
  let waiting = createFifo<Waiting>();

  return {
    put(message) {
      const session = sessionOf(message.sessionId ?? "");
      session.available.push(message);
      const { holder } = session;
      if (holder === undefined) offer(session, host.catchUp());
      else if (holder.isIdle) {
        holder.isIdle = false;
        holder.request.wake();
      }
    },
    accept(request) {
      const now = host.catchUp();
      if (request.sessionId !== undefined) {
        acceptNamed(request, request.sessionId, now);
        return () => undefined;
      }
      const session = nextReady(now);
      if (session !== undefined) {
        grant(session, request, now);
        return () => undefined;
      }
      return wait(request);
    },
    settled(message) {
      sessions.get(message.sessionId ?? "")?.unsettled.delete(message);
    },
    tidy(sessionId) {
      const session = sessions.get(sessionId);
      if (session !== undefined) forgetIfEmpty(session, host.catchUp());
    },
    closeAll() {
      waiting = createFifo();
      for (const session of sessions.values()) {
        if (session.holder !== undefined) release(session, session.holder, false, host.catchUp());
      }
    },
  };

  function sessionOf(id: string): Session {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const session: Session = {
      id,
      available: createHeap((a, b) => a.sequenceNumber < b.sequenceNumber),
      unsettled: new Set(),
      holder: undefined,
      isListed: false,
    };
    sessions.set(id, session);
    return session;
  }

  function acceptNamed(request: SessionRequest, sessionId: string, now: number): void {
    const session = sessionOf(sessionId);
    if (session.holder === undefined) {
      grant(session, request, now);
      return;
    }
    request.refused(
      new BusError(
        "com.microsoft:session-cannot-be-locked",
        `The requested session '${sessionId}' of '${rules.queue}' cannot be accepted. It is locked by another receiver.`,
      ),
    );
  }

  function wait(request: SessionRequest): () => void {
    const entry: Waiting = { request, isOver: false };
    waiting.push(entry);
    host.timers.at(request.waitUntil, () => {
      if (entry.isOver) return;
      giveUp(entry);
      request.refused(
        new BusError("com.microsoft:timeout", `No session of '${rules.queue}' became available within the time given.`),
      );
    });
    return () => giveUp(entry);
  }

  function giveUp(entry: Waiting): void {
    entry.isOver = true;
    while (waiting.peek()?.isOver === true) waiting.shift();
  }

  function nextReady(now: number): Session | undefined {
    for (let session = ready.shift(); session !== undefined; session = ready.shift()) {
      session.isListed = false;
      const isFree = sessions.get(session.id) === session && session.holder === undefined;
      if (isFree && rules.first(session.available, now) !== undefined) return session;
      if (isFree) forgetIfEmpty(session, now);
    }
    return undefined;
  }

  /** A free session with messages goes to whoever waits longest, else to the end of the list. */
  function offer(session: Session, now: number): void {
    if (session.isListed || session.holder !== undefined || rules.first(session.available, now) === undefined) return;
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      if (entry.isOver) continue;
      entry.isOver = true;
      grant(session, entry.request, now);
      return;
    }
    session.isListed = true;
    ready.push(session);
  }

  function grant(session: Session, request: SessionRequest, now: number): void {
    const holder: Holder = { request, lockedUntil: now + rules.lockDurationMs, isIdle: false };
    session.holder = holder;
    host.timers.at(holder.lockedUntil, (later) => expireLock(session, holder, later));
    request.granted({
      sessionId: session.id,
      get lockedUntil() {
        return holder.lockedUntil;
      },
      take() {
        const time = host.catchUp();
        if (session.holder !== holder) return undefined;
        const message = rules.first(session.available, time);
        if (message === undefined) {
          holder.isIdle = true;
          return undefined;
        }
        session.available.pop();
        if (request.mode === "peekLock") session.unsettled.add(message);
        return rules.lock(message, request.mode, holder.lockedUntil);
      },
      renew() {
        const time = host.catchUp();
        if (session.holder !== holder) {
          throw new BusError(
            "com.microsoft:session-lock-lost",
            `The lock of session '${session.id}' of '${rules.queue}' is no longer held by this receiver.`,
          );
        }
        holder.lockedUntil = time + rules.lockDurationMs;
        return holder.lockedUntil;
      },
      close(isCounted) {
        const time = host.catchUp();
        if (session.holder === holder) release(session, holder, isCounted, time);
      },
    });
  }

  function expireLock(session: Session, holder: Holder, now: number): void {
    if (session.holder !== holder) return;
    if (holder.lockedUntil > now) {
      host.timers.at(holder.lockedUntil, (later) => expireLock(session, holder, later));
      return;
    }
    release(session, holder, true, now);
    holder.request.lost();
  }

  function release(session: Session, holder: Holder, isCounted: boolean, now: number): void {
    // Still held meanwhile, so that nobody is given half of what comes back.
    holder.isIdle = false;
    for (const message of session.unsettled) rules.unlock(message, isCounted, now);
    session.unsettled.clear();
    session.holder = undefined;
    offer(session, now);
    forgetIfEmpty(session, now);
  }

  function forgetIfEmpty(session: Session, now: number): void {
    if (session.holder !== undefined || session.unsettled.size > 0) return;
    if (rules.first(session.available, now) === undefined) sessions.delete(session.id);
  }
}
