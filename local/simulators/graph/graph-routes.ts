import { type Call, jsonReply, type Reply, type Route } from "../http/message.ts";
import { alertsOfIncident, getAlert, listAlerts } from "./alert-routes.ts";
import { changeIncident, commentOnIncident, entityContext } from "./change-incident.ts";
import type { Gate } from "./gate.ts";
import { type GraphContext, type GraphVersion, preferenceHeaders, viewOf } from "./graph-context.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { listIncidents, renderRow } from "./list-incidents.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { answerTasks } from "./task-routes.ts";

/** What each path of the simulated Graph leads to. */
export function routeGraph(call: Call, context: GraphContext, gate: Gate, subscriptions: Subscriptions): Route {
  const [, version, area, collection, id, action, ...rest] = call.path.split("/");
  const kind = kindOf(call, area, collection, id, action);
  return { kind, run: () => gate.check(call) ?? answer() };

  async function answer(): Promise<Reply> {
    if ((version !== "v1.0" && version !== "beta") || rest.length > 0) return unknownPath(call, context);
    const found = await resolve(version);
    return found ?? unknownPath(call, context);
  }

  function resolve(version: GraphVersion): Reply | undefined | Promise<Reply | undefined> {
    if (area === "subscriptions")
      return action === undefined ? subscriptions.answer(call, collection, id, context) : undefined;
    if (area !== "security") return undefined;
    switch (collection ?? "") {
      case "incidents":
        return answerIncidents(call, version, id, action, context);
      case "alerts_v2":
        if (call.method !== "GET" || action !== undefined) return undefined;
        return id === undefined
          ? listAlerts(call, version, context)
          : getAlert(call, version, decodeURIComponent(id), context);
      case "incidentTasks":
        return version === "beta" ? answerTasks(call, id, action, context) : undefined;
      default:
        return undefined;
    }
  }
}

function answerIncidents(
  call: Call,
  version: GraphVersion,
  id: string | undefined,
  action: string | undefined,
  context: GraphContext,
): Reply | undefined {
  if (id === undefined) return call.method === "GET" ? listIncidents(call, version, context) : undefined;
  const incident = context.incidents.get(decodeURIComponent(id));
  if (incident === undefined) return context.replies.notFound(`Incident '${id}'`);
  switch (`${call.method} ${action ?? ""}`) {
    case "GET ":
      return getIncident(call, version, incident, context);
    case "PATCH ":
      return changeIncident(call, version, incident, context);
    case "GET alerts":
      return alertsOfIncident(call, version, incident, context);
    case "POST comments":
      return commentOnIncident(call, version, incident, context);
    default:
      return undefined;
  }
}

function getIncident(call: Call, version: GraphVersion, incident: IncidentRecord, context: GraphContext): Reply {
  const expand = call.query.get("$expand");
  if (expand !== null && expand !== "alerts")
    return context.replies.badRequest(`Could not find a property named '${expand}'.`);
  if (version === "beta" && context.behaviour.betaIncidents === "forbidden")
    return context.replies.forbidden("Application is not authorized to perform this operation.");
  if (expand === "alerts" && context.poisoned.has(incident.id)) return context.replies.broken();
  const view = viewOf(call, version, context);
  const shown = renderRow(incident, expand !== null, view, context);
  return jsonReply(200, { "@odata.context": entityContext(version), ...shown }, preferenceHeaders(view));
}

function unknownPath(call: Call, { replies }: GraphContext): Reply {
  const segment = call.path.split("/").slice(2).join("/");
  return replies.badRequest(`Resource not found for the segment '${segment}' (${call.method}).`);
}

/** Names a request in the counters. */
function kindOf(
  call: Call,
  area: string | undefined,
  collection: string | undefined,
  id: string | undefined,
  action: string | undefined,
): string {
  if (area === "subscriptions") return `${call.method} subscription${id === "reauthorize" ? "/reauthorize" : ""}`;
  if (collection === "incidents" && id === undefined) {
    const isNext = call.query.has("$skip") || call.query.has("$skiptoken");
    return isNext ? "next page of incidents" : "list incidents";
  }
  const target = action === undefined ? collection : `${collection}/${action}`;
  const names: Readonly<Record<string, string>> = {
    "GET incidents": "get incident",
    "PATCH incidents": "change incident",
    "GET incidents/alerts": "alerts of incident",
    "POST incidents/comments": "comment on incident",
    "GET alerts_v2": id === undefined ? "list alerts" : "get alert",
    "GET incidentTasks": id === undefined ? "list tasks" : "get task",
    "PATCH incidentTasks": "change task",
    "POST incidentTasks/executeResponseAction": "execute task",
  };
  return names[`${call.method} ${target}`] ?? "other";
}
