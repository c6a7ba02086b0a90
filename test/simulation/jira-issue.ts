import { plainText, richTextProblem } from "./jira-text.ts";
import { type JiraWorkflowKind, RESOLUTIONS, WORKFLOWS, transitionsFrom } from "./jira-workflow.ts";
import type { TicketRecord } from "./ticket-record.ts";

export type Body = Readonly<Record<string, unknown>>;

export const PROPERTY = "dex-sync";
const PRIORITIES = ["Highest", "High", "Medium", "Low", "Lowest"];
const SETTABLE = ["project", "issuetype", "summary", "description", "priority", "labels"];

/** The fields that were asked for, and the property. */
export function rendered(
  record: TicketRecord,
  description: unknown,
  query: URLSearchParams,
  workflow: JiraWorkflowKind,
): unknown {
  const { summary, priority, status = "", correlation_id: key } = record.values;
  const fields: Body = {
    summary,
    description: description ?? null,
    labels: labelsOf(record),
    priority: { name: priority },
    status: statusOf(status, workflow),
    issuelinks: linksOf(record).map((number) => ({ type: { name: "Duplicate" }, outwardIssue: { key: number } })),
  };
  const wanted = query.get("fields")?.split(",") ?? [];
  const isAsked = query.get("properties")?.split(",").includes(PROPERTY) === true;
  return {
    id: record.id,
    key: record.number,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => wanted.includes(name))),
    ...(isAsked ? { properties: key === undefined ? {} : { [PROPERTY]: { key } } } : {}),
  };
}

function statusOf(status: string, workflow: JiraWorkflowKind): unknown {
  const found = WORKFLOWS[workflow].statuses.find(({ name }) => name === status);
  return { id: found?.id, name: status, statusCategory: { key: found?.category } };
}

/** Only those out of the status it is in, with what their screens have. */
export function transitionsOf(record: TicketRecord, workflow: JiraWorkflowKind): readonly unknown[] {
  return transitionsFrom(workflow, record.values["status"]).map(({ id, to, resolution }) => ({
    id,
    name: `to ${to}`,
    to: statusOf(to, workflow),
    isAvailable: true,
    fields:
      resolution === undefined
        ? {}
        : {
            resolution: {
              name: "Resolution",
              required: resolution === "required",
              hasDefaultValue: false,
              allowedValues: RESOLUTIONS.map((name) => ({ name })),
            },
          },
  }));
}

/** Why Jira does not take these fields. */
export function problemOf(fields: Body, flavor: "cloud" | "dataCenter"): string | undefined {
  const unknown = Object.keys(fields).find((name) => !SETTABLE.includes(name));
  if (unknown !== undefined) return `Field '${unknown}' cannot be set.`;
  const { summary, description, priority, labels = [] } = fields;
  if (summary !== undefined && (typeof summary !== "string" || !/^.{1,255}$/.test(summary))) return "invalid summary";
  if (priority !== undefined && !PRIORITIES.includes((priority as { name: string }).name)) return "invalid priority";
  if ((labels as readonly string[]).some((label) => !/^\S{1,255}$/.test(label))) return "invalid label";
  return description === undefined ? undefined : richTextProblem(description, flavor);
}

export function labelsOf(record: TicketRecord): readonly string[] {
  return listIn(record.values["labels"]);
}

export function linksOf(record: TicketRecord): readonly string[] {
  return listIn(record.values["links"]);
}

function listIn(joined = ""): readonly string[] {
  return joined.split("|").filter((item) => item !== "");
}

export function valuesOf(fields: Body): Readonly<Record<string, string>> {
  const { summary, description, priority, labels } = fields;
  return {
    ...(summary === undefined ? {} : { summary: summary as string }),
    ...(description === undefined ? {} : { description: plainText(description) }),
    ...(priority === undefined ? {} : { priority: (priority as { name: string }).name }),
    ...(labels === undefined ? {} : { labels: (labels as readonly string[]).join("|") }),
  };
}
