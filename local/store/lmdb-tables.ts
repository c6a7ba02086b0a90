import type { Database } from "lmdb";
import { RetryableError } from "../../shared/errors.ts";
import {
  batchTexts,
  checkCondition,
  checkKeys,
  checkNames,
  checkRange,
  deleteCondition,
  rowText,
} from "../../shared/pipeline/ports/table-rules.ts";
import { type Condition, ConflictError, type Row, type Table, type Tables } from "../../shared/pipeline/ports/table.ts";
import { type LmdbEnvironment, openEnvironment } from "./lmdb-environment.ts";
import { partitionEnd, rowKey, rowOfKey } from "./row-key.ts";

export interface LmdbTables {
  readonly tables: Tables;
  close(): Promise<void>;
}

const FORMAT = { content: "dex-sync tables", version: 1 };

/** The embedded store: a write is acknowledged when it is on disk; writes under way at the same time share a commit. */
export async function openLmdbTables(options: {
  readonly path: string;
  readonly isReadOnly?: boolean;
}): Promise<LmdbTables> {
  const environment = openEnvironment({ ...options, ...FORMAT });
  const store = createStore(environment);
  return {
    tables: {
      incident: createTable(store, "incident"),
      open: createTable(store, "open"),
      report: createTable(store, "report"),
      parked: createTable(store, "parked"),
      control: createTable(store, "control"),
    },
    close: () => store.close(),
  };
}

interface Store {
  rows(name: string): Database<string, Buffer>;
  checkOpen(): void;
  /** All of the change or nothing of it; `nextVersion` counts up for good, over deletes and restarts. */
  change<T>(work: (nextVersion: () => number) => T): Promise<T>;
  close(): Promise<void>;
}

function createStore(environment: LmdbEnvironment): Store {
  const { root } = environment;
  const counters = root.openDB<number, string>({ name: "counters", encoding: "json" });
  let closing: Promise<void> | undefined;

  function checkOpen(): void {
    if (closing !== undefined) throw new RetryableError("unavailable", "the store is closed");
  }

  return {
    rows: (name) => root.openDB<string, Buffer>({ name, encoding: "string", keyEncoding: "binary", useVersions: true }),
    checkOpen,
    async change(work) {
      checkOpen();
      try {
        return await root.childTransaction(() => {
          let version = counters.get("version") ?? 0;
          const before = version;
          const result = work(() => {
            version += 1;
            return version;
          });
          if (version !== before) counters.putSync("version", version);
          return result;
        });
      } catch (error) {
        throw storeError(error);
      }
    },
    close() {
      closing ??= environment.close();
      return closing;
    },
  };
}

function createTable(store: Store, name: string): Table {
  const rows = store.rows(name);

  function read(partition: string, row: string): Row | undefined {
    const entry = rows.getEntry(rowKey(partition, row));
    return entry === undefined ? undefined : toRow(row, entry.value, entry.version);
  }

  function check(key: Buffer, row: string, condition: Condition): void {
    if (condition === "any") return;
    checkCondition(condition, rows.getEntry(key)?.version?.toString(), row);
  }

  return {
    async get(partition, row) {
      checkKeys(partition, row);
      store.checkOpen();
      return read(partition, row);
    },

    async getMany(partition, names) {
      checkNames(partition, names);
      store.checkOpen();
      const found = names.map((row) => read(partition, row)).filter((row) => row !== undefined);
      return new Map(found.map((row) => [row.row, row]));
    },

    async range(partition, options = {}) {
      const { limit } = checkRange(partition, options);
      store.checkOpen();
      const start = rowKey(partition, options.from ?? "");
      const end = options.to === undefined ? partitionEnd(partition) : rowKey(partition, options.to);
      // The library would walk backwards.
      if (limit === 0 || start.compare(end) >= 0) return [];
      return rows
        .getRange({ start, end, limit, versions: true })
        .map(({ key, value, version }) => toRow(rowOfKey(key, partition), value, version)).asArray;
    },

    async put(partition, row, value, condition) {
      checkKeys(partition, row);
      const text = rowText(value);
      const key = rowKey(partition, row);
      return await store.change((nextVersion) => {
        check(key, row, condition);
        const version = nextVersion();
        rows.putSync(key, text, version);
        return version.toString();
      });
    },

    async delete(partition, row, condition) {
      checkKeys(partition, row);
      const key = rowKey(partition, row);
      await store.change(() => {
        check(key, row, deleteCondition(condition));
        rows.removeSync(key);
      });
    },

    async batch(partition, writes) {
      const texts = batchTexts(partition, writes);
      const keys = writes.map((write) => rowKey(partition, write.row));
      return await store.change((nextVersion) => {
        for (const [index, write] of writes.entries()) {
          check(keyAt(index), write.row, write.kind === "put" ? write.condition : deleteCondition(write.condition));
        }
        return writes.map((write, index) => {
          if (write.kind === "delete") {
            rows.removeSync(keyAt(index));
            return "";
          }
          const version = nextVersion();
          rows.putSync(keyAt(index), texts[index] ?? "", version);
          return version.toString();
        });
      });

      function keyAt(index: number): Buffer {
        return keys[index] ?? rowKey(partition, "");
      }
    },
  };
}

function toRow(row: string, text: string, version: number | undefined): Row {
  return { row, value: JSON.parse(text), etag: String(version) };
}

/** A full disk, an I/O error: nothing is known of the write but that it was not acknowledged. */
function storeError(thrown: unknown): unknown {
  if (thrown instanceof ConflictError || !(thrown instanceof Error)) return thrown;
  const { commitError, code } = thrown as Error & { readonly commitError?: unknown; readonly code?: unknown };
  const isRefusedCommit = commitError instanceof Promise;
  if (!isRefusedCommit && typeof code !== "number") return thrown;
  // The cause comes as a promise that rejects later, and would end the process unheard. The library prints it.
  if (isRefusedCommit) commitError.catch(() => undefined);
  return new RetryableError("unavailable", `the store took no write, perhaps its disk is full: ${thrown.message}`, {
    mayHaveHappened: isRefusedCommit,
    cause: thrown,
  });
}
