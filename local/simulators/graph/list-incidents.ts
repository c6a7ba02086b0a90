import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { type GraphContext, type GraphVersion, preferenceHeaders, viewOf } from "./graph-context.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { nextQuery, type PageRequest, readPageRequest } from "./paging.ts";
import { renderAlert } from "./render-alert.ts";
import { renderIncident, type View } from "./render-incident.ts";
import { type IncidentOrder, parseIncidentFilter, selectIncidents } from "./select-incidents.ts";

const LIMITS = { defaultTop: 50, maximumTop: 50, maximumSkip: 500 } as const;

/** `GET /security/incidents`. */
export function listIncidents(call: Call, version: GraphVersion, context: GraphContext): Reply {
  const { behaviour, replies } = context;
  const { query } = call;
  if (query.has("$search")) return replies.badRequest("The query option '$search' is not supported.");
  const expand = query.get("$expand");
  if (expand !== null && expand !== "alerts") return replies.badRequest(`Could not find a property named '${expand}'.`);
  const page = readPageRequest(query, LIMITS);
  if (typeof page === "string") return replies.badRequest(page);
  const filter = query.get("$filter");
  const conditions = filter === null ? [] : parseIncidentFilter(filter, behaviour);
  if (typeof conditions === "string") return replies.badRequest(conditions);

  const selection = selectIncidents(context.incidents.index.rows(), conditions, orderOf(call, context), page);
  const size = sizeOf(page, context);
  const rows = selection.rows.slice(0, size);
  const isBroken = ({ id }: IncidentRecord): boolean =>
    context.unlistable.has(id) || (expand === "alerts" && context.poisoned.has(id));
  if (rows.some(isBroken)) return replies.broken();
  const view = viewOf(call, version, context);
  const next = selection.rows.length > size ? nextLink(call, page, size, context) : undefined;
  context.onPage({ skip: page.skip, rows: rows.length });
  const body = {
    "@odata.context": `https://graph.microsoft.com/${version}/$metadata#security/incidents`,
    ...(selection.count === undefined ? {} : { "@odata.count": selection.count }),
    ...(next === undefined ? {} : { "@odata.nextLink": next }),
    value: rows.map((row) => renderRow(row, expand !== null, view, context)),
  };
  return jsonReply(behaviour.answer === "partial" ? 206 : 200, body, headersOf(view));
}

export function renderRow(
  row: IncidentRecord,
  withAlerts: boolean,
  view: View,
  { incidents }: GraphContext,
): Record<string, unknown> {
  const shown = renderIncident(row, view);
  if (!withAlerts) return shown;
  return { ...shown, alerts: incidents.alerts.of(row.id).map((alert) => renderAlert(alert, view)) };
}

function headersOf(view: View): Record<string, string> {
  const warning = '199 - "Microsoft Defender for Office 365/206: one provider did not answer"';
  return { ...preferenceHeaders(view), ...(view.behaviour.answer === "partial" ? { warning } : {}) };
}

function orderOf(call: Call, { behaviour }: GraphContext): IncidentOrder {
  const asked = /^(lastUpdateDateTime|createdDateTime)(?: (asc|desc))?$/.exec(call.query.get("$orderby") ?? "");
  if (!behaviour.honourOrderby || asked === null) return behaviour.order;
  const isDescending = asked[2] === "desc";
  if (asked[1] === "createdDateTime") return isDescending ? "created-desc" : "created-asc";
  return isDescending ? "updated-desc" : "updated-asc";
}

/** How many rows this page shows, where pages come out odd. */
function sizeOf(page: PageRequest, { behaviour }: GraphContext): number {
  switch (behaviour.pageShape) {
    case "full":
      return page.top;
    case "short":
      return Math.max(1, Math.floor(page.top / 2));
    case "empty-first":
      return page.skip === 0 && !isSecondVisit(page) ? 0 : page.top;
  }
}

/** The link of an empty first page leads to row 0 again, with this mark. */
const SECOND_VISIT = 2;

function isSecondVisit(page: PageRequest): boolean {
  return page.shuffle === SECOND_VISIT;
}

function nextLink(call: Call, page: PageRequest, size: number, { behaviour }: GraphContext): string | undefined {
  const base = `${call.origin}${call.path}`;
  switch (behaviour.nextLinkFault) {
    case "missing":
      return undefined;
    case "loop":
      return `${base}?${nextQuery(call.query, page, page.skip, behaviour.nextLink)}`;
    case "foreign-host":
      return `http://graph.example.invalid${call.path}?${nextQuery(call.query, page, page.skip + size, behaviour.nextLink)}`;
    case "none":
      break;
  }
  if (size === 0) return `${base}?${nextQuery(call.query, { ...page, shuffle: SECOND_VISIT }, 0, "skiptoken")}`;
  return `${base}?${nextQuery(call.query, page, page.skip + size, behaviour.nextLink)}`;
}
