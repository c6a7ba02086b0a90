import type { JournalChange, JournalRow } from "../journal.ts";
import { checkQueueDefinitions, type QueueDefinition } from "../queue-definition.ts";
import type { PropertyChanges } from "./message.ts";
import { createQueue } from "./queue.ts";
import type { Queue } from "./queue-contract.ts";
import type { QueueHost } from "./queue-host.ts";
import { createTimers } from "./timers.ts";

export interface EngineOptions {
  readonly queues: readonly QueueDefinition[];
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
  /** Told of every change, in order, before the method that caused it returns. */
  readonly record: (change: JournalChange) => void;
  readonly amend: (payload: Uint8Array, changes: PropertyChanges) => Uint8Array;
  /** What a journal kept of an earlier run. Rows of queues that are no longer declared are left alone. */
  readonly rows: Iterable<JournalRow>;
}

export interface QueueCounts {
  /** Waiting or locked. */
  readonly active: number;
  readonly scheduled: number;
  readonly deadLetter: number;
}

/** The queues, without a protocol, a disk or a timer of their own. */
export interface Engine {
  /** By name or by the path of its dead letters, in any case. */
  queue(path: string): Queue | undefined;
  /** When `advance` has something to do next. May be early, never late. */
  readonly nextDue: number | undefined;
  advance(): void;
  counts(): Readonly<Record<string, QueueCounts>>;
  /** Before a stop: what is locked goes back uncounted. */
  releaseAll(): void;
}

export const DEAD_LETTER_SUFFIX = "/$DeadLetterQueue";

export function createEngine(options: EngineOptions): Engine {
  checkQueueDefinitions(options.queues);
  const timers = createTimers();
  const host: QueueHost = {
    timers,
    catchUp() {
      const now = options.now();
      timers.advance(now);
      return now;
    },
    record: options.record,
    amend: options.amend,
  };
  const byPath = new Map<string, Queue>();
  const pairs = options.queues.map((definition) => openPair(definition, host));
  for (const { main, deadLetters } of pairs) {
    byPath.set(main.rules.path.toLowerCase(), main);
    byPath.set(deadLetters.rules.path.toLowerCase(), deadLetters);
  }
  restore(options.rows, byPath);

  return {
    queue: (path) => byPath.get(path.toLowerCase()),
    get nextDue() {
      return timers.nextDue;
    },
    advance() {
      host.catchUp();
    },
    counts() {
      host.catchUp();
      return Object.fromEntries(
        pairs.map(({ main, deadLetters }) => [
          main.rules.path,
          { active: main.activeCount, scheduled: main.scheduledCount, deadLetter: deadLetters.activeCount },
        ]),
      );
    },
    releaseAll() {
      for (const queue of byPath.values()) queue.releaseAll();
    },
  };
}

function openPair(definition: QueueDefinition, host: QueueHost): { readonly main: Queue; readonly deadLetters: Queue } {
  const deadLetters = createQueue(
    {
      path: `${definition.name}${DEAD_LETTER_SUFFIX}`,
      requiresSession: false,
      lockDurationMs: definition.lockDurationMs,
      maxDeliveryCount: Number.POSITIVE_INFINITY,
      duplicateDetectionWindowMs: 0,
      defaultTimeToLiveMs: undefined,
      deadLetterOnExpiration: false,
      deadLetters: undefined,
    },
    host,
  );
  const main = createQueue(
    {
      path: definition.name,
      requiresSession: definition.requiresSession,
      lockDurationMs: definition.lockDurationMs,
      maxDeliveryCount: definition.maxDeliveryCount,
      duplicateDetectionWindowMs: definition.duplicateDetectionWindowMs,
      defaultTimeToLiveMs: definition.defaultTimeToLiveMs,
      deadLetterOnExpiration: definition.deadLetterOnExpiration ?? false,
      deadLetters,
    },
    host,
  );
  return { main, deadLetters };
}

function restore(rows: Iterable<JournalRow>, byPath: ReadonlyMap<string, Queue>): void {
  const deliveries = new Map<string, number>();
  const sorted = [...rows].sort((a, b) => a.id - b.id);
  for (const row of sorted) if (row.type === "deliveries") deliveries.set(`${row.queue} ${row.id}`, row.count);
  for (const row of sorted) {
    const queue = byPath.get(row.queue.toLowerCase());
    if (queue === undefined) continue;
    if (row.type === "message") queue.restoreMessage(row, deliveries.get(`${row.queue} ${row.id}`) ?? 0);
    else if (row.type === "seen") queue.restoreSeen(row.messageId, row.id, row.at);
    else if (row.type === "sequence") queue.restoreReservedTo(row.reservedTo);
  }
  for (const queue of byPath.values()) queue.resume();
}
