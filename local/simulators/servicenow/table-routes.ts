import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { SimulatorClock } from "../clock.ts";
import type { ChoiceList } from "./choice-list.ts";
import { INCIDENT_COLUMNS, SECURITY_COLUMNS } from "./columns.ts";
import type { Directory } from "./directory.ts";
import { parseEncodedQuery } from "./encoded-query.ts";
import { type RecordView, recordView, renderRecord } from "./render-record.ts";
import { candidates, selectRecords } from "./select-records.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";
import { failure, noRecord } from "./servicenow-reply.ts";
import type { TicketTable } from "./table-definition.ts";
import { isRefusal, type TicketStore } from "./ticket-store.ts";
import type { Fields } from "./write-context.ts";

/** What the Table API works on. */
export interface TableContext {
  readonly clock: SimulatorClock;
  readonly behaviour: ServiceNowBehaviour;
  readonly stores: Readonly<Record<TicketTable, TicketStore>>;
  readonly directory: Directory;
  readonly choices: ChoiceList;
}

const TABLES: Readonly<Record<string, readonly string[]>> = {
  incident: Object.keys(INCIDENT_COLUMNS),
  sn_si_incident: Object.keys(SECURITY_COLUMNS),
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
  const store = storeOf(table, context);
  if (store === undefined || !context.behaviour.recordsWritable)
    return failure(403, "Operation Failed", "ACL Exception: insufficient rights to write records");
  switch (call.method) {
    case "POST":
      return sysId === undefined
        ? write(call, table, store, undefined, user, context)
        : failure(405, "Method not supported", null);
    case "PATCH":
    case "PUT":
      return sysId === undefined
        ? failure(405, "Method not supported", null)
        : write(call, table, store, sysId, user, context);
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
  const known = new Set(columns.filter((name) => name !== "correlation_id" || context.behaviour.keyReadable));
  const parsed = parseEncodedQuery(
    query.get("sysparm_query") ?? "",
    (name) => known.has(name),
    context.directory.userId(user),
  );
  const visibleUntilMs = context.clock.now() - context.behaviour.searchLagMs;
  const store = storeOf(table, context);
  const rows = store === undefined ? rowsOf(table, query, context) : candidates(store, parsed, visibleUntilMs);
  const found = selectRecords(rows, parsed, context.behaviour.invalidQueryReturnsNoRows);
  const limit = numberIn(query.get("sysparm_limit"), 10_000);
  const offset = numberIn(query.get("sysparm_offset"), 0);
  const view = recordView(query, call.origin);
  const result = found.slice(offset, offset + limit).map((record) => rendered(record, view, context));
  if (result.length === 0 && version === "v1") return noRecord();
  return jsonReply(200, { result }, pagingHeaders(call, found.length, offset, limit));
}

function read(call: Call, table: string, sysId: string, context: TableContext): Reply {
  const store = storeOf(table, context);
  const record =
    store === undefined
      ? [...rowsOf(table, call.query, context)].find((row) => row["sys_id"] === sysId)
      : store.get(sysId)?.fields;
  if (record === undefined) return noRecord();
  return jsonReply(200, { result: rendered(record, recordView(call.query, call.origin), context) });
}

function write(
  call: Call,
  table: string,
  store: TicketStore,
  sysId: string | undefined,
  user: string,
  context: TableContext,
): Reply {
  if (!(call.headers["content-type"] ?? "").includes("application/json"))
    return failure(400, "Bad Request", "The header Content-Type: application/json is required");
  const body = objectIn(call.body);
  if (body === undefined) return failure(400, "Exception while reading request", "The payload is not valid JSON.");
  if (sysId !== undefined && store.get(sysId) === undefined) return noRecord();
  const written = store.write(sysId, textOf(body), { userName: user, isAdmin: false });
  if (isRefusal(written)) return failure(written.status, "Operation Failed", written.detail);
  const headers = sysId === undefined ? { location: `${call.origin}/api/now/table/${table}/${written.sysId}` } : {};
  const status = sysId === undefined ? 201 : 200;
  if (call.headers["x-no-response-body"] === "true") return emptyReply(status === 200 ? 204 : status, headers);
  return jsonReply(status, { result: rendered(written.fields, recordView(call.query, call.origin), context) }, headers);
}

function storeOf(table: string, { stores }: TableContext): TicketStore | undefined {
  return table === "incident" || table === "sn_si_incident" ? stores[table] : undefined;
}

function rendered(record: Fields, view: RecordView, context: TableContext): Record<string, unknown> {
  const { correlation_id: _hidden, ...rest } = record;
  return renderRecord(context.behaviour.keyReadable ? record : rest, view, context);
}

function rowsOf(table: string, query: URLSearchParams, { stores, directory, choices }: TableContext): Iterable<Fields> {
  switch (table) {
    case "sys_journal_field":
      return journalRows(query.get("sysparm_query") ?? "", Object.values(stores));
    case "sys_choice":
      return choices.rows().map((choice) => ({
        ...choice,
        sys_id: `${choice.name}.${choice.element}.${choice.value}`,
        language: "en",
      }));
    default:
      return directory.rows(table);
  }
}

function* journalRows(query: string, stores: readonly TicketStore[]): IterableIterator<Fields> {
  const [, sysId] = /(?:^|\^)element_id=([0-9a-f]{32})(?:\^|$)/.exec(query) ?? [];
  const isOfOne = sysId !== undefined && !query.includes("^NQ") && !query.includes("^OR");
  for (const store of stores) {
    const ids = isOfOne ? [sysId] : [...store.all()].map((ticket) => ticket.sysId);
    for (const id of ids) for (const entry of store.journal(id)) yield { ...entry };
  }
}

function isForbidden(table: string, behaviour: ServiceNowBehaviour): boolean {
  return (
    (table === "sys_journal_field" && !behaviour.journalReadable) ||
    (table === "sys_choice" && !behaviour.choicesReadable) ||
    (table === "sys_user_group" && !behaviour.groupsReadable)
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
