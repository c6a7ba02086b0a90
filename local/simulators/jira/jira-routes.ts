import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import type { Comment, Issue } from "./issue-store.ts";
import type { JiraContext } from "./jira-context.ts";
import { REQUEST_TYPE_FIELD, transitionsFrom, typesOf } from "./jira-project.ts";
import { badFields, failure, noIssue } from "./jira-reply.ts";
import { renderIssue, renderStatus, renderTransition, renderTypes, screenField } from "./render-issue.ts";
import { commentIssue, createIssue, editIssue, transitIssue } from "./write-issue.ts";

const PROPERTY_MAX = 32_768;
const LINK_TYPE = "Duplicate";

/** What a path below the API leads to for a user who is signed in; undefined where a client of ours has no business. */
export function answerJira(call: Call, path: string, user: string, context: JiraContext): Reply | undefined {
  const [kind = "", id = "", part = "", last = ""] = path.split("/").map(decodeURIComponent);
  const { method } = call;
  if (kind === "issue" && id === "createmeta") return method === "GET" ? createMeta(path, context) : undefined;
  if (kind === "issue" && id === "" && method === "POST")
    return context.may("CREATE_ISSUES")
      ? createIssue(call, context)
      : failure(403, ["You do not have permission to create issues in this project."]);
  if (kind === "issue") return ofIssue(call, id, part, last, user, context);
  if (kind === "issueLink" && method === "POST") return linkIssues(call, context);
  return method === "GET" ? settings(call, kind, id, part, context) : undefined;
}

function ofIssue(
  call: Call,
  id: string,
  part: string,
  last: string,
  user: string,
  context: JiraContext,
): Reply | undefined {
  const issue = context.may("BROWSE_PROJECTS") ? context.issues.get(id) : undefined;
  if (issue === undefined || !context.sees(issue)) return noIssue();
  const limited = call.method === "GET" ? undefined : writeLimit(issue, context);
  if (limited !== undefined) return limited;
  const { query } = call;
  switch (`${call.method} ${part}`) {
    case "GET ":
      return jsonReply(200, renderIssue(issue, query, context.project, context.issues.subtasksOf(issue)));
    case "PUT ":
      return context.may("EDIT_ISSUES") ? editIssue(call, issue, context) : forbidden("edit issues");
    case "GET transitions":
      return transitions(issue, query, context);
    case "POST transitions":
      return transitIssue(call, issue, context);
    case "GET comment":
      return comments(issue, query);
    case "POST comment":
      return context.may("ADD_COMMENTS")
        ? commentIssue(call, issue, user, context)
        : forbidden("comment on this issue");
    case "DELETE comment":
      issue.comments.splice(0, issue.comments.length, ...issue.comments.filter((comment) => comment.id !== last));
      return emptyReply(204);
    case "PUT properties":
      return putProperty(call, issue, last);
    case "GET remotelink": {
      const link = issue.remoteLinks.get(query.get("globalId") ?? "");
      return link === undefined ? failure(404, ["The remote link does not exist."]) : jsonReply(200, link);
    }
    case "POST remotelink":
      return putRemoteLink(call, issue);
    default:
      return undefined;
  }
}

/** The limit of writes of one issue, which Cloud has beside the others. */
function writeLimit(issue: Issue, { behaviour, clock }: JiraContext): Reply | undefined {
  const now = clock.now();
  const windowMs = behaviour.writeWindowS * 1_000;
  issue.writtenAtMs = [...issue.writtenAtMs.filter((at) => at > now - windowMs), now];
  if (behaviour.writesPerIssue === 0 || issue.writtenAtMs.length <= behaviour.writesPerIssue) return undefined;
  issue.writtenAtMs.pop();
  const seconds = Math.max(1, Math.ceil(((issue.writtenAtMs[0] ?? now) + windowMs - now) / 1_000));
  return failure(
    429,
    ["Rate limit exceeded."],
    {},
    {
      "retry-after": String(seconds),
      "ratelimit-reason": "jira-per-issue-on-write",
      "x-ratelimit-limit": String(behaviour.writesPerIssue),
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": new Date(now + seconds * 1_000).toISOString(),
    },
  );
}

function transitions(issue: Issue, query: URLSearchParams, context: JiraContext): Reply {
  const withFields = (query.get("expand") ?? "").includes("transitions.fields");
  const offered = context.may("TRANSITION_ISSUES") ? transitionsFrom(context.project, issue.status.name) : [];
  return jsonReply(200, { transitions: offered.map((one) => renderTransition(one, context.project, withFields)) });
}

function comments(issue: Issue, query: URLSearchParams): Reply {
  const startAt = Number(query.get("startAt") ?? "0");
  const page = issue.comments.slice(startAt, startAt + Number(query.get("maxResults") ?? "100"));
  return jsonReply(200, { startAt, total: issue.comments.length, comments: page.map(renderComment) });
}

function renderComment({ id, body, by, jsdPublic }: Comment): unknown {
  return { id, body, author: { displayName: by }, jsdPublic };
}

function putProperty(call: Call, issue: Issue, name: string): Reply {
  if (call.body === "" || call.body.length > PROPERTY_MAX)
    return failure(400, ["The property value is too long or empty."]);
  const isNew = !issue.properties.has(name);
  issue.properties.set(name, objectIn(call.body));
  return jsonReply(isNew ? 201 : 200, {});
}

/** An upsert by `globalId`: what is left out is emptied. */
function putRemoteLink(call: Call, issue: Issue): Reply {
  const body = objectIn(call.body) ?? {};
  const { url, title } = (body["object"] ?? {}) as { url?: unknown; title?: unknown };
  if (typeof url !== "string" || typeof title !== "string")
    return badFields({ object: "'url' and 'title' are required." });
  const { globalId } = body;
  if (typeof globalId !== "string") return badFields({ globalId: "'globalId' is required here." });
  if (globalId.length > 255) return badFields({ globalId: "The globalId is longer than 255 characters." });
  const isNew = !issue.remoteLinks.has(globalId);
  issue.remoteLinks.set(globalId, { ...body, id: 10_000 + issue.remoteLinks.size });
  return jsonReply(isNew ? 201 : 200, { id: 10_000, self: `${call.origin}${call.path}/10000` });
}

function linkIssues(call: Call, context: JiraContext): Reply {
  const body = objectIn(call.body) ?? {};
  const { type, inwardIssue, outwardIssue } = body as Record<string, { name?: string; key?: string } | undefined>;
  if (!context.may("LINK_ISSUES")) return forbidden("link issues");
  if (type?.name !== LINK_TYPE) return failure(404, [`No issue link type with name '${type?.name ?? ""}' found.`]);
  const from = context.issues.get(inwardIssue?.key ?? "");
  const to = context.issues.get(outwardIssue?.key ?? "");
  if (from === undefined || to === undefined) return noIssue();
  from.links.push({ type: type.name, outward: to.key });
  return emptyReply(201);
}

function createMeta(path: string, { project, flavor }: JiraContext): Reply | undefined {
  const [, , key, types, typeId] = path.split("/");
  if (types !== "issuetypes") return undefined;
  if (key !== project.key) return failure(404, [`No project could be found with key '${key ?? ""}'.`]);
  const list = flavor === "cloud" ? "issueTypes" : "values";
  if (typeId === undefined) return jsonReply(200, { [list]: renderTypes(project), total: typesOf(project).length });
  const required = ["project", "issuetype", "summary", ...Object.keys(project.requiredFields)];
  const optional = ["description", "labels", ...(project.priorities.length === 0 ? [] : ["priority"])];
  const fields = [
    ...required.map((name) => ({ fieldId: name, ...screenField(name, true, project) })),
    ...optional.map((name) => ({ fieldId: name, ...screenField(name, false, project) })),
  ];
  return jsonReply(200, { [flavor === "cloud" ? "fields" : "values"]: fields, total: fields.length });
}

function settings(call: Call, kind: string, id: string, part: string, context: JiraContext): Reply | undefined {
  const { project } = context;
  if (kind === "mypermissions") {
    const asked = (call.query.get("permissions") ?? "").split(",").filter((name) => name !== "");
    if (asked.length === 0) return failure(400, ["The permissions query parameter is required."]);
    const permissions = asked.map((name) => [name, { key: name, havePermission: context.may(name) }] as const);
    return jsonReply(200, { permissions: Object.fromEntries(permissions) });
  }
  if (kind === "resolution") {
    const values = project.resolutions.map((name, index) => ({ id: String(10_000 + index), name }));
    return jsonReply(200, id === "search" ? { values, isLast: true } : values);
  }
  if (kind === "issueLinkType")
    return jsonReply(200, {
      issueLinkTypes: [{ id: "10000", name: LINK_TYPE, inward: "is duplicated by", outward: "duplicates" }],
    });
  if (kind === "field") return jsonReply(200, fields(context));
  if (kind !== "project") return undefined;
  if (id !== project.key || !context.may("BROWSE_PROJECTS"))
    return failure(404, [`No project could be found with key '${id}'.`]);
  if (part === "") return jsonReply(200, { id: "10000", key: project.key, projectTypeKey: project.kind });
  if (part !== "statuses") return undefined;
  return jsonReply(
    200,
    renderTypes(project).map((type) => ({ ...type, statuses: project.statuses.map(renderStatus) })),
  );
}

/** The field Request Type is there where there is a service project. */
function fields({ project }: JiraContext): readonly unknown[] {
  const schema = { type: "sd-customerrequesttype", custom: "com.atlassian.servicedesk:vp-origin", customId: 10_010 };
  return [
    { id: "summary", name: "Summary", schema: { type: "string", system: "summary" } },
    ...(project.kind === "service_desk" ? [{ id: REQUEST_TYPE_FIELD, name: "Request Type", schema }] : []),
  ];
}

function forbidden(what: string): Reply {
  return failure(403, [`You do not have permission to ${what}.`]);
}
