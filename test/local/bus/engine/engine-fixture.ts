import { createEngine, type Engine } from "../../../../local/bus/engine/engine.ts";
import type { IncomingMessage, PropertyChanges } from "../../../../local/bus/engine/message.ts";
import type { Queue } from "../../../../local/bus/engine/queue-contract.ts";
import type { SessionReceiver } from "../../../../local/bus/engine/sessions.ts";
import type { JournalChange, JournalKey, JournalRow } from "../../../../local/bus/journal.ts";
import type { QueueDefinition } from "../../../../local/bus/queue-definition.ts";

export const LOCK_MS = 1_000;

export const DEFINITION: QueueDefinition = {
  name: "q",
  requiresSession: false,
  lockDurationMs: LOCK_MS,
  maxDeliveryCount: 3,
  duplicateDetectionWindowMs: 0,
};

export interface TestEngine {
  readonly engine: Engine;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly rows: ReadonlyMap<string, JournalRow>;
  now: number;
  pass(ms: number): void;
  /** The same queue after the process died and started again. */
  restart(changes?: Partial<QueueDefinition>): TestEngine;
}

/** An engine under a clock that only `pass` moves, with text for payloads. */
export function startEngine(
  changes: Partial<QueueDefinition> = {},
  kept: readonly JournalRow[] = [],
  at = 1_000_000,
): TestEngine {
  const definition = { ...DEFINITION, ...changes };
  const rows = new Map(kept.map((row) => [textOf(row), row]));
  const state = { now: at };
  const engine = createEngine({
    queues: [definition],
    now: () => state.now,
    record: (change) => apply(rows, change),
    amend,
    rows: kept,
  });
  return {
    engine,
    queue: engine.queue("q") as Queue,
    deadLetters: engine.queue("q/$DeadLetterQueue") as Queue,
    rows,
    get now() {
      return state.now;
    },
    pass(ms) {
      state.now += ms;
      engine.advance();
    },
    restart: (more = {}) => startEngine({ ...changes, ...more }, [...rows.values()], state.now),
  };
}

export function message(text: string, more: Partial<IncomingMessage> = {}): IncomingMessage {
  return { payload: Buffer.from(text), ...more };
}

export function textIn(payload: Uint8Array): string {
  return Buffer.from(payload).toString();
}

/** Takes a session at once, or tells why not. */
export function acceptSession(queue: Queue, sessionId: string | undefined, waitUntil = 0): SessionAttempt {
  const attempt: SessionAttempt = {
    receiver: undefined,
    refusal: undefined,
    isLost: false,
    wakes: 0,
    cancel: () => undefined,
  };
  attempt.cancel = queue.acceptSession({
    sessionId,
    mode: "peekLock",
    waitUntil,
    granted: (receiver) => (attempt.receiver = receiver),
    refused: (error) => (attempt.refusal = error.condition),
    wake: () => (attempt.wakes += 1),
    lost: () => (attempt.isLost = true),
  });
  return attempt;
}

export interface SessionAttempt {
  receiver: SessionReceiver | undefined;
  refusal: string | undefined;
  isLost: boolean;
  wakes: number;
  cancel: () => void;
}

function amend(payload: Uint8Array, changes: PropertyChanges): Uint8Array {
  const added = [...changes].map(([name, value]) => `${name}=${String(value)}`).join(",");
  return Buffer.from(`${textIn(payload)} [${added}]`);
}

function apply(rows: Map<string, JournalRow>, change: JournalChange): void {
  if (change.kind === "put") rows.set(textOf(change.row), change.row);
  else rows.delete(textOf(change.key));
}

function textOf(key: JournalKey): string {
  return `${key.type} ${key.queue} ${key.id}`;
}
