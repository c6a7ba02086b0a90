import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { typeId } from "./issue-fields.ts";
import { typesOf } from "./jira-project.ts";
import type { JiraContext } from "./jira-context.ts";
import { failure } from "./jira-reply.ts";

const DESK_ID = "7";
/** Before it in the list, so that who takes the first one is found out. */
const OTHER = { id: "3", projectId: "9", projectKey: "HR", projectName: "Human resources" };

/** What a path below `/rest/servicedeskapi` leads to; undefined where a client of ours has no business. */
export function answerServiceDesk({ method, query }: Call, path: string, context: JiraContext): Reply | undefined {
  if (method !== "GET") return undefined;
  const { project } = context;
  const page = (rows: readonly unknown[]): Reply => {
    const start = Number(query.get("start") ?? "0");
    const limit = Number(query.get("limit") ?? "50");
    const values = rows.slice(start, start + limit);
    return jsonReply(200, { size: values.length, start, limit, isLastPage: start + limit >= rows.length, values });
  };
  const own = { id: DESK_ID, projectId: "10000", projectKey: project.key, projectName: project.key };
  const isDesk = project.kind === "service_desk" && context.may("BROWSE_PROJECTS");
  if (path === "servicedesk") return page(isDesk ? [OTHER, own] : [OTHER]);
  if (path !== `servicedesk/${DESK_ID}/requesttype`) return undefined;
  if (!isDesk) return failure(404, ["The service desk does not exist."]);
  const types = project.requestTypes.map(({ id, name, issueType }) => ({
    id,
    name,
    issueTypeId: typeId(typesOf(project).indexOf(issueType)),
    serviceDeskId: DESK_ID,
  }));
  return page(types);
}
