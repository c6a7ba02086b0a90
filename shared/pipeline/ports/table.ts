import { hasMark } from "../../errors.ts";

/**
 * Five small tables with ETags (ARCHITECTURE.md, "Where things are kept"). Two adapters pass one conformance suite: Azure Tables and the embedded store.
 *
 * Keys: partition and row are at most 512 characters, without `/ \ # ?` and control characters (the rule of Azure Tables).
 * Values: any JSON value. A row over 900 KiB of JSON text (as UTF-16, so 460,800 characters; see `table-rules.ts`) is refused with `PermanentError("tooLarge")`, whatever the adapter.
 * Errors: a lost condition is `ConflictError`; a store that is slow or away is `RetryableError`. A failed read is never "not there".
 */
export interface Tables {
  readonly incident: Table;
  readonly open: Table;
  readonly report: Table;
  readonly parked: Table;
  readonly control: Table;
}

export type TableName = keyof Tables;

export interface Table {
  get(partition: string, row: string): Promise<Row | undefined>;
  /** Rows of one partition by name, in one operation; what is not there is missing from the map. At most 15 names. */
  getMany(partition: string, rows: readonly string[]): Promise<ReadonlyMap<string, Row>>;
  /** Rows of one partition in the order of their names (by UTF-16 code unit); `from` inclusive, `to` exclusive, at most `limit` (default 1,000). */
  range(partition: string, options?: RangeOptions): Promise<readonly Row[]>;
  /** Returns the new ETag. */
  put(partition: string, row: string, value: unknown, condition: Condition): Promise<ETag>;
  /** Idempotent where `condition` is "any": a row that is not there is deleted already. */
  delete(partition: string, row: string, condition: ETag | "any"): Promise<void>;
  /** All or nothing in one partition; at most 100 writes, each row at most once. Returns the new ETags, "" for a delete. */
  batch(partition: string, writes: readonly Write[]): Promise<readonly ETag[]>;
}

export interface Row {
  readonly row: string;
  readonly value: unknown;
  readonly etag: ETag;
}

export type ETag = string;

/** "absent": only where there is no such row yet; "any": whatever is there; otherwise only over exactly this version. */
export type Condition = "absent" | "any" | { readonly etag: ETag };

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

export type Write =
  | { readonly kind: "put"; readonly row: string; readonly value: unknown; readonly condition: Condition }
  | { readonly kind: "delete"; readonly row: string; readonly condition: ETag | "any" };

const CONFLICT = Symbol.for("dex-sync.ConflictError");

/** Somebody else wrote first. Read again, decide again. */
export class ConflictError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasMark(value, CONFLICT);
  }

  readonly [CONFLICT] = true;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "ConflictError";
  }
}
