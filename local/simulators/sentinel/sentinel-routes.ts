import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { listSentinelIncidents } from "./list-sentinel.ts";
import { putSentinelIncident } from "./put-sentinel.ts";
import { answerChildren } from "./sentinel-children.ts";
import type { SentinelContext } from "./sentinel-context.ts";
import { azureError } from "./sentinel-reply.ts";

export interface SentinelPath {
  /** The path of the incidents of a workspace, as sent. */
  readonly base: string;
  readonly kind: "incidents" | "comments" | "tasks" | "relations";
  readonly isList: boolean;
  readonly incident: string | undefined;
  readonly child: string | undefined;
}

const PATH =
  /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+\/providers\/Microsoft\.SecurityInsights\/incidents)(?:\/([^/]+)(?:\/(comments|tasks|relations)(?:\/([^/]+))?)?)?$/i;

export function parseSentinelPath(path: string): SentinelPath | undefined {
  const [, base, incident, childKind, child] = PATH.exec(path) ?? [];
  if (base === undefined) return undefined;
  const kind = (childKind?.toLowerCase() ?? "incidents") as SentinelPath["kind"];
  return {
    base,
    kind,
    incident,
    child,
    isList: incident === undefined || (childKind !== undefined && child === undefined),
  };
}

/** Answers a call that has passed the gate. `base` is the one workspace there is. */
export function runSentinel(call: Call, path: SentinelPath | undefined, base: string, context: SentinelContext): Reply {
  if (path === undefined) return azureError(404, "InvalidResourceType", "The resource type could not be found.");
  if (decodeURIComponent(path.base).toLowerCase() !== base.toLowerCase())
    return azureError(404, "ResourceNotFound", "The workspace was not found.");
  const { incident } = path;
  if (incident === undefined) {
    return call.method === "GET" ? listSentinelIncidents(call, context) : notAllowed();
  }
  const parent = `${base}/${incident}`;
  switch (path.kind) {
    case "incidents":
      return answerIncident(call, incident, parent, context);
    case "comments":
    case "tasks":
      return answerChildren(call, { incident, parent, kind: path.kind, child: path.child }, context);
    case "relations":
      return call.method === "GET" ? jsonReply(200, { value: [] }) : notAllowed();
  }
}

function answerIncident(call: Call, name: string, path: string, context: SentinelContext): Reply {
  if (call.method === "PUT") return putSentinelIncident(call, name, path, context);
  if (call.method === "DELETE")
    return azureError(
      403,
      "AuthorizationFailed",
      "The client does not have authorization to perform action 'Microsoft.SecurityInsights/incidents/delete'.",
    );
  if (call.method !== "GET") return notAllowed();
  const incident = context.store.get(name);
  if (incident === undefined) return azureError(404, "NotFound", `Incident '${name}' was not found.`);
  return jsonReply(200, context.render(incident, call));
}

function notAllowed(): Reply {
  return azureError(405, "MethodNotAllowed", "The method is not allowed.");
}
