import type { CheckFinding } from "../connector.ts";
import type { JiraClient } from "./client.ts";
import { CreateFieldsSchema, type WireIssueType } from "./schema.ts";
import { sameName } from "./status.ts";

/** Given with every sub-task. */
const GIVEN = ["project", "issuetype", "parent", "summary", "labels", "description", "reporter"];
const PLACE = "mapping.subtaskType";

/** Whether the issue type that sub-tasks should have is one, and can be made of what they are given. Reads only. */
export async function subtaskFindings(
  client: Pick<JiraClient, "read">,
  project: string,
  types: readonly WireIssueType[],
  subtaskType: string,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  if (subtaskType === "") return [];
  const names = types.filter(({ subtask }) => subtask === true).map(({ name }) => name);
  const type = types.find(({ id, name }) => id === subtaskType || sameName(name, subtaskType));
  if (type?.subtask !== true) {
    const mend = names.length === 0 ? "add one to the project, or leave it out" : `use one of ${names.join(", ")}`;
    return [finding(`the project has no type of sub-tasks "${subtaskType}" that this account may create`, mend)];
  }
  const path = `issue/createmeta/${project}/issuetypes/${encodeURIComponent(type.id)}?maxResults=200`;
  const meta = await client.read(path, CreateFieldsSchema, signal);
  return (meta?.fields ?? meta?.values ?? [])
    .filter(({ required, hasDefaultValue }) => required === true && hasDefaultValue !== true)
    .filter(({ fieldId }) => !GIVEN.includes(fieldId))
    .map(({ fieldId, name }) =>
      finding(
        `the project requires the field ${name ?? fieldId} (${fieldId}) of a new sub-task, which dex-sync does not give`,
        "make it optional for sub-tasks, give it a default, or leave out mapping.subtaskType",
      ),
    );
}

function finding(problem: string, mend: string): CheckFinding {
  return { severity: "error", place: PLACE, problem, mend };
}
