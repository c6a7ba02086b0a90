import { type Call, emptyReply, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { SentinelContext } from "./sentinel-context.ts";
import { azureError, renderChild } from "./sentinel-reply.ts";
import type { ChildKind } from "./sentinel-store.ts";

const MOST_CHILDREN = 100;
const LONGEST_COMMENT = 30_000;

export interface ChildPath {
  /** The incident's name, and the path of its resource. */
  readonly incident: string;
  readonly parent: string;
  readonly kind: ChildKind;
  readonly child: string | undefined;
}

/** `…/incidents/{name}/comments|tasks[/{id}]`. The id is the caller's: the same again is the same comment. */
export function answerChildren(call: Call, path: ChildPath, context: SentinelContext): Reply {
  const { store } = context;
  if (store.get(path.incident) === undefined)
    return azureError(404, "NotFound", `Incident '${path.incident}' was not found.`);
  const children = store.children(path.incident, path.kind);
  if (path.child === undefined) {
    if (call.method !== "GET") return azureError(405, "MethodNotAllowed", "The method is not allowed.");
    return jsonReply(200, { value: [...children.values()].map((child) => renderChild(child, path.kind, path.parent)) });
  }
  switch (call.method) {
    case "GET": {
      const child = children.get(path.child);
      if (child === undefined) return azureError(404, "NotFound", `'${path.child}' was not found.`);
      return jsonReply(200, renderChild(child, path.kind, path.parent));
    }
    case "PUT":
      return putChild(call, path, path.child, context);
    case "DELETE":
      return emptyReply(store.deleteChild(path.incident, path.kind, path.child) ? 200 : 204);
    default:
      return azureError(405, "MethodNotAllowed", "The method is not allowed.");
  }
}

function putChild(call: Call, path: ChildPath, name: string, context: SentinelContext): Reply {
  const { store, gate } = context;
  const throttled = path.kind === "comments" ? gate.spend("comments") : undefined;
  if (throttled !== undefined) return throttled;
  const body = objectIn(call.body);
  const sent = body?.["properties"];
  if (body === undefined || !isObject(sent))
    return azureError(400, "BadRequest", "The request content was invalid: 'properties' is required.");
  const properties = path.kind === "comments" ? readComment(sent) : readTask(sent);
  if (typeof properties === "string") return azureError(400, "BadRequest", properties);
  const children = store.children(path.incident, path.kind);
  const before = children.get(name);
  const { etag } = body;
  if (before !== undefined && etag !== undefined && etag !== before.etag)
    return azureError(
      409,
      "Conflict",
      `New version of resource '${path.parent}/${path.kind}/${name}' exists. Data was not saved`,
    );
  if (before === undefined && children.size >= MOST_CHILDREN)
    return azureError(400, "BadRequest", `An incident cannot have more than ${MOST_CHILDREN} ${path.kind}.`);
  const child = store.putChild(path.incident, path.kind, name, properties);
  return jsonReply(before === undefined ? 201 : 200, renderChild(child, path.kind, path.parent));
}

function readComment({ message }: Record<string, unknown>): Readonly<Record<string, string>> | string {
  if (typeof message !== "string" || message === "") return "Required property 'message' is missing.";
  if (message.length > LONGEST_COMMENT) return `The comment is longer than ${LONGEST_COMMENT} characters.`;
  return { message };
}

function readTask({ title, description, status }: Record<string, unknown>): Readonly<Record<string, string>> | string {
  if (typeof title !== "string" || title === "") return "Required property 'title' is missing.";
  if (status !== "New" && status !== "Completed") return "The value of 'status' must be New or Completed.";
  return { title, description: typeof description === "string" ? description : "", status };
}
