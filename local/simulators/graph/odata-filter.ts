import { memberOf } from "./enums.ts";
import { parseTicks } from "./ticks.ts";

/** What a property may be compared with. */
export type FilterField =
  | { readonly kind: "time" }
  | { readonly kind: "text" }
  | { readonly kind: "member"; readonly members: readonly string[] };

export interface FilterCondition {
  readonly field: string;
  readonly operator: FilterOperator;
  readonly value: string | bigint | null;
}

export type FilterOperator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

const CONDITION = /^([A-Za-z]+) +(eq|ne|gt|ge|lt|le) +('(?:[^']|'')*'|[^\s'()]+)$/;

/** Conditions joined by `and`, and nothing else; otherwise the sentence that says what is not understood. */
export function parseFilter(
  text: string,
  fields: Readonly<Record<string, FilterField>>,
): readonly FilterCondition[] | string {
  const conditions: FilterCondition[] = [];
  for (const part of splitOnAnd(text)) {
    const [, name, operator, literal] = CONDITION.exec(part.trim()) ?? [];
    if (name === undefined || operator === undefined || literal === undefined)
      return `Invalid filter clause: '${part.trim()}' is not understood.`;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) return `Invalid filter clause: the property '${name}' cannot be used in the query option.`;
    const value = valueOf(literal, field);
    if (value === undefined) return `Invalid filter clause: ${literal} is not a value of '${name}'.`;
    if (field.kind !== "time" && operator !== "eq" && operator !== "ne")
      return `Invalid filter clause: the operator '${operator}' cannot be used with '${name}'.`;
    conditions.push({ field: name, operator: operator as FilterOperator, value });
  }
  return conditions;
}

/** Whether a property's value meets a condition; text and members are compared without case. */
export function meets(condition: FilterCondition, actual: string | bigint | null): boolean {
  const left = typeof actual === "string" ? actual.toLowerCase() : actual;
  const right = typeof condition.value === "string" ? condition.value.toLowerCase() : condition.value;
  if (condition.operator === "eq") return left === right;
  if (condition.operator === "ne") return left !== right;
  if (typeof left !== "bigint" || typeof right !== "bigint") return false;
  switch (condition.operator) {
    case "gt":
      return left > right;
    case "ge":
      return left >= right;
    case "lt":
      return left < right;
    case "le":
      return left <= right;
  }
}

/** Splits outside quotes. */
function splitOnAnd(text: string): readonly string[] {
  const parts: string[] = [];
  let part = "";
  for (const piece of text.split(/('(?:[^']|'')*')/)) {
    if (piece.startsWith("'")) {
      part += piece;
      continue;
    }
    const [first = "", ...rest] = piece.split(/ +and +/);
    part += first;
    for (const next of rest) {
      parts.push(part);
      part = next;
    }
  }
  return [...parts, part];
}

function valueOf(literal: string, field: FilterField): string | bigint | null | undefined {
  const isQuoted = literal.startsWith("'");
  if (field.kind === "time") return isQuoted ? undefined : parseTicks(literal);
  if (!isQuoted) return literal === "null" ? null : undefined;
  const text = literal.slice(1, -1).replaceAll("''", "'");
  return field.kind === "text" ? text : memberOf(field.members, text);
}
