import type { JiraPlan } from "./jira-plan.ts";
import { RESOLUTIONS, WORKFLOWS } from "./jira-workflow.ts";
import type { Answer, Asked } from "./service.ts";

const TYPE = { id: "10100", name: "Incident" };
const CREATE_FIELDS = [
  { fieldId: "project", required: true },
  { fieldId: "issuetype", required: true },
  { fieldId: "summary", required: true },
  { fieldId: "description", required: false },
  { fieldId: "labels", required: false },
  { fieldId: "priority", required: false },
];

/** What a project says of itself, to an account that may do all it needs; undefined for another path. */
export function projectAnswer(path: string, { query }: Asked, plan: JiraPlan): Answer | undefined {
  const isCloud = plan.flavor === "cloud";
  switch (path) {
    case "project/SEC":
      return ok({ key: "SEC", projectTypeKey: plan.isServiceProject ? "service_desk" : "software" });
    case "project/SEC/statuses":
      return ok([{ ...TYPE, statuses: WORKFLOWS[plan.workflow].statuses.map(({ id, name }) => ({ id, name })) }]);
    case "mypermissions": {
      const names = query.get("permissions")?.split(",") ?? [];
      return ok({ permissions: Object.fromEntries(names.map((name) => [name, { havePermission: true }])) });
    }
    case "issue/createmeta/SEC/issuetypes":
      return ok(isCloud ? { issueTypes: [TYPE] } : { values: [TYPE] });
    case `issue/createmeta/SEC/issuetypes/${TYPE.id}`:
      return ok(isCloud ? { fields: CREATE_FIELDS } : { values: CREATE_FIELDS });
    case "resolution/search":
    case "resolution": {
      const values = RESOLUTIONS.map((name) => ({ name }));
      return ok(isCloud ? { values, isLast: true } : values);
    }
    default:
      return undefined;
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}
