import { type Call, jsonReply, type Reply } from "../http/message.ts";
import type { AlertRecord } from "./alert-record.ts";
import { ALERT_STATUSES, CLASSIFICATIONS, DETERMINATIONS, SERVICE_SOURCES, SEVERITIES } from "./enums.ts";
import { type GraphContext, type GraphVersion, preferenceHeaders, viewOf } from "./graph-context.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { type FilterField, meets, parseFilter } from "./odata-filter.ts";
import { nextQuery, readPageRequest } from "./paging.ts";
import { renderAlert } from "./render-alert.ts";

const LIMITS = { defaultTop: 100, maximumTop: 2000, maximumSkip: 500 } as const;

/** Neither detectionSource nor incidentId can be filtered on. */
const FIELDS: Readonly<Record<string, FilterField>> = {
  lastUpdateDateTime: { kind: "time" },
  createdDateTime: { kind: "time" },
  status: { kind: "member", members: ALERT_STATUSES },
  severity: { kind: "member", members: SEVERITIES },
  assignedTo: { kind: "text" },
  classification: { kind: "member", members: CLASSIFICATIONS },
  determination: { kind: "member", members: DETERMINATIONS },
  serviceSource: { kind: "member", members: SERVICE_SOURCES },
};

/** `GET /security/alerts_v2`. */
export function listAlerts(call: Call, version: GraphVersion, context: GraphContext): Reply {
  const { replies, behaviour, incidents } = context;
  if (behaviour.alertsList === "forbidden")
    return replies.forbidden("Missing application scopes. API required roles: SecurityAlert.Read.All.");
  const page = readPageRequest(call.query, LIMITS);
  if (typeof page === "string") return replies.badRequest(page);
  const filter = call.query.get("$filter");
  const conditions = filter === null ? [] : parseFilter(filter, FIELDS);
  if (typeof conditions === "string") return replies.badRequest(conditions);
  const rows = incidents.alerts.rows();
  const since = conditions.find(
    ({ field, operator }) => field === "lastUpdateDateTime" && (operator === "ge" || operator === "gt"),
  );
  const hits: AlertRecord[] = [];
  for (const row of rows.walkDown(rows.size())) {
    if (since !== undefined && !meets(since, row.updatedTicks)) break;
    if (conditions.every((condition) => meets(condition, valueOf(row, condition.field)))) hits.push(row);
    if (!page.count && hits.length > page.skip + page.top) break;
  }
  const view = viewOf(call, version, context);
  const more = hits.length > page.skip + page.top;
  const next = `${call.origin}${call.path}?${nextQuery(call.query, page, page.skip + page.top, behaviour.nextLink)}`;
  const body = {
    "@odata.context": `https://graph.microsoft.com/${version}/$metadata#security/alerts_v2`,
    ...(page.count ? { "@odata.count": hits.length } : {}),
    ...(more ? { "@odata.nextLink": next } : {}),
    value: hits.slice(page.skip, page.skip + page.top).map((alert) => renderAlert(alert, view)),
  };
  return jsonReply(200, body, preferenceHeaders(view));
}

/** `GET /security/alerts_v2/{id}`. */
export function getAlert(call: Call, version: GraphVersion, id: string, context: GraphContext): Reply {
  const alert = context.incidents.alerts.get(id);
  if (alert === undefined) return context.replies.notFound(`Alert '${id}'`);
  const view = viewOf(call, version, context);
  return jsonReply(200, renderAlert(alert, view), preferenceHeaders(view));
}

/** `GET /security/incidents/{id}/alerts`. */
export function alertsOfIncident(
  call: Call,
  version: GraphVersion,
  incident: IncidentRecord,
  context: GraphContext,
): Reply {
  if (context.alertless.has(incident.id)) return context.replies.broken();
  const view = viewOf(call, version, context);
  const value = context.incidents.alerts.of(incident.id).map((alert) => renderAlert(alert, view));
  const path = `security/incidents('${incident.id}')/alerts`;
  return jsonReply(
    200,
    { "@odata.context": `https://graph.microsoft.com/${version}/$metadata#${path}`, value },
    preferenceHeaders(view),
  );
}

function valueOf(row: AlertRecord, field: string): string | bigint | null {
  switch (field) {
    case "lastUpdateDateTime":
      return row.updatedTicks;
    case "createdDateTime":
      return row.createdTicks;
    case "status":
      return row.status;
    case "severity":
      return row.severity;
    case "assignedTo":
      return row.assignedTo;
    case "classification":
      return row.classification;
    case "determination":
      return row.determination;
    default:
      return row.serviceSource;
  }
}
