import { type Call, isObject, jsonReply, objectIn, type Reply } from "../http/message.ts";
import { CLASSIFICATIONS, DETERMINATIONS, memberOf, PAIRS, SEVERITIES } from "./enums.ts";
import { type GraphContext, type GraphVersion, preferenceHeaders, viewOf } from "./graph-context.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { renderComment, renderIncident } from "./render-incident.ts";

const TEXT_FIELDS = ["assignedTo", "description", "displayName", "resolvingComment", "summary"] as const;

/** `PATCH /security/incidents/{id}`: only what the documentation lists; `customTags` replaces the whole set. */
export function changeIncident(
  call: Call,
  version: GraphVersion,
  incident: IncidentRecord,
  context: GraphContext,
): Reply {
  const { replies, behaviour } = context;
  const body = objectIn(call.body);
  if (body === undefined) return replies.badRequest("Unable to read JSON request payload.");
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith("@odata.")) continue;
    const read = readField(name, value, behaviour.inProgressWritable);
    if (typeof read === "string") return replies.badRequest(read);
    fields[name] = read.value;
  }
  if (behaviour.pairsEnforced && !isPair(incident, fields))
    return replies.badRequest("The determination does not match the classification.");
  if (incident.status === "redirected")
    return replies.badRequest(`The incident was merged into incident ${incident.redirectIncidentId}.`);
  const changed = context.incidents.change(incident.id, fields, { by: context.caller });
  const view = viewOf(call, version, context);
  return jsonReply(
    200,
    { "@odata.context": entityContext(version), ...renderIncident(changed, view) },
    preferenceHeaders(view),
  );
}

/** `POST /security/incidents/{id}/comments`: answers with every comment there is. */
export function commentOnIncident(
  call: Call,
  version: GraphVersion,
  incident: IncidentRecord,
  context: GraphContext,
): Reply {
  const { replies } = context;
  const body = objectIn(call.body);
  if (body === undefined) return replies.badRequest("Unable to read JSON request payload.");
  const { comment } = body;
  if (typeof comment !== "string" || comment.trim() === "") return replies.badRequest("The comment must not be empty.");
  const changed = context.incidents.comment(incident.id, context.caller, comment);
  const view = viewOf(call, version, context);
  return jsonReply(200, {
    "@odata.context": `https://graph.microsoft.com/${version}/$metadata#security/incidents('${incident.id}')/comments`,
    value: changed.comments.map((entry) => renderComment(entry, view)),
  });
}

export function entityContext(version: GraphVersion): string {
  return `https://graph.microsoft.com/${version}/$metadata#security/incidents/$entity`;
}

/** The value in Graph's own spelling, or the sentence it is refused with. */
function readField(name: string, value: unknown, inProgressWritable: boolean): { readonly value: unknown } | string {
  if (TEXT_FIELDS.some((field) => field === name))
    return typeof value === "string" || value === null ? { value } : `The property '${name}' must be text.`;
  switch (name) {
    case "customTags":
      return isTextList(value) ? { value } : "The property 'customTags' must be a collection of text.";
    case "severity":
      return readMember(name, value, SEVERITIES);
    case "classification":
      return readMember(name, value, CLASSIFICATIONS);
    case "determination":
      return readMember(name, value, DETERMINATIONS);
    case "status":
      return readMember(
        name,
        value,
        inProgressWritable ? ["active", "inProgress", "resolved"] : ["active", "resolved"],
      );
    default:
      return `The property '${name}' cannot be updated.`;
  }
}

function readMember(name: string, value: unknown, members: readonly string[]): { readonly value: string } | string {
  const member = typeof value === "string" ? memberOf(members, value) : undefined;
  return member === undefined ? `Invalid value '${describe(value)}' for the property '${name}'.` : { value: member };
}

function isPair(incident: IncidentRecord, fields: Record<string, unknown>): boolean {
  const after = { classification: incident.classification, determination: incident.determination, ...fields };
  const classification = after.classification ?? "unknown";
  const determination = after.determination ?? "unknown";
  return determination === "unknown" || (PAIRS[classification] ?? []).includes(determination);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function describe(value: unknown): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
