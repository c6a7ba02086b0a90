import { type Call, emptyReply, jsonReply, objectIn, type Reply } from "../http/message.ts";
import { memberOf } from "./enums.ts";
import type { GraphContext } from "./graph-context.ts";
import { type FilterField, meets, parseFilter } from "./odata-filter.ts";
import { readPageRequest } from "./paging.ts";
import type { TaskRecord } from "./task-store.ts";
import { formatTicks } from "./ticks.ts";

const STATUSES = ["open", "inProgress", "completed", "failed", "notRelevant"] as const;
const LIMITS = { defaultTop: 500, maximumTop: 500, maximumSkip: 100_000 } as const;

/** The kinds of action the documentation lets an API caller set off. */
const EXECUTABLE: readonly string[] = [
  "collectInvestigationPackage",
  "isolateDevice",
  "unRestrictAppExecution",
  "unIsolateDevice",
  "restrictAppExecution",
  "runAntiVirusScan",
  "stopAndQuarantineFile",
  "submitIocRule",
];

/** The documentation names incidentId and lastUpdateDateTime, the schema incident and lastModifiedDateTime; both are taken. */
const FIELDS: Readonly<Record<string, FilterField>> = {
  incidentId: { kind: "text" },
  status: { kind: "member", members: STATUSES },
  actionType: { kind: "text" },
  type: { kind: "text" },
  lastUpdateDateTime: { kind: "time" },
  lastModifiedDateTime: { kind: "time" },
  createdDateTime: { kind: "time" },
};

/** `/beta/security/incidentTasks[/{id}[/executeResponseAction]]`; undefined where there is no such thing. */
export function answerTasks(
  call: Call,
  id: string | undefined,
  action: string | undefined,
  context: GraphContext,
): Reply | undefined {
  const { replies, tasks } = context;
  if (context.behaviour.incidentTasks === "forbidden")
    return replies.forbidden("Application is not authorized to perform this operation.");
  if (context.behaviour.incidentTasks === "absent") return replies.notFound("The segment 'incidentTasks'");
  if (id === undefined) return call.method === "GET" ? listTasks(call, context) : undefined;
  const task = tasks.get(decodeURIComponent(id));
  if (task === undefined) return replies.notFound(`Incident task '${id}'`);
  switch (`${call.method} ${action ?? ""}`) {
    case "GET ":
      return jsonReply(200, renderTask(task));
    case "PATCH ":
      return changeTask(call, task, context);
    case "POST executeResponseAction":
      if (!EXECUTABLE.includes(task.actionType))
        return replies.badRequest(`The action type '${task.actionType}' cannot be executed.`);
      tasks.execute(task.id, context.caller);
      return emptyReply(204);
    default:
      return undefined;
  }
}

function listTasks(call: Call, context: GraphContext): Reply {
  const { replies, behaviour } = context;
  const page = readPageRequest(call.query, LIMITS);
  if (typeof page === "string") return replies.badRequest(page);
  const filter = call.query.get("$filter");
  const conditions = filter === null ? [] : parseFilter(filter, FIELDS);
  if (typeof conditions === "string") return replies.badRequest(conditions);
  const rows = orderedTasks(call, context);
  if (typeof rows === "string") return replies.badRequest(rows);
  const hits = rows.filter((task) => conditions.every((condition) => meets(condition, valueOf(task, condition.field))));
  const more = hits.length > page.skip + page.top;
  const query = new URLSearchParams(call.query);
  query.set("$skip", String(page.skip + page.top));
  const link =
    behaviour.nextLinkFault === "missing" || !more
      ? {}
      : { "@odata.nextLink": `${call.origin}${call.path}?${query.toString()}` };
  return jsonReply(200, {
    "@odata.context": "https://graph.microsoft.com/beta/$metadata#security/incidentTasks",
    ...link,
    value: hits.slice(page.skip, page.skip + page.top).map(renderTask),
  });
}

/** Oldest first where no order is asked for, or none is followed; otherwise the sentence the order is refused with. */
function orderedTasks(call: Call, { tasks, behaviour }: GraphContext): readonly TaskRecord[] | string {
  const asked = call.query.get("$orderby");
  if (asked === null || behaviour.taskOrderby === "ignored") return tasks.all();
  const understood = /^(?:lastUpdateDateTime|lastModifiedDateTime)(?: (asc|desc))?$/.exec(asked);
  if (understood === null || behaviour.taskOrderby === "refused")
    return `The query specified in the URI is not valid. The $orderby expression '${asked}' is not supported.`;
  const oldestFirst = tasks.all().toSorted((left, right) => Number(left.modifiedTicks - right.modifiedTicks));
  return understood[1] === "desc" ? oldestFirst.toReversed() : oldestFirst;
}

/** The status is the only property that can be written. */
function changeTask(call: Call, task: TaskRecord, { replies, tasks, caller }: GraphContext): Reply {
  const body = objectIn(call.body);
  if (body === undefined) return replies.badRequest("Unable to read JSON request payload.");
  const { status, ...others } = body;
  const other = Object.keys(others).find((name) => !name.startsWith("@odata."));
  if (other !== undefined) return replies.badRequest(`The property '${other}' cannot be updated.`);
  const member = typeof status === "string" ? memberOf(STATUSES, status) : undefined;
  if (member === undefined) return replies.badRequest("Invalid value for the property 'status'.");
  return jsonReply(200, renderTask(tasks.setStatus(task.id, member, caller)));
}

function renderTask(task: TaskRecord): Record<string, unknown> {
  return {
    "@odata.type": "#microsoft.graph.security.incidentTask",
    id: task.id,
    incident: { "@odata.type": "#microsoft.graph.security.incident", id: task.incidentId },
    status: task.status,
    source: task.source,
    displayName: task.displayName,
    description: task.description,
    createdDateTime: formatTicks(task.createdTicks),
    createdByDisplayName: "Defender Experts",
    lastModifiedDateTime: formatTicks(task.modifiedTicks),
    lastModifiedByDisplayName: task.modifiedBy,
    actionType: task.actionType,
    actionStatus: task.actionStatus,
    responseAction: task.identifierValue === "" ? null : responseActionOf(task),
  };
}

function responseActionOf({ actionType, identifierValue, deviceId }: TaskRecord): Record<string, unknown> {
  return {
    "@odata.type": `#microsoft.graph.security.${actionType}ResponseAction`,
    ...(actionType === "isolateDevice" ? { isolationType: "full" } : {}),
    ...(actionType === "stopAndQuarantineFile" ? { deviceId } : {}),
    identifierValue,
  };
}

function valueOf(task: TaskRecord, field: string): string | bigint {
  switch (field) {
    case "incidentId":
      return task.incidentId;
    case "status":
      return task.status;
    case "actionType":
    case "type":
      return task.actionType;
    case "createdDateTime":
      return task.createdTicks;
    default:
      return task.modifiedTicks;
  }
}
