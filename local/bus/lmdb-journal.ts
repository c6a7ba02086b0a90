import type { Database, RootDatabase } from "lmdb";
import { openEnvironment } from "../store/lmdb-environment.ts";
import type { Journal, JournalChange, JournalKey, JournalRow } from "./journal.ts";

/** A queue's path, the kind of row, and its number. */
type Key = [queue: string, type: JournalRow["type"], id: number];

const DATABASE = "bus";

/** Keeps the bus's rows in a database of their own inside an environment that the caller opened, and closes. */
export function createLmdbJournal(environment: RootDatabase): Journal {
  const database: Database<unknown, Key> = environment.openDB<unknown, Key>({ name: DATABASE, encoding: "msgpack" });
  return {
    *load() {
      for (const { key, value } of database.getRange()) yield rowOf(key, value);
    },
    async write(changes) {
      await database.batch(() => {
        for (const change of changes) apply(database, change);
      });
    },
  };
}

/** The same in a folder of its own, for this process alone. */
export function openLmdbJournal(folder: string): Journal & { close(): Promise<void> } {
  const environment = openEnvironment({ path: folder, content: "local bus", version: 1 });
  return { ...createLmdbJournal(environment.root), close: () => environment.close() };
}

function apply(database: Database<unknown, Key>, change: JournalChange): void {
  // The batch waits for both; their own promises are of no use.
  if (change.kind === "delete") void database.remove(keyOf(change.key));
  else void database.put(keyOf(change.row), valueOf(change.row));
}

function keyOf(key: JournalKey): Key {
  return [key.queue, key.type, key.id];
}

function valueOf(row: JournalRow): unknown {
  switch (row.type) {
    case "message":
      return row.message;
    case "deliveries":
      return row.count;
    case "seen":
      return [row.messageId, row.at];
    case "sequence":
      return row.reservedTo;
    default:
      return row satisfies never;
  }
}

function rowOf([queue, type, id]: Key, value: unknown): JournalRow {
  const key = { queue, id };
  if (type === "message" && isMessage(value)) return { ...key, type, message: value };
  if (type === "deliveries" && typeof value === "number") return { ...key, type, count: value };
  if (type === "sequence" && typeof value === "number") return { ...key, type, reservedTo: value };
  if (type === "seen" && isSeen(value)) return { ...key, type, messageId: value[0], at: value[1] };
  throw new Error(
    `local bus: the journal's row ${type} ${id} of '${queue}' cannot be read by this version: ` +
      "run the version that wrote it, or start with an empty data folder",
  );
}

function isMessage(value: unknown): value is Extract<JournalRow, { type: "message" }>["message"] {
  return (
    typeof value === "object" &&
    value !== null &&
    "payload" in value &&
    value.payload instanceof Uint8Array &&
    "enqueuedAt" in value &&
    typeof value.enqueuedAt === "number"
  );
}

function isSeen(value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
}
