import { PermanentError } from "../../errors.ts";
import { type Condition, ConflictError, type ETag, type RangeOptions, type Write } from "./table.ts";

/** 900 KiB as Azure Tables counts text (UTF-16); its own limit is 1 MiB for a row with its names. */
export const MAX_ROW_CHARACTERS = 460_800;
/** A batch may be 4 MiB on the wire, where a character takes three bytes at most. */
export const MAX_BATCH_CHARACTERS = 1_310_720;
export const MAX_BATCH_WRITES = 100;
export const MAX_NAMES = 15;
const MAX_KEY_CHARACTERS = 512;
const DEFAULT_RANGE_LIMIT = 1_000;

const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /\p{Cc}/u;
const FORBIDDEN_IN_KEY = /[/\\#?]/;

/** Refuses a partition or row name that Azure Tables would not take, or would take and confuse with another. */
export function checkKeys(...keys: readonly string[]): void {
  for (const key of keys) {
    if (key === "") throw malformed("a partition or row name is empty");
    checkBound(key);
    if (FORBIDDEN_IN_KEY.test(key)) throw malformed(`the name ${JSON.stringify(key)} has one of / \\ # ?`);
  }
}

export function checkNames(partition: string, rows: readonly string[]): void {
  checkKeys(partition, ...rows);
  if (rows.length > MAX_NAMES) throw malformed(`${rows.length} rows asked for at once, at most ${MAX_NAMES}`);
}

/** Bounds need not be names of rows: `link:` to `link;` is everything that begins with `link:`. */
export function checkRange(partition: string, options: RangeOptions): { readonly limit: number } {
  checkKeys(partition);
  for (const bound of [options.from, options.to]) if (bound !== undefined) checkBound(bound);
  const limit = options.limit ?? DEFAULT_RANGE_LIMIT;
  if (!Number.isSafeInteger(limit) || limit < 0) throw malformed(`a limit of ${limit} rows`);
  return { limit };
}

/** The JSON text of a row's value. Lone surrogates in values survive: JSON writes them as escapes. */
export function rowText(value: unknown): string {
  const text = stringified(value);
  if (text === undefined) throw malformed("the value of a row is no JSON value");
  if (text.length > MAX_ROW_CHARACTERS) {
    throw new PermanentError("tooLarge", `a row of ${text.length} characters, at most ${MAX_ROW_CHARACTERS}`, {
      mend: "Cut the value before it is kept.",
    });
  }
  return text;
}

/** The JSON text for each write, "" for a delete. */
export function batchTexts(partition: string, writes: readonly Write[]): readonly string[] {
  checkKeys(partition, ...writes.map((write) => write.row));
  if (writes.length > MAX_BATCH_WRITES)
    throw malformed(`${writes.length} writes in a batch, at most ${MAX_BATCH_WRITES}`);
  if (new Set(writes.map((write) => write.row)).size < writes.length) throw malformed("a row twice in one batch");
  const texts = writes.map((write) => (write.kind === "put" ? rowText(write.value) : ""));
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters > MAX_BATCH_CHARACTERS) {
    throw new PermanentError("tooLarge", `a batch of ${characters} characters, at most ${MAX_BATCH_CHARACTERS}`, {
      mend: "Write the rows in several batches.",
    });
  }
  return texts;
}

/** `current` is the version that is there, undefined where there is no such row. */
export function checkCondition(condition: Condition, current: ETag | undefined, row: string): void {
  if (condition === "any") return;
  if (condition === "absent") {
    if (current !== undefined) throw new ConflictError(`row ${row} is there already`);
    return;
  }
  if (current !== condition.etag) throw lostVersion(row);
}

export function deleteCondition(condition: ETag | "any"): Condition {
  return condition === "any" ? "any" : { etag: condition };
}

export function lostVersion(row: string, cause?: unknown): ConflictError {
  return new ConflictError(`row ${row} is no longer the version that was read`, { cause });
}

function checkBound(key: string): void {
  if (key.length > MAX_KEY_CHARACTERS) {
    throw malformed(`a name of ${key.length} characters, at most ${MAX_KEY_CHARACTERS}: ${key.slice(0, 40)}…`);
  }
  if (CONTROL.test(key) || LONE_SURROGATE.test(key)) {
    throw malformed(`the name ${JSON.stringify(key)} has control characters or half a character`);
  }
}

function stringified(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // A cycle or a bigint.
    if (error instanceof TypeError) throw malformed(`the value of a row is no JSON value: ${error.message}`, error);
    throw error;
  }
}

function malformed(message: string, cause?: unknown): PermanentError {
  return new PermanentError("malformed", message, { cause });
}
