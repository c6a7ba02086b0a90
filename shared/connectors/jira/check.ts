import { RetryableError } from "../../errors.ts";
import type { CheckDepth, CheckFinding } from "../connector.ts";
import type { BodyOptions } from "./bodies.ts";
import { workflowFindings } from "./check-workflow.ts";
import { subtaskFindings } from "./check-subtasks.ts";
import type { JiraClient, JiraFlavor } from "./client.ts";
import { CATEGORY_PREFIX } from "./mapping-options.ts";
import { requestTypeFindings } from "./request-type.ts";
import {
  CreateFieldsSchema,
  IssueTypesSchema,
  LinkTypesSchema,
  PermissionsSchema,
  ProjectSchema,
  ResolutionsSchema,
  StatusesSchema,
  type WireCreateField,
} from "./schema.ts";
import { idsOf, namesOf } from "./transition-fields.ts";
import { sameName } from "./status.ts";

type Reading = Pick<JiraClient, "read" | "readDesk" | "newestIn" | "transitions">;
export interface CheckOptions extends BodyOptions {
  readonly requestType: string;
  readonly flavor: JiraFlavor;
  readonly serviceManagement: boolean;
}
type Checking = CheckOptions & CheckDepth;

/** Without these nothing, or not everything, can be written. */
const PERMISSIONS = {
  BROWSE_PROJECTS: "Browse Projects",
  CREATE_ISSUES: "Create Issues",
  EDIT_ISSUES: "Edit Issues",
  TRANSITION_ISSUES: "Transition Issues",
  ADD_COMMENTS: "Add Comments",
  LINK_ISSUES: "Link Issues",
} as const;
/** Given with every create, whatever the mapping says. */
const ALWAYS_GIVEN = ["project", "issuetype", "summary", "description", "labels", "priority", "reporter"];

/**
 * Compares the configuration with the project: its kind, issue type, request type, fields, statuses, priorities, resolutions, the type of
 * links, and our rights in it. A sign-in that is refused is a finding too.
 */
export async function checkJira(
  client: Reading,
  options: Checking,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  try {
    return await projectFindings(client, options, signal);
  } catch (refusal) {
    if (!(refusal instanceof RetryableError) || refusal.reason !== "unauthorized") throw refusal;
    return [error("auth", refusal.message, "mend user, token and their rights, and check again")];
  }
}

async function projectFindings(
  client: Reading,
  options: Checking,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const project = encodeURIComponent(options.project);
  const found = await client.read(`project/${project}`, ProjectSchema, signal);
  if (found === undefined) {
    return [
      error(
        "project",
        `Jira has no project "${options.project}" that this account may see`,
        "correct the project's key, or give the account the permission Browse Projects in it",
      ),
    ];
  }
  return [
    ...projectKind(found.projectTypeKey, options),
    ...(await permissions(client, project, signal)),
    ...(await issueType(client, project, options, signal)),
    ...(await resolutions(client, options, signal)),
    ...(await linkType(client, options, signal)),
  ];
}

function projectKind(kind: string | undefined, { serviceManagement }: CheckOptions): readonly CheckFinding[] {
  if ((kind === "service_desk") === serviceManagement) return [];
  return serviceManagement
    ? [warning("serviceManagement", "the project is none of Jira Service Management", "remove serviceManagement")]
    : [
        error(
          "serviceManagement",
          "the project is one of Jira Service Management, where comments can be shown to customers",
          'set "serviceManagement": true, so that each comment is checked to be internal',
        ),
      ];
}

async function permissions(client: Reading, project: string, signal: AbortSignal): Promise<readonly CheckFinding[]> {
  const names = Object.keys(PERMISSIONS).join(",");
  const path = `mypermissions?projectKey=${project}&permissions=${names}`;
  const held = (await client.read(path, PermissionsSchema, signal))?.permissions ?? {};
  return Object.entries(PERMISSIONS)
    .filter(([name]) => held[name]?.havePermission !== true)
    .map(([, name]) =>
      error(
        "project",
        `the account has no permission ${name} in the project`,
        `give it ${name} in the project's permission scheme`,
      ),
    );
}

async function issueType(
  client: Reading,
  project: string,
  options: Checking,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const base = `issue/createmeta/${project}/issuetypes`;
  const types = await client.read(`${base}?maxResults=200`, IssueTypesSchema, signal);
  const all = types?.issueTypes ?? types?.values ?? [];
  const tickets = all.filter(({ subtask }) => subtask !== true);
  const type = tickets.find(({ id, name }) => id === options.issueType || sameName(name, options.issueType));
  if (type === undefined) {
    return [
      error(
        "issueType",
        `the project has no issue type "${options.issueType}" that this account may create`,
        oneOf(tickets.map(({ name }) => name)),
      ),
    ];
  }
  const fields = await client.read(`${base}/${encodeURIComponent(type.id)}?maxResults=200`, CreateFieldsSchema, signal);
  const statuses = await client.read(`project/${project}/statuses`, StatusesSchema, signal);
  const known = statuses?.find(({ id }) => id === type.id)?.statuses ?? [];
  return [
    ...createFields(fields?.fields ?? fields?.values ?? [], options),
    ...statusFindings(
      known.map(({ name }) => name),
      options,
    ),
    ...(options.thorough === true
      ? await workflowFindings(client, { id: type.id, statuses: known }, options.mapping, signal)
      : []),
    ...(await requestTypeFindings(client, options, type.id, signal)),
    ...(await subtaskFindings(client, project, all, options.mapping.subtaskType, signal)),
  ];
}

function createFields(fields: readonly WireCreateField[], options: CheckOptions): readonly CheckFinding[] {
  const given = new Set([...ALWAYS_GIVEN, ...Object.keys(options.mapping.fields)]);
  const missing = fields
    .filter((field) => field.required === true && field.hasDefaultValue !== true && !given.has(field.fieldId))
    .map((field) =>
      error(
        "mapping.fields",
        `the project requires the field ${field.name ?? field.fieldId} (${field.fieldId}) of a new issue`,
        `give it: "fields": { "${field.fieldId}": … }${choices(namesOf(field))}`,
      ),
    );
  const priority = fields.find(({ fieldId }) => fieldId === "priority");
  if (priority === undefined && fields.length > 0) {
    const isMapped = Object.values(options.mapping.priorities).some((name) => name !== "");
    return isMapped
      ? [
          ...missing,
          error(
            "mapping.priorities",
            "new issues of this type have no priority",
            'put the field on the create screen, or set every severity to ""',
          ),
        ]
      : missing;
  }
  const offered = priority === undefined ? [] : namesOf(priority);
  const ids = priority === undefined ? [] : idsOf(priority);
  const unknown = Object.entries(options.mapping.priorities).filter(([, name]) => {
    const all = /^\d+$/.test(name) ? ids : offered;
    return name !== "" && all.length > 0 && !all.some((one) => sameName(one, name));
  });
  return [
    ...missing,
    ...unknown.map(([severity, name]) =>
      error(`mapping.priorities.${severity}`, `the project has no priority "${name}"`, oneOf(offered)),
    ),
  ];
}

function statusFindings(known: readonly string[], { mapping }: CheckOptions): readonly CheckFinding[] {
  return Object.entries(mapping.statuses)
    .filter(([, name]) => name !== "" && !name.startsWith(CATEGORY_PREFIX))
    .filter(([, name]) => !known.some((one) => sameName(one, name)))
    .map(([stage, name]) =>
      error(`mapping.statuses.${stage}`, `the workflow of this issue type has no status "${name}"`, oneOf(known)),
    );
}

async function resolutions(
  client: Reading,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  const path = options.flavor === "cloud" ? "resolution/search?maxResults=200" : "resolution";
  const answer = await client.read(path, ResolutionsSchema, signal);
  const known = (Array.isArray(answer) ? answer : (answer?.values ?? [])).map(({ name }) => name);
  if (known.length === 0) return [];
  const { resolutions: byClass, duplicateResolution } = options.mapping;
  const named = [
    ...Object.entries(byClass).map(([name, value]) => [`resolutions.${name}`, value] as const),
    ["duplicateResolution", duplicateResolution] as const,
  ];
  return named
    .filter(([, name]) => name !== "" && !known.some((one) => sameName(one, name)))
    .map(([place, name]) =>
      warning(`mapping.${place}`, `Jira has no resolution "${name}"; "Done" is used where it is offered`, oneOf(known)),
    );
}

async function linkType(
  client: Reading,
  { mapping: { duplicateLink } }: CheckOptions,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  if (duplicateLink === "") return [];
  const place = "mapping.duplicateLink";
  const answer = await client.read("issueLinkType", LinkTypesSchema, signal);
  if (answer === undefined)
    return [error(place, "Jira links no issues", 'switch issue links on, or set "duplicateLink": ""')];
  const known = answer.issueLinkTypes.map(({ name }) => name);
  if (known.some((one) => sameName(one, duplicateLink))) return [];
  return [error(place, `Jira has no link type "${duplicateLink}"`, oneOf(known))];
}

function oneOf(names: readonly string[]): string {
  return `use one of ${names.slice(0, 20).join(", ")}`;
}

function choices(names: readonly string[]): string {
  return names.length === 0 ? "" : `, one of ${names.slice(0, 20).join(", ")}`;
}

function error(place: string, problem: string, mend: string): CheckFinding {
  return { severity: "error", place, problem, mend };
}

function warning(place: string, problem: string, mend: string): CheckFinding {
  return { severity: "warning", place, problem, mend };
}
