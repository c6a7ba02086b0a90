import { PermanentError } from "../../errors.ts";
import type { CheckFinding } from "../connector.ts";
import type { JiraClient, JiraFlavor } from "./client.ts";
import { FieldsSchema, RequestTypesSchema, ServiceDesksSchema, type WireRequestType } from "./schema.ts";
import { sameName } from "./status.ts";

/** What Jira Service Management calls its field Request Type, whatever people have renamed it to. */
const FIELD_TYPE = "com.atlassian.servicedesk:vp-origin";
const PAGE = 100;
const PAGES = 20;

type Reading = Pick<JiraClient, "read" | "readDesk">;

export interface RequestTypeOptions {
  readonly flavor: JiraFlavor;
  readonly project: string;
  /** Cloud: name or id. Data Center: `portal/type`, as the field takes it. "" sets none. */
  readonly requestType: string;
}

/** The fields that give a new issue its request type; looked up once, and again where that failed. */
export function createRequestTypeFields(
  client: Reading,
  options: RequestTypeOptions,
): (signal: AbortSignal) => Promise<Readonly<Record<string, unknown>>> {
  let known: Readonly<Record<string, unknown>> | undefined;
  return async (signal) => {
    if (options.requestType === "") return {};
    if (known !== undefined) return known;
    const found = await findRequestType(client, options, signal);
    if ("problem" in found) throw new PermanentError("misconfigured", found.problem, { mend: found.mend });
    known = { [found.field]: found.value };
    return known;
  };
}

/** Reads only. */
export async function requestTypeFindings(
  client: Reading,
  options: RequestTypeOptions,
  issueTypeId: string,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  if (options.requestType === "") return [];
  const found = await findRequestType(client, options, signal);
  if ("problem" in found) return [finding(found.problem, found.mend)];
  const { issueTypeId: expected } = found.type ?? {};
  if (expected === undefined || expected === issueTypeId) return [];
  return [
    finding(
      `the request type "${options.requestType}" is one of another issue type (id ${expected})`,
      "name that issue type in issueType, or a request type of this one",
    ),
  ];
}

type Found =
  | { readonly field: string; readonly value: string; readonly type?: WireRequestType }
  | { readonly problem: string; readonly mend: string };

async function findRequestType(client: Reading, options: RequestTypeOptions, signal: AbortSignal): Promise<Found> {
  const { flavor, project, requestType } = options;
  const fields = (await client.read("field", FieldsSchema, signal)) ?? [];
  const field = fields.find(({ schema }) => schema?.custom === FIELD_TYPE)?.id;
  if (field === undefined) {
    return {
      problem: "Jira has no field Request Type that this account may see",
      mend: "remove requestType, where the project is none of Jira Service Management; else make the account an agent",
    };
  }
  // Data Center does not list the keys that its field takes.
  if (flavor === "dataCenter") return { field, value: requestType };
  const desks = await all((page) => client.readDesk(`servicedesk?${page}`, ServiceDesksSchema, signal));
  const desk = desks.find(({ projectKey }) => projectKey === project);
  if (desk === undefined) {
    return {
      problem: `Jira has no service project "${project}" that this account may see`,
      mend: "correct the project's key, or make the account an agent of the project",
    };
  }
  const path = `servicedesk/${encodeURIComponent(desk.id)}/requesttype`;
  const types = await all((page) => client.readDesk(`${path}?${page}`, RequestTypesSchema, signal));
  const type = types.find(({ id, name }) => id === requestType || sameName(name, requestType));
  if (type !== undefined) return { field, value: type.id, type };
  const names = types.slice(0, 20).map(({ name }) => name);
  return {
    problem: `the service project has no request type "${requestType}"`,
    mend: names.length === 0 ? "make one in the project, or remove requestType" : `use one of ${names.join(", ")}`,
  };
}

interface Page<Row> {
  readonly values: readonly Row[];
  readonly isLastPage?: boolean;
}

/** Every row of a list of Jira Service Management. */
async function all<Row>(read: (page: string) => Promise<Page<Row> | undefined>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await read(`start=${rows.length}&limit=${PAGE}`);
    rows.push(...(answer?.values ?? []));
    if (answer === undefined || answer.values.length === 0 || answer.isLastPage === true) break;
  }
  return rows;
}

function finding(problem: string, mend: string): CheckFinding {
  return { severity: "error", place: "requestType", problem, mend };
}
