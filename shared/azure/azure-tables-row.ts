import { RetryableError } from "../errors.ts";
import type { Row } from "../pipeline/ports/table.ts";

/** A property holds 64 KiB of UTF-16; a little less, so that a pair that would be cut goes to the next. */
const MAX_PROPERTY_CHARACTERS = 32_000;

/** The JSON text of a row as `p0`, `p1`, … */
export function propertiesOf(text: string): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  for (let at = 0, index = 0; at < text.length; index += 1) {
    const end = at + MAX_PROPERTY_CHARACTERS - (isHighSurrogate(text, at + MAX_PROPERTY_CHARACTERS - 1) ? 1 : 0);
    properties[`p${index}`] = text.slice(at, end);
    at = end;
  }
  return properties;
}

/** What the service answers for a row. */
export type Entity = Readonly<Record<string, unknown>>;

export function rowOf(entity: Entity): Row {
  const { rowKey, etag } = entity;
  const parts: string[] = [];
  for (let part = entity["p0"]; typeof part === "string"; part = entity[`p${parts.length}`]) parts.push(part);
  if (typeof rowKey !== "string" || typeof etag !== "string" || parts.length === 0) throw foreignRow(rowKey);
  try {
    return { row: rowKey, value: JSON.parse(parts.join("")), etag };
  } catch (error) {
    if (error instanceof SyntaxError) throw foreignRow(rowKey, error);
    throw error;
  }
}

function isHighSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}

function foreignRow(row: unknown, cause?: unknown): RetryableError {
  return new RetryableError("unreadable", `the row ${String(row)} was not written by this program`, { cause });
}
