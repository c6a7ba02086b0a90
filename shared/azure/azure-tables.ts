import { randomUUID } from "node:crypto";
import type { TableClient } from "@azure/data-tables";
import { RetryableError } from "../errors.ts";
import {
  MAX_NAMES,
  batchTexts,
  checkKeys,
  checkNames,
  checkRange,
  lostVersion,
  rowText,
} from "../pipeline/ports/table-rules.ts";
import type { ETag, Row, Table, TableName, Tables, Write } from "../pipeline/ports/table.ts";
import type { BatchAnswer } from "./azure-tables-batch.ts";
import { type AzureTablesOptions, createTableClient } from "./azure-tables-client.ts";
import { isNoSuchRow, refusalError } from "./azure-tables-error.ts";
import { namesFilters, rangeFilter } from "./azure-tables-filter.ts";
import { type Performing, perform } from "./azure-tables-operation.ts";
import { type Entity, propertiesOf, rowOf } from "./azure-tables-row.ts";
import { type BatchTransport, createBatchTransport } from "./azure-tables-transport.ts";

export type { AzureTablesOptions } from "./azure-tables-client.ts";

/** Azure Tables. The SDK is loaded, and a table made where it is missing, with the first operation on it. */
export function createAzureTables(options: AzureTablesOptions): Tables {
  return {
    incident: createTable(options, "incident"),
    open: createTable(options, "open"),
    report: createTable(options, "report"),
    parked: createTable(options, "parked"),
    control: createTable(options, "control"),
  };
}

interface Opened {
  readonly client: TableClient;
  readonly batches: BatchTransport;
  readonly reading: Performing;
  readonly writing: Performing;
}

/** A page has 1,000 rows at most. */
const MAX_PAGE = 1_000;

function createTable(options: AzureTablesOptions, name: TableName): Table {
  let opening: Promise<Opened> | undefined;

  /** What could not be opened is tried anew with the next operation. */
  function open(): Promise<Opened> {
    opening ??= openTable(options, name).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function query(filter: string, limit: number): Promise<readonly Row[]> {
    const { client, reading } = await open();
    return await perform(reading, async (abortSignal) => {
      const rows: Row[] = [];
      const pages = client
        .listEntities({ queryOptions: { filter }, abortSignal })
        .byPage({ maxPageSize: Math.min(limit, MAX_PAGE) });
      for await (const page of pages) {
        rows.push(...page.map((entity) => rowOf(entity as Entity)));
        if (rows.length >= limit) break;
      }
      return rows.slice(0, limit);
    });
  }

  async function writeOne(partition: string, write: Write, text: string): Promise<ETag> {
    const { client, writing } = await open();
    const { row } = write;
    if (write.kind === "delete") {
      const etag = write.condition === "any" ? "*" : write.condition;
      await perform<unknown>(
        writing,
        (abortSignal) => client.deleteEntity(partition, row, { etag, abortSignal }),
        (refusal) => (write.condition === "any" && isNoSuchRow(refusal) ? { result: undefined } : undefined),
      );
      return "";
    }
    const entity = { partitionKey: partition, rowKey: row, ...propertiesOf(text) };
    const { condition } = write;
    const { etag } = await perform(writing, (abortSignal) => {
      if (condition === "absent") return client.createEntity(entity, { abortSignal });
      if (condition === "any") return client.upsertEntity(entity, "Replace", { abortSignal });
      return client.updateEntity(entity, "Replace", { etag: condition.etag, abortSignal });
    });
    return known(etag, name);
  }

  async function writeAll(
    partition: string,
    writes: readonly Write[],
    texts: readonly string[],
  ): Promise<readonly ETag[]> {
    const { batches, writing } = await open();
    const answer = await perform(writing, (signal) => batches.send(partition, writes, texts, signal));
    if (answer === undefined) throw notUnderstood(name);
    if ("etags" in answer) return answer.etags;
    const gone = await goneRows(partition, writes, answer);
    if (gone.size === 0) throw refusalError(answer.refusal, writing);
    // A row to be deleted that is not there fails the whole, which is tried again without it.
    const left = writes
      .map((write, index) => ({ write, text: texts[index] ?? "" }))
      .filter(({ write }) => !gone.has(write.row));
    const etags = await batch(
      partition,
      left.map(({ write }) => write),
      left.map(({ text }) => text),
    );
    const byRow = new Map(left.map(({ write }, index) => [write.row, etags[index] ?? ""]));
    return writes.map((write) => byRow.get(write.row) ?? "");
  }

  /** Where a batch failed for want of a row: rows to be deleted unconditionally that are not there. */
  async function goneRows(
    partition: string,
    writes: readonly Write[],
    answer: BatchAnswer,
  ): Promise<ReadonlySet<string>> {
    if (!("refusal" in answer) || !isNoSuchRow(answer.refusal)) return new Set();
    const names = writes.filter((write) => write.kind === "delete" && write.condition === "any").map(({ row }) => row);
    const gone = new Set(names);
    for (let at = 0; at < names.length; at += MAX_NAMES) {
      for (const row of (await getMany(partition, names.slice(at, at + MAX_NAMES))).keys()) gone.delete(row);
    }
    return gone;
  }

  async function getMany(partition: string, names: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    const found = await Promise.all(
      namesFilters(partition, [...new Set(names)]).map((filter) => query(filter, MAX_NAMES)),
    );
    return new Map(found.flat().map((row) => [row.row, row]));
  }

  async function batch(
    partition: string,
    writes: readonly Write[],
    texts: readonly string[],
  ): Promise<readonly ETag[]> {
    for (const write of writes) checkVersion(write);
    const [first] = writes;
    if (first === undefined) return [];
    return writes.length === 1 && !isLongAndForeign(texts[0] ?? "")
      ? [await writeOne(partition, first, texts[0] ?? "")]
      : await writeAll(partition, writes, texts);
  }

  return {
    async get(partition, row) {
      checkKeys(partition, row);
      const { client, reading } = await open();
      return await perform<Row | undefined>(
        reading,
        async (abortSignal) => rowOf(await client.getEntity<Entity>(partition, row, { abortSignal })),
        (refusal) => (isNoSuchRow(refusal) ? { result: undefined } : undefined),
      );
    },
    async getMany(partition, names) {
      checkNames(partition, names);
      return await getMany(partition, names);
    },
    async range(partition, rangeOptions = {}) {
      const { limit } = checkRange(partition, rangeOptions);
      return limit === 0 ? [] : await query(rangeFilter(partition, rangeOptions), limit);
    },
    async put(partition, row, value, condition) {
      checkKeys(partition, row);
      const text = rowText(value);
      const [etag] = await batch(partition, [{ kind: "put", row, value, condition }], [text]);
      return etag ?? "";
    },
    async delete(partition, row, condition) {
      checkKeys(partition, row);
      await batch(partition, [{ kind: "delete", row, condition }], [""]);
    },
    async batch(partition, writes) {
      return await batch(partition, writes, batchTexts(partition, writes));
    },
  };
}

async function openTable(options: AzureTablesOptions, name: TableName): Promise<Opened> {
  const sdk = await import("@azure/data-tables");
  const client = await createTableClient(sdk, options, name);
  const reading = { what: `table ${name}`, isWrite: false, timeoutMs: options.timeoutMs, sdk };
  // Who may not make tables may still use them: whether there is one is seen with the first operation.
  await perform(
    reading,
    (abortSignal) => client.createTable({ abortSignal }),
    (refusal) => (refusal.status === 403 ? { result: undefined } : undefined),
  );
  return { client, batches: createBatchTransport(client, randomUUID), reading, writing: { ...reading, isWrite: true } };
}

/** Azurite 3.35 breaks characters that fall on a boundary of two pieces of a request, but not inside of a batch. */
function isLongAndForeign(text: string): boolean {
  return text.length > 8_000 && /[\u0080-\uffff]/.test(text);
}

/** How the service writes a version. What is none matches no row; some, as "*", would match any. */
const VERSION = /^W\/"[^"\r\n]+"$/;

function checkVersion(write: Write): void {
  const { condition } = write;
  const etag = typeof condition === "string" ? condition : condition.etag;
  const isUnconditional = typeof condition === "string" && (write.kind === "put" || condition === "any");
  if (!isUnconditional && !VERSION.test(etag)) throw lostVersion(write.row);
}

function known(etag: string | undefined, name: string): ETag {
  if (etag === undefined) throw notUnderstood(name);
  return etag;
}

function notUnderstood(name: string): RetryableError {
  return new RetryableError("unreadable", `table ${name} answered a write in a form that is not known`, {
    mayHaveHappened: true,
  });
}
