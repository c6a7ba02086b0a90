import { type Call, jsonReply, type Reply } from "../http/message.ts";
import type { SentinelContext } from "./sentinel-context.ts";
import { type SentinelIncident, sentinelTime } from "./sentinel-record.ts";
import { azureError } from "./sentinel-reply.ts";

type Operator = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

interface Condition {
  readonly field: Field;
  readonly operator: Operator;
  readonly value: string;
}

const FIELDS = [
  "lastModifiedTimeUtc",
  "createdTimeUtc",
  "incidentNumber",
  "status",
  "severity",
  "title",
  "providerIncidentId",
] as const;
type Field = (typeof FIELDS)[number];

const CONDITION = /^properties\/([A-Za-z]+) (eq|ne|gt|ge|lt|le) (?:'((?:[^']|'')*)'|([^\s']+))$/;
const ORDER = /^properties\/(lastModifiedTimeUtc|createdTimeUtc|incidentNumber)(?: (asc|desc))?$/;
const MOST_ROWS = 1_000;

/** `GET …/incidents`. */
export function listSentinelIncidents(call: Call, context: SentinelContext): Reply {
  const { query } = call;
  const top = Number(query.get("$top") ?? 50);
  if (!Number.isInteger(top) || top < 1 || top > MOST_ROWS)
    return azureError(400, "BadRequest", `The value of $top must be between 1 and ${MOST_ROWS}.`);
  const conditions = parseConditions(query.get("$filter"), context.behaviour.providerIncidentIdFilter === "supported");
  if (typeof conditions === "string") return azureError(400, "BadRequest", conditions);
  const order = ORDER.exec(query.get("$orderby") ?? "properties/createdTimeUtc desc");
  if (order === null) return azureError(400, "BadRequest", "The $orderby expression is not valid.");
  const skip = Number(Buffer.from(query.get("$skipToken") ?? "", "base64url").toString());
  if (!Number.isInteger(skip) || skip < 0) return azureError(400, "BadRequest", "The $skipToken is not valid.");

  const hits = [...candidates(conditions, context)].filter((row) =>
    conditions.every((condition) => isMet(condition, row)),
  );
  const field = order[1] as Field;
  const direction = order[2] === "desc" ? -1 : 1;
  hits.sort(
    (left, right) => direction * (compare(valueOf(left, field), valueOf(right, field)) || left.number - right.number),
  );
  const value = hits.slice(skip, skip + top).map((row) => context.render(row, call));
  if (hits.length <= skip + top) return jsonReply(200, { value });
  const next = new URLSearchParams(query);
  next.set("$skipToken", Buffer.from(String(skip + top)).toString("base64url"));
  return jsonReply(200, { value, nextLink: `${call.origin}${call.path}?${next.toString().replaceAll("%24", "$")}` });
}

/** The conditions, or the sentence that says what is not understood. */
function parseConditions(filter: string | null, byProvider: boolean): readonly Condition[] | string {
  if (filter === null || filter === "") return [];
  const conditions: Condition[] = [];
  for (const part of filter.split(/ and (?=properties\/)/)) {
    const [, name, operator, quoted, plain] = CONDITION.exec(part.trim()) ?? [];
    const field = FIELDS.find((known) => known === name);
    if (field === undefined || operator === undefined || (field === "providerIncidentId" && !byProvider))
      return `Invalid filter: '${part}'.`;
    conditions.push({ field, operator: operator as Operator, value: quoted?.replaceAll("''", "'") ?? plain ?? "" });
  }
  return conditions;
}

/** An index answers where it can. */
function candidates(conditions: readonly Condition[], { store }: SentinelContext): Iterable<SentinelIncident> {
  const provider = conditions.find(({ field, operator }) => field === "providerIncidentId" && operator === "eq");
  if (provider !== undefined) {
    const twin = store.twinOf(provider.value);
    return twin === undefined ? [] : [twin];
  }
  const rows = store.rows();
  const since = conditions.find(
    ({ field, operator }) => field === "lastModifiedTimeUtc" && (operator === "ge" || operator === "gt"),
  );
  const sinceMs = since === undefined ? Number.NaN : Date.parse(since.value);
  return rows.walkUp(Number.isNaN(sinceMs) ? 0 : rows.rank(({ modifiedMs }) => modifiedMs < sinceMs));
}

function isMet({ field, operator, value }: Condition, row: SentinelIncident): boolean {
  const isTime = field === "lastModifiedTimeUtc" || field === "createdTimeUtc";
  const wanted = isTime && !Number.isNaN(Date.parse(value)) ? sentinelTime(Date.parse(value)) : value;
  const order = compare(valueOf(row, field), field === "incidentNumber" ? Number(value) : wanted);
  switch (operator) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
  }
}

function valueOf(row: SentinelIncident, field: Field): string | number {
  switch (field) {
    case "lastModifiedTimeUtc":
      return sentinelTime(row.modifiedMs);
    case "createdTimeUtc":
      return sentinelTime(row.createdMs);
    case "incidentNumber":
      return row.number;
    case "status":
    case "severity":
    case "title":
    case "providerIncidentId":
      return row[field];
  }
}

function compare(left: string | number, right: string | number): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
