import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { typeId } from "./issue-fields.ts";
import type { Issue } from "./issue-store.ts";
import type { JiraContext } from "./jira-context.ts";
import { typesOf } from "./jira-project.ts";
import { failure } from "./jira-reply.ts";
import { renderIssue } from "./render-issue.ts";

/** Everywhere, with a condition that only makes Jira check that the project is there. */
const JQL = /^labels = "([^"]+)" AND \(project = "([^"]+)" OR project != "\2"\) ORDER BY created ASC$/;
const SAMPLE = /^project = "([^"]+)" AND issuetype = (\d+) AND status = (\d+) ORDER BY created DESC$/;
const KNOWN = [
  "jql",
  "fields",
  "properties",
  "maxResults",
  "nextPageToken",
  "expand",
  "fieldsByKeys",
  "reconcileIssues",
];

/** `GET search/jql` of Cloud, `GET search` of Data Center; of JQL only what finds an issue by its label, or one of a type in a status. */
export function searchIssues(call: Call, context: JiraContext, isStranger: boolean): Reply {
  const { query } = call;
  const isCloud = context.flavor === "cloud";
  const unknown = isCloud ? [...query.keys()].filter((name) => !KNOWN.includes(name)) : [];
  if (unknown.length > 0) return failure(400, [`Invalid request payload: unknown parameter ${unknown.join(", ")}`]);
  const jql = query.get("jql") ?? "";
  const [, label, project = SAMPLE.exec(jql)?.[1]] = JQL.exec(jql) ?? [];
  if (project === undefined) {
    context.unexpected(`JQL ${jql}`);
    return failure(400, ["Error in the JQL Query."]);
  }
  const isKnown = project === context.project.key && context.may("BROWSE_PROJECTS");
  if (!isKnown) return failure(400, [`The value '${project}' does not exist for the field 'project'.`]);
  const until = context.clock.now() - context.behaviour.searchLagMs;
  const found = (label === undefined ? sampled(jql, context) : context.issues.labelled(label))
    .filter((issue) => !isStranger && context.sees(issue) && issue.createdAtMs <= until)
    .slice(0, Number(query.get("maxResults") ?? "50"));
  const issues = found.map((issue) => {
    const rendered = renderIssue(issue, query, context.project, context.issues.subtasksOf(issue));
    // Cloud answers ids alone where no fields are asked for.
    return isCloud && query.get("fields") === null ? { id: rendered["id"] } : rendered;
  });
  return jsonReply(
    200,
    isCloud ? { issues, isLast: true } : { issues, startAt: 0, maxResults: 50, total: issues.length },
  );
}

function sampled(jql: string, { issues, project }: JiraContext): readonly Issue[] {
  const [, key = "", type = "", status = ""] = SAMPLE.exec(jql) ?? [];
  const issueType = typesOf(project).find((_name, index) => typeId(index) === type);
  return issues
    .all()
    .filter((issue) => issue.key.startsWith(`${key}-`) && issue.issueType === issueType && issue.status.id === status)
    .toReversed();
}
