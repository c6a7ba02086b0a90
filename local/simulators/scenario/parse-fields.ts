import { type AlertFields, type Evidence, newAlertFields } from "../graph/alert-record.ts";
import { type IncidentFields, newIncidentFields } from "../graph/incident-record.ts";
import type { TaskFields } from "../graph/task-store.ts";
import { isObject } from "../http/message.ts";
import { createFieldReader, ScenarioError } from "./field-reader.ts";

const EVIDENCE: Readonly<Record<Evidence["kind"], readonly string[]>> = {
  device: ["name"],
  user: ["upn"],
  file: ["name"],
  mail: ["subject", "recipient"],
  mailbox: ["address"],
  ip: ["address"],
  url: ["url"],
  process: ["name", "commandLine"],
};
const TASK_FIELDS = [
  "displayName",
  "description",
  "status",
  "source",
  "actionType",
  "identifierValue",
  "deviceId",
] as const;

export function parseIncidentFields(value: unknown, place: string): IncidentFields {
  return parseLike(value, newIncidentFields(), place);
}

export function parseAlert(value: unknown, place: string): AlertFields {
  const { evidence, ...rest } = isObject(value) ? value : {};
  const fields = parseLike(rest, newAlertFields(), place) as AlertFields;
  if (evidence === undefined) return fields;
  if (!Array.isArray(evidence)) throw new ScenarioError(`${place}: "evidence" must be a list`);
  return { ...fields, evidence: evidence.map((item, index) => parseEvidence(item, `${place}, evidence ${index + 1}`)) };
}

export function parseTask(value: unknown, place: string): TaskFields {
  createFieldReader(value, place).only(TASK_FIELDS);
  return parseTexts(value, place);
}

export function parseTexts(value: unknown, place: string): Readonly<Record<string, string>> {
  if (!isObject(value)) throw new ScenarioError(`${place}: must be an object`);
  for (const [name, text] of Object.entries(value))
    if (typeof text !== "string") throw new ScenarioError(`${place}: "${name}" must be text`);
  return value as Record<string, string>;
}

/** Members of the same name and kind as the example's; null is allowed where the example has null. */
function parseLike(value: unknown, example: Readonly<Record<string, unknown>> | object, place: string): object {
  const known = example as Readonly<Record<string, unknown>>;
  createFieldReader(value, place).only(Object.keys(known));
  const fields = value as Record<string, unknown>;
  for (const [name, given] of Object.entries(fields)) {
    if (!isLike(given, known[name], name)) throw new ScenarioError(`${place}: "${name}" has the wrong kind of value`);
  }
  return fields;
}

function isLike(given: unknown, example: unknown, name: string): boolean {
  if (Array.isArray(example)) return Array.isArray(given) && given.every((item) => typeof item === "string");
  if (name === "priorityScore") return typeof given === "number" || given === null;
  return (
    typeof given === "string" ||
    (given === null && (example === null || name === "classification" || name === "determination"))
  );
}

function parseEvidence(value: unknown, place: string): Evidence {
  const reader = createFieldReader(value, place);
  const kind = reader.text("kind");
  const needed = Object.hasOwn(EVIDENCE, kind) ? EVIDENCE[kind as Evidence["kind"]] : undefined;
  if (needed === undefined)
    throw new ScenarioError(`${place}: "kind" must be one of ${Object.keys(EVIDENCE).join(", ")}`);
  for (const name of needed) reader.text(name);
  return parseTexts(value, place) as unknown as Evidence;
}
