import { type Call, emptyReply, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import { fieldErrors, labelProblem, richTextProblem, typeId } from "./issue-fields.ts";
import type { Issue } from "./issue-store.ts";
import type { JiraContext } from "./jira-context.ts";
import { badFields, failure } from "./jira-reply.ts";
import { type JiraProject, transitionsFrom, typesOf } from "./jira-project.ts";

export function createIssue(call: Call, context: JiraContext): Reply {
  const body = objectIn(call.body);
  if (body === undefined || !isObject(body["fields"])) return failure(400, ["The request body is not valid JSON."]);
  const { fields } = body;
  const { project } = context;
  const absent = ["project", "issuetype", "summary", ...Object.keys(project.requiredFields)].filter(
    (name) => fields[name] === undefined,
  );
  const errors = {
    ...fieldErrors(fields, project, context.flavor),
    ...Object.fromEntries(absent.map((name) => [name, `${project.requiredFields[name] ?? name} is required.`])),
  };
  const { labels = [], project: _project, issuetype, parent, ...own } = fields;
  const type = typeNamed(issuetype, project);
  const { id, key } = (parent ?? {}) as { id?: string; key?: string };
  const above = context.issues.get(id ?? key ?? "");
  const problem = parentProblem(project.subtaskTypes.includes(type), parent !== undefined, above);
  if (Object.keys(errors).length > 0 || problem !== undefined)
    return badFields({ ...errors, ...(problem === undefined ? {} : { parent: problem }) });
  const issue = context.issues.create(type, own, distinct(labels as readonly string[]), above?.id);
  for (const property of Array.isArray(body["properties"]) ? (body["properties"] as readonly unknown[]) : []) {
    if (isObject(property)) issue.properties.set(String(property["key"]), property["value"]);
  }
  const self = `${call.origin}${context.api}/issue/${issue.id}`;
  return jsonReply(201, { id: issue.id, key: issue.key, self });
}

function typeNamed(issuetype: unknown, project: JiraProject): string {
  const { name, id } = (issuetype ?? {}) as { name?: string; id?: string };
  const types = typesOf(project);
  return name ?? types.find((_type, index) => typeId(index) === id) ?? types[0] ?? "";
}

function parentProblem(isSubtask: boolean, hasParent: boolean, above: Issue | undefined): string | undefined {
  if (isSubtask && !hasParent) return "Issue type is a sub-task but parent issue key or id not specified.";
  if (!isSubtask && hasParent) return "Field 'parent' cannot be set. It is not on the appropriate screen, or unknown.";
  if (hasParent && (above === undefined || above.parent !== undefined)) return "Could not find valid parent issue.";
  return undefined;
}

export function editIssue(call: Call, issue: Issue, context: JiraContext): Reply {
  if (context.behaviour.conflictOnWrite)
    return failure(409, ["The issue could not be updated due to a conflicting update."]);
  const body = objectIn(call.body);
  if (body === undefined) return failure(400, ["The request body is not valid JSON."]);
  const fields = isObject(body["fields"]) ? body["fields"] : {};
  const update = isObject(body["update"]) ? body["update"] : {};
  const both = Object.keys(fields).filter((name) => Object.hasOwn(update, name));
  if (both.length > 0)
    return badFields({ [both[0] ?? ""]: `Field '${both[0]}' cannot appear in both 'fields' and 'update'` });
  const operations = Array.isArray(update["labels"]) ? (update["labels"] as readonly unknown[]).filter(isObject) : [];
  const added = operations.flatMap(({ add }) => (add === undefined ? [] : [add]));
  const removed = new Set(operations.flatMap(({ remove }) => (remove === undefined ? [] : [remove])));
  const problem = labelProblem(added);
  const unknown = Object.keys(update).filter((name) => name !== "labels");
  const errors = {
    ...fieldErrors(fields, context.project, context.flavor),
    ...(problem === undefined ? {} : { labels: problem }),
    ...Object.fromEntries(unknown.map((name) => [name, `Field '${name}' cannot be set.`])),
  };
  if (Object.keys(errors).length > 0) return badFields(errors);
  const { labels, ...own } = fields;
  issue.fields = { ...issue.fields, ...own };
  const before = Array.isArray(labels) ? (labels as readonly string[]) : issue.labels;
  issue.labels = distinct([...before.filter((label) => !removed.has(label)), ...added.map(String)]);
  issue.updatedAtMs = context.clock.now();
  return emptyReply(204);
}

export function transitIssue(call: Call, issue: Issue, context: JiraContext): Reply {
  if (context.behaviour.conflictOnWrite)
    return failure(409, ["The issue could not be updated due to a conflicting update."]);
  const body = objectIn(call.body) ?? {};
  const { id } = (body["transition"] ?? {}) as { id?: unknown };
  const transition = transitionsFrom(context.project, issue.status.name).find((offered) => offered.id === id);
  if (transition === undefined || !context.may("TRANSITION_ISSUES")) {
    return failure(400, [
      `It seems that you have tried to perform an illegal workflow operation (transition ${String(id)}). If you think this message is wrong, please contact your Jira administrators.`,
    ]);
  }
  const fields = isObject(body["fields"]) ? body["fields"] : {};
  const screen = transition.screen ?? {};
  const errors: Record<string, string> = {};
  for (const name of Object.keys(fields)) {
    if (screen[name] === undefined)
      errors[name] = `Field '${name}' cannot be set. It is not on the appropriate screen, or unknown.`;
  }
  for (const [name, { required }] of Object.entries(screen)) {
    if (required && fields[name] === undefined)
      errors[name] = `${context.project.requiredFields[name] ?? name} is required.`;
  }
  const { name: resolution } = (fields["resolution"] ?? {}) as { name?: string };
  if (resolution !== undefined && !context.project.resolutions.includes(resolution))
    errors["resolution"] = `Resolution '${resolution}' is not valid`;
  if (Object.keys(errors).length > 0) return badFields(errors);
  context.issues.move(issue, transition.to);
  if (resolution !== undefined) issue.resolution = resolution;
  const { resolution: _resolution, ...rest } = fields;
  issue.fields = { ...issue.fields, ...rest };
  return emptyReply(204);
}

export function commentIssue(call: Call, issue: Issue, user: string, context: JiraContext): Reply {
  const body = objectIn(call.body) ?? {};
  const problem = richTextProblem(body["body"] ?? "", context.flavor);
  if (problem !== undefined) return badFields({ comment: problem });
  if (body["body"] === undefined || body["body"] === "")
    return badFields({ comment: "Comment body can not be empty!" });
  if (issue.comments.length >= context.behaviour.commentsPerIssue)
    return failure(413, ["The issue has reached the limit of comments."]);
  const comment = context.issues.addComment(issue, {
    body: body["body"],
    by: user,
    jsdPublic: !isInternal(body["properties"], context),
  });
  // Only Cloud tells who sees it.
  return jsonReply(201, {
    id: comment.id,
    body: comment.body,
    ...(context.flavor === "cloud" ? { jsdPublic: comment.jsdPublic } : {}),
  });
}

/** Outside of service projects the property means nothing. */
function isInternal(properties: unknown, { project, behaviour }: JiraContext): boolean {
  if (project.kind !== "service_desk" || behaviour.ignoresInternalMark || !Array.isArray(properties)) return false;
  return properties.some(
    (property) =>
      isObject(property) &&
      property["key"] === "sd.public.comment" &&
      isObject(property["value"]) &&
      property["value"]["internal"] === true,
  );
}

function distinct(labels: readonly string[]): readonly string[] {
  return [...new Set(labels)].toSorted();
}
