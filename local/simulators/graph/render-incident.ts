import { CLASSIFICATIONS, DETERMINATIONS, INCIDENT_STATUSES, SEVERITIES } from "./enums.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import type { CommentRecord, IncidentRecord } from "./incident-record.ts";
import { formatTicks } from "./ticks.ts";

/** What one request gets to see. */
export interface View {
  readonly beta: boolean;
  /** The request sent `Prefer: include-unknown-enum-members`. */
  readonly unknownMembers: boolean;
  readonly tenantId: string;
  /** Where links to incidents lead. */
  readonly portalUrl: string;
  readonly behaviour: GraphBehaviour;
}

export function renderIncident(record: IncidentRecord, view: View): Record<string, unknown> {
  const shown = {
    id: record.id,
    tenantId: view.tenantId,
    status: member(record.status, INCIDENT_STATUSES, view),
    incidentWebUrl: incidentWebUrl(record.id, view),
    redirectIncidentId: record.redirectIncidentId,
    displayName: record.displayName,
    createdDateTime: formatTicks(record.createdTicks),
    lastUpdateDateTime: formatTicks(record.updatedTicks),
    assignedTo: record.assignedTo,
    classification: optionalMember(record.classification, CLASSIFICATIONS, view),
    determination: optionalMember(record.determination, DETERMINATIONS, view),
    severity: member(record.severity, SEVERITIES, view),
    customTags: record.customTags,
    systemTags: record.systemTags,
    description: record.description,
    lastModifiedBy: record.lastModifiedBy,
    resolvingComment: record.resolvingComment,
    summary: record.summary,
    priorityScore: record.priorityScore,
    comments: record.comments.map((comment) => renderComment(comment, view)),
  };
  if (!view.beta) return shown;
  const recommendedHuntingQueries = record.recommendedHuntingQueries.map((kqlText) => ({ kqlText }));
  return { ...shown, recommendedActions: record.recommendedActions, recommendedHuntingQueries };
}

export function renderComment(comment: CommentRecord, { behaviour }: View): Record<string, unknown> {
  const time = formatTicks(comment.ticks);
  if (behaviour.commentKeys === "legacy")
    return { comment: comment.text, createdBy: comment.author, createdTime: time };
  return {
    "@odata.type": "#microsoft.graph.security.alertComment",
    comment: comment.text,
    createdByDisplayName: comment.author,
    createdDateTime: time,
  };
}

/** A member past the sentinel is hidden from a request that does not ask for such members. */
export function member(value: string, known: readonly string[], view: View): string {
  const shown = view.unknownMembers || known.includes(value) ? value : "unknownFutureValue";
  return view.behaviour.enumSpelling === "pascal" ? shown.charAt(0).toUpperCase() + shown.slice(1) : shown;
}

export function optionalMember(value: string | null, known: readonly string[], view: View): string | null {
  return value === null ? null : member(value, known, view);
}

export function incidentWebUrl(id: string, { portalUrl, tenantId }: Pick<View, "portalUrl" | "tenantId">): string {
  return `${portalUrl}/incident2/${id}/overview?tid=${tenantId}`;
}
