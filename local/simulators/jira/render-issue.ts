import type { JiraProject, JiraStatus, JiraTransition } from "./jira-project.ts";
import { statusNamed, typesOf } from "./jira-project.ts";
import type { Issue } from "./issue-store.ts";
import { typeId } from "./issue-fields.ts";

/** The fields of an issue that were asked for, and the properties. */
export function renderIssue(
  issue: Issue,
  query: URLSearchParams,
  project: JiraProject,
  subtasks: readonly Issue[],
): Readonly<Record<string, unknown>> {
  const wanted = (query.get("fields") ?? "*all").split(",");
  const all: Readonly<Record<string, unknown>> = {
    ...issue.fields,
    description: issue.fields["description"] ?? null,
    labels: issue.labels,
    priority: renderPriority(issue.fields["priority"], project),
    status: renderStatus(issue.status),
    resolution: issue.resolution === "" ? null : { name: issue.resolution },
    issuelinks: issue.links.map(({ type, outward }) => ({ type: { name: type }, outwardIssue: { key: outward } })),
    issuetype: { name: issue.issueType },
    subtasks: subtasks.map(({ id, key, fields: { summary }, status }) => ({
      id,
      key,
      fields: { summary, status: renderStatus(status) },
    })),
    ...(issue.parent === undefined ? {} : { parent: { id: issue.parent } }),
    created: new Date(issue.createdAtMs).toISOString().replace("Z", "+0000"),
    updated: new Date(issue.updatedAtMs).toISOString().replace("Z", "+0000"),
  };
  const isAll = wanted.includes("*all");
  const fields = Object.fromEntries(Object.entries(all).filter(([name]) => isAll || wanted.includes(name)));
  const asked = query.get("properties")?.split(",") ?? [];
  const properties = asked.flatMap((name) => {
    const value = issue.properties.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    id: issue.id,
    key: issue.key,
    fields,
    ...(asked.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
  };
}

function renderPriority(value: unknown, { priorities }: JiraProject): unknown {
  const { id, name } = (value ?? { name: "Medium" }) as { id?: string; name?: string };
  const index = priorities.findIndex((one, at) => one === name || String(at + 1) === id);
  return index === -1 ? null : { id: String(index + 1), name: priorities[index] };
}

export function renderStatus({ id, name, category }: JiraStatus): unknown {
  return { id, name, statusCategory: { key: category } };
}

export function renderTransition(transition: JiraTransition, project: JiraProject, withFields: boolean): unknown {
  const fields = Object.entries(transition.screen ?? {}).map(([id, { required }]) => [
    id,
    screenField(id, required, project),
  ]);
  return {
    id: transition.id,
    name: transition.name,
    to: renderStatus(statusNamed(project, transition.to)),
    hasScreen: fields.length > 0,
    isAvailable: true,
    ...(withFields ? { fields: Object.fromEntries(fields) as unknown } : {}),
  };
}

export function screenField(id: string, required: boolean, project: JiraProject): Readonly<Record<string, unknown>> {
  const allowed: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>> = {
    resolution: project.resolutions.map((name, index) => ({ id: String(10_000 + index), name })),
    priority: project.priorities.map((name, index) => ({ id: String(index + 1), name })),
  };
  return {
    key: id,
    name: project.requiredFields[id] ?? id,
    required,
    operations: ["set"],
    schema: { type: id === "resolution" || id === "priority" ? id : "string" },
    hasDefaultValue: false,
    ...(allowed[id] === undefined ? {} : { allowedValues: allowed[id] }),
  };
}

export function renderTypes(
  project: JiraProject,
): readonly { readonly id: string; readonly name: string; readonly subtask: boolean }[] {
  return typesOf(project).map((name, index) => ({
    id: typeId(index),
    name,
    subtask: project.subtaskTypes.includes(name),
  }));
}
