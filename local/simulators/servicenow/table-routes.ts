import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { SimulatorClock } from "../clock.ts";
import type { Fields } from "./business-rules.ts";
import type { Directory } from "./directory.ts";
import { parseEncodedQuery } from "./encoded-query.ts";
import { CHOICES, COLUMNS } from "./incident-columns.ts";
import { recordView, renderRecord } from "./render-record.ts";
import { candidates, selectRecords } from "./select-records.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { failure, noRecord } from "./servicenow-reply.ts";
import { isRefusal, type TicketStore } from "./ticket-store.ts";

/** What the Table API works on. */
export interface TableContext {
  readonly clock: SimulatorClock;
  readonly behaviour: ServiceNowBehaviour;
  readonly tickets: TicketStore;
  readonly directory: Directory;
}

const TABLES: Readonly<Record<string, readonly string[]>> = {
  incident: Object.keys(COLUMNS),
  sys_journal_field: ["sys_id", "name", "element", "element_id", "value", "sys_created_on", "sys_created_by"],
  sys_choice: ["sys_id", "name", "element", "value", "label", "inactive", "language"],
  sys_user: ["sys_id", "user_name", "name", "active", "email"],
  sys_user_group: ["sys_id", "name", "active"],
};

/** `/api/now[/v1|v2]/table/{table}[/{sys_id}]` for a user who is signed in. */
export function answerTable(
  call: Call,
  version: string,
  table: string,
  sysId: string | undefined,
  user: string,
  context: TableContext,
): Reply {
  const columns = Object.hasOwn(TABLES, table) ? TABLES[table] : undefined;
  if (columns === undefined) return failure(400, `Invalid table ${table}`, null);
  if (isForbidden(table, context.behaviour))
    return failure(403, "Operation Failed", "ACL Exception: insufficient rights to query records");
  if (call.method === "GET") {
    return sysId === undefined ? list(call, version, table, columns, user, context) : read(call, table, sysId, context);
  }
  if (table !== "incident")
    return failure(403, "Operation Failed", "ACL Exception: insufficient rights to write records");
  switch (call.method) {
    case "POST":
      return sysId === undefined ? write(call, undefined, user, context) : failure(405, "Method not supported", null);
    case "PATCH":
    case "PUT":
      return sysId === undefined ? failure(405, "Method not supported", null) : write(call, sysId, user, context);
    case "DELETE":
      return failure(403, "Operation Failed", "ACL Exception Delete Failed due to security constraints");
    default:
      return failure(405, "Method not supported", null);
  }
}

function list(
  call: Call,
  version: string,
  table: string,
  columns: readonly string[],
  user: string,
  context: TableContext,
): Reply {
  const { query } = call;
  const known = new Set(columns);
  const parsed = parseEncodedQuery(
    query.get("sysparm_query") ?? "",
    (name) => known.has(name),
    context.directory.userId(user),
  );
  const visibleUntilMs = context.clock.now() - context.behaviour.searchLagMs;
  const rows =
    table === "incident" ? candidates(context.tickets, parsed, visibleUntilMs) : rowsOf(table, query, context);
  const found = selectRecords(rows, parsed, context.behaviour.invalidQueryReturnsNoRows);
  const limit = numberIn(query.get("sysparm_limit"), 10_000);
  const offset = numberIn(query.get("sysparm_offset"), 0);
  const view = recordView(query, call.origin);
  const result = found.slice(offset, offset + limit).map((record) => renderRecord(record, view, context.directory));
  if (result.length === 0 && version === "v1") return noRecord();
  return jsonReply(200, { result }, pagingHeaders(call, found.length, offset, limit));
}

function read(call: Call, table: string, sysId: string, context: TableContext): Reply {
  const rows = table === "incident" ? undefined : [...rowsOf(table, call.query, context)];
  const record = rows === undefined ? context.tickets.get(sysId)?.fields : rows.find((row) => row["sys_id"] === sysId);
  if (record === undefined) return noRecord();
  return jsonReply(200, { result: renderRecord(record, recordView(call.query, call.origin), context.directory) });
}

function write(call: Call, sysId: string | undefined, user: string, context: TableContext): Reply {
  if (!(call.headers["content-type"] ?? "").includes("application/json"))
    return failure(400, "Bad Request", "The header Content-Type: application/json is required");
  const body = objectIn(call.body);
  if (body === undefined) return failure(400, "Exception while reading request", "The payload is not valid JSON.");
  if (sysId !== undefined && context.tickets.get(sysId) === undefined) return noRecord();
  const written = context.tickets.write(sysId, textOf(body), { userName: user, isAdmin: false });
  if (isRefusal(written)) return failure(written.status, "Operation Failed", written.detail);
  const headers = sysId === undefined ? { location: `${call.origin}/api/now/table/incident/${written.sysId}` } : {};
  const status = sysId === undefined ? 201 : 200;
  if (call.headers["x-no-response-body"] === "true") return emptyReply(status === 200 ? 204 : status, headers);
  return jsonReply(
    status,
    { result: renderRecord(written.fields, recordView(call.query, call.origin), context.directory) },
    headers,
  );
}

function rowsOf(table: string, query: URLSearchParams, { tickets, directory }: TableContext): Iterable<Fields> {
  switch (table) {
    case "sys_journal_field":
      return journalRows(query.get("sysparm_query") ?? "", tickets);
    case "sys_choice":
      return CHOICES.map((choice) => ({
        ...choice,
        sys_id: `${choice.element}.${choice.value}`,
        inactive: "false",
        language: "en",
      }));
    default:
      return directory.rows(table);
  }
}

function* journalRows(query: string, tickets: TicketStore): IterableIterator<Fields> {
  const [, sysId] = /(?:^|\^)element_id=([0-9a-f]{32})(?:\^|$)/.exec(query) ?? [];
  if (sysId !== undefined && !query.includes("^NQ") && !query.includes("^OR")) {
    for (const entry of tickets.journal(sysId)) yield { ...entry };
    return;
  }
  for (const ticket of tickets.all()) for (const entry of tickets.journal(ticket.sysId)) yield { ...entry };
}

function isForbidden(table: string, behaviour: ServiceNowBehaviour): boolean {
  return (
    (table === "sys_journal_field" && !behaviour.journalReadable) ||
    (table === "sys_choice" && !behaviour.choicesReadable)
  );
}

function pagingHeaders(call: Call, total: number, offset: number, limit: number): Record<string, string> {
  if (call.query.get("sysparm_no_count") === "true") return {};
  const headers = { "x-total-count": String(total) };
  if (call.query.get("sysparm_suppress_pagination_header") === "true" || offset + limit >= total) return headers;
  const next = new URLSearchParams(call.query);
  next.set("sysparm_offset", String(offset + limit));
  return { ...headers, link: `<${call.origin}${call.path}?${next.toString()}>;rel="next"` };
}

/** Whatever is sent becomes text, as the platform makes it; objects and lists are ignored. */
function textOf(body: Record<string, unknown>): Fields {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null) text[name] = "";
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      text[name] = String(value);
  }
  return text;
}

function numberIn(text: string | null, fallback: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback;
}
