import { type Call, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { IncidentFields } from "../graph/incident-record.ts";
import type { SentinelContext } from "./sentinel-context.ts";
import {
  NO_OWNER,
  type SentinelFields,
  type SentinelIncident,
  type SentinelLabel,
  type SentinelOwner,
} from "./sentinel-record.ts";
import { azureError } from "./sentinel-reply.ts";
import { DEFENDER_PROVIDER } from "./sentinel-store.ts";

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  severity: ["High", "Medium", "Low", "Informational"],
  status: ["New", "Active", "Closed"],
  classification: ["Undetermined", "TruePositive", "BenignPositive", "FalsePositive"],
  classificationReason: ["SuspiciousActivity", "SuspiciousButExpected", "IncorrectAlertLogic", "InaccurateData"],
};

/** `PUT …/incidents/{name}`: replaces everything writable; what the body leaves out is gone. A new name makes a new incident. */
export function putSentinelIncident(call: Call, name: string, path: string, context: SentinelContext): Reply {
  const { store, clock } = context;
  const throttled = context.gate.spend("incidents");
  if (throttled !== undefined) return throttled;
  const body = objectIn(call.body);
  const properties = body?.["properties"];
  if (body === undefined || !isObject(properties))
    return azureError(400, "BadRequest", "The request content was invalid: 'properties' is required.");
  const before = store.get(name);
  const fields = readFields(properties, before);
  if (typeof fields === "string") return azureError(400, "BadRequest", fields);
  if (before === undefined) {
    const made = store.add({ ...fields, ...nativeOrigin(store.size() + 1) }, name, clock.now());
    return jsonReply(201, context.render(made, call));
  }
  const { etag } = body;
  if (etag !== undefined && etag !== before.etag)
    return azureError(409, "Conflict", `New version of resource '${path}' exists. Data was not saved`);
  const after = store.change(name, fields, clock.now());
  if (context.behaviour.syncBack && before.providerName === DEFENDER_PROVIDER) syncBack(before, after, context);
  return jsonReply(200, context.render(after, call));
}

function readFields(
  properties: Record<string, unknown>,
  before: SentinelIncident | undefined,
): SentinelFields | string {
  for (const name of ["title", "severity", "status"])
    if (typeof properties[name] !== "string" || properties[name] === "")
      return `Required property '${name}' is missing.`;
  for (const [name, values] of Object.entries(ALLOWED)) {
    const value = properties[name];
    if (value !== undefined && value !== null && !values.some((allowed) => allowed === value))
      return `The value of '${name}' must be one of ${values.join(", ")}.`;
  }
  const description = textIn(properties, "description") ?? "";
  if (description.length > 5_000) return "The description is longer than 5000 characters.";
  const labels = readLabels(properties["labels"], before);
  if (labels === undefined) return "'labels' must be a list of { labelName }.";
  return {
    title: textIn(properties, "title") ?? "",
    description,
    severity: textIn(properties, "severity") ?? "",
    status: textIn(properties, "status") ?? "",
    classification: textIn(properties, "classification"),
    classificationReason: textIn(properties, "classificationReason"),
    classificationComment: textIn(properties, "classificationComment"),
    labels,
    owner: readOwner(properties["owner"]),
  };
}

/** labelType is read-only: a label keeps the one it has, a new one is the user's. */
function readLabels(value: unknown, before: SentinelIncident | undefined): readonly SentinelLabel[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const labels: SentinelLabel[] = [];
  for (const item of value) {
    const labelName: unknown = isObject(item) ? item["labelName"] : undefined;
    if (typeof labelName !== "string" || labelName === "") return undefined;
    labels.push(before?.labels.find((label) => label.labelName === labelName) ?? { labelName, labelType: "User" });
  }
  return labels;
}

function readOwner(value: unknown): SentinelOwner {
  if (!isObject(value)) return NO_OWNER;
  return {
    objectId: textIn(value, "objectId") ?? null,
    email: textIn(value, "email") ?? null,
    assignedTo: textIn(value, "assignedTo") ?? null,
    userPrincipalName: textIn(value, "userPrincipalName") ?? null,
  };
}

/** Status, owner and closing reason written here reach Defender at once. */
function syncBack(before: SentinelIncident, after: SentinelIncident, { graph }: SentinelContext): void {
  const record = graph.incidents.get(after.providerIncidentId);
  if (record === undefined || record.status === "redirected") return;
  const statuses: Readonly<Record<string, string>> = { New: "active", Active: "inProgress", Closed: "resolved" };
  const verdicts: Readonly<Record<string, string>> = {
    TruePositive: "truePositive",
    BenignPositive: "informationalExpectedActivity",
    FalsePositive: "falsePositive",
    Undetermined: "unknown",
  };
  const fields: IncidentFields = {
    ...(before.status === after.status ? {} : { status: statuses[after.status] ?? record.status }),
    ...(before.owner.assignedTo === after.owner.assignedTo ? {} : { assignedTo: after.owner.assignedTo }),
    ...(after.classification === undefined || before.classification === after.classification
      ? {}
      : { classification: verdicts[after.classification] ?? "unknown" }),
  };
  if (Object.keys(fields).length > 0) graph.incidents.change(record.id, fields, { by: "Microsoft Sentinel" });
}

function nativeOrigin(
  number: number,
): Omit<SentinelIncident, keyof SentinelFields | "name" | "number" | "etag" | "createdMs" | "modifiedMs"> {
  return {
    providerName: "Azure Sentinel",
    providerIncidentId: String(number),
    providerIncidentUrl: "",
    alertsCount: 0,
    alertProductNames: [],
    tactics: [],
  };
}

function textIn(source: Record<string, unknown>, name: string): string | undefined {
  const value = source[name];
  return typeof value === "string" ? value : undefined;
}
