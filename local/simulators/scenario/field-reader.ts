import { isObject } from "../http/message.ts";
import { durationMs } from "./duration.ts";

/** A scenario file that cannot be read: says where and what. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** Reads the members of one object of a scenario file; every complaint names the place. */
export interface FieldReader {
  text(name: string): string;
  textOr(name: string, fallback: string): string;
  number(name: string, low: number, high: number): number;
  duration(name: string): number;
  list(name: string): readonly unknown[];
  /** The list, or none where it is absent. */
  listOr(name: string): readonly unknown[];
  has(name: string): boolean;
  value(name: string): unknown;
  /** Refuses members that nobody knows. */
  only(names: readonly string[]): void;
}

export function createFieldReader(source: unknown, place: string): FieldReader {
  if (!isObject(source)) throw new ScenarioError(`${place}: must be an object`);
  const fields = source;

  function text(name: string): string {
    const value = fields[name];
    if (typeof value !== "string" || value === "") throw new ScenarioError(`${place}: "${name}" must be text`);
    return value;
  }

  function list(name: string): readonly unknown[] {
    const value = fields[name];
    if (!Array.isArray(value)) throw new ScenarioError(`${place}: "${name}" must be a list`);
    return value;
  }

  return {
    text,
    textOr: (name, fallback) => (fields[name] === undefined ? fallback : text(name)),
    number(name, low, high) {
      const value = fields[name];
      if (typeof value !== "number" || !(value >= low && value <= high))
        throw new ScenarioError(`${place}: "${name}" must be a number from ${low} to ${high}`);
      return value;
    },
    duration(name) {
      const ms = durationMs(text(name));
      if (ms === undefined) throw new ScenarioError(`${place}: "${name}" must be a duration such as "PT1M30S"`);
      return ms;
    },
    list,
    listOr: (name) => (fields[name] === undefined ? [] : list(name)),
    has: (name) => fields[name] !== undefined,
    value: (name) => fields[name],
    only(names) {
      const stranger = Object.keys(fields).find((name) => !names.includes(name));
      if (stranger !== undefined)
        throw new ScenarioError(`${place}: there is no "${stranger}" here; there are ${names.join(", ")}`);
    },
  };
}
