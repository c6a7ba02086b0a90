import {
  batchTexts,
  checkCondition,
  checkKeys,
  checkNames,
  checkRange,
  deleteCondition,
  rowText,
} from "../../shared/pipeline/ports/table-rules.ts";
import type { Condition, ETag, Row, Table, Tables } from "../../shared/pipeline/ports/table.ts";

interface Kept {
  readonly text: string;
  readonly etag: ETag;
  /** What the text says, from the first shared reading on. */
  value?: unknown;
}

/**
 * Nothing outlives the process: for tests and virtual time. Every operation takes effect at once, in the order of the calls. Each reader
 * gets its own copy of a value, or, where `isShared`, a frozen one that is parsed once.
 */
export function createMemoryTables({ isShared = false }: { readonly isShared?: boolean } = {}): Tables {
  const toRow = isShared ? toSharedRow : toOwnRow;
  return {
    incident: createTable(toRow),
    open: createTable(toRow),
    report: createTable(toRow),
    parked: createTable(toRow),
    control: createTable(toRow),
  };
}

function createTable(toRow: (row: string, kept: Kept) => Row): Table {
  const partitions = new Map<string, Map<string, Kept>>();
  let version = 0;

  function rowsOf(partition: string): Map<string, Kept> {
    const known = partitions.get(partition);
    if (known !== undefined) return known;
    const rows = new Map<string, Kept>();
    partitions.set(partition, rows);
    return rows;
  }

  function check(partition: string, row: string, condition: Condition): void {
    checkCondition(condition, partitions.get(partition)?.get(row)?.etag, row);
  }

  function write(partition: string, row: string, text: string): ETag {
    version += 1;
    const etag = version.toString();
    rowsOf(partition).set(row, { text, etag });
    return etag;
  }

  function remove(partition: string, row: string): void {
    const rows = partitions.get(partition);
    rows?.delete(row);
    if (rows?.size === 0) partitions.delete(partition);
  }

  return {
    async get(partition, row) {
      checkKeys(partition, row);
      const kept = partitions.get(partition)?.get(row);
      return kept === undefined ? undefined : toRow(row, kept);
    },

    async getMany(partition, rows) {
      checkNames(partition, rows);
      const found = new Map<string, Row>();
      for (const row of rows) {
        const kept = partitions.get(partition)?.get(row);
        if (kept !== undefined) found.set(row, toRow(row, kept));
      }
      return found;
    },

    async range(partition, options = {}) {
      const { limit } = checkRange(partition, options);
      const { from, to } = options;
      return [...(partitions.get(partition) ?? [])]
        .filter(([row]) => (from === undefined || row >= from) && (to === undefined || row < to))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([row, kept]) => toRow(row, kept));
    },

    async put(partition, row, value, condition) {
      checkKeys(partition, row);
      const text = rowText(value);
      check(partition, row, condition);
      return write(partition, row, text);
    },

    async delete(partition, row, condition) {
      checkKeys(partition, row);
      check(partition, row, deleteCondition(condition));
      remove(partition, row);
    },

    async batch(partition, writes) {
      const texts = batchTexts(partition, writes);
      for (const each of writes) {
        check(partition, each.row, each.kind === "put" ? each.condition : deleteCondition(each.condition));
      }
      return writes.map((each, index) => {
        if (each.kind === "put") return write(partition, each.row, texts[index] ?? "");
        remove(partition, each.row);
        return "";
      });
    },
  };
}

function toOwnRow(row: string, kept: Kept): Row {
  return { row, value: JSON.parse(kept.text), etag: kept.etag };
}

function toSharedRow(row: string, kept: Kept): Row {
  kept.value ??= frozen(JSON.parse(kept.text));
  return { row, value: kept.value, etag: kept.etag };
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
