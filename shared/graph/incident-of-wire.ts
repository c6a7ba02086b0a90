import type { Comment, Incident, IncidentId, TenantId } from "../incident/incident.ts";
import { msOfRevision, revisionOf } from "../incident/revision.ts";
import { hasNotificationTitle } from "../incident/scope.ts";
import type { SchemaCheck } from "../schema-check.ts";
import type { SourceRow } from "../pipeline/ports/source.ts";
import { cut } from "./cut.ts";
import { notificationTextOf } from "./notification-of-wire.ts";
import type { WireIncident } from "./schema.ts";

/** Longer texts are cut on purpose: no ticket shows more, and a row must stay below 1 MiB. */
const LONG_TEXT = 32_000;
const SHORT_TEXT = 2_000;
const COMMENTS_KEPT = 300;
const COMMENT_TEXT = 8_000;
/** Bound on what all comments of an incident may hold together, newest kept. */
const COMMENTS_TOTAL = 200_000;

/** Total: a row that is not an incident is `malformed` with what is wrong, and never holds up the others. */
export function rowOfWire(tenantId: TenantId, body: unknown, check: SchemaCheck<WireIncident>): SourceRow {
  const checked = check(body);
  if ("problems" in checked) return malformed(body, checked.problems.join("; "));
  const wire = checked.value;
  const revision = revisionOf(wire.lastUpdateDateTime);
  if (revision === undefined) return malformed(body, "lastUpdateDateTime: is no moment");
  if (revisionOf(wire.createdDateTime) === undefined) return malformed(body, "createdDateTime: is no moment");
  const incident: Incident = {
    tenantId,
    id: wire.id as IncidentId,
    revision,
    updatedAt: wire.lastUpdateDateTime,
    createdAt: wire.createdDateTime,
    title: cut(wire.displayName, SHORT_TEXT),
    description: cut(wire.description, LONG_TEXT),
    summary: cut(wire.summary, LONG_TEXT),
    resolvingComment: cut(wire.resolvingComment, COMMENT_TEXT),
    status: cut(wire.status, 100),
    severity: cut(wire.severity, 100),
    classification: cut(wire.classification, 100),
    determination: cut(wire.determination, 100),
    assignedTo: cut(wire.assignedTo, 500),
    customTags: (wire.customTags ?? wire.tags ?? []).slice(0, 200).map((tag) => cut(tag, 500)),
    systemTags: (wire.systemTags ?? []).slice(0, 200).map((tag) => cut(tag, 500)),
    comments: commentsOfWire(wire.comments ?? []),
    redirectIncidentId: cut(wire.redirectIncidentId, 100),
    url: cut(wire.incidentWebUrl, SHORT_TEXT),
    lastModifiedBy: cut(wire.lastModifiedBy, 500),
    priorityScore: wire.priorityScore ?? null,
    // The day v1.0 has the fields of a notification, they come with the incident.
    ...(hasNotificationTitle(wire.displayName ?? "") && hasNotificationFields(wire)
      ? { notification: { readAt: msOfRevision(revision), foundBy: "title", ...notificationTextOf(wire) } }
      : {}),
  };
  return { kind: "incident", incident };
}

function hasNotificationFields(wire: WireIncident): boolean {
  return (wire.recommendedActions ?? "") !== "" || (wire.recommendedHuntingQueries ?? []).length > 0;
}

/** Both spellings of the documentation are read. */
function commentsOfWire(comments: NonNullable<WireIncident["comments"]>): readonly Comment[] {
  const read = comments
    .map((comment) => ({
      author: cut(comment.createdByDisplayName ?? comment.createdBy, 500),
      createdAt: cut(comment.createdDateTime ?? comment.createdTime, 100),
      text: cut(comment.comment, COMMENT_TEXT),
    }))
    .filter((comment) => comment.text.trim() !== "");
  const newestFirst = read.toSorted((a, b) => compare(momentOf(b), momentOf(a))).slice(0, COMMENTS_KEPT);
  let total = 0;
  const kept = newestFirst.filter((comment) => {
    total += comment.text.length;
    return total <= COMMENTS_TOTAL;
  });
  return kept.toReversed();
}

function momentOf(comment: Comment): bigint {
  return revisionOf(comment.createdAt) ?? 0n;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function malformed(body: unknown, problem: string): SourceRow {
  const id = (body as { id?: unknown } | null)?.id;
  return { kind: "malformed", id: typeof id === "string" ? id.slice(0, 100) : "", problem, body: bounded(body) };
}

/** What is kept for a person to look at. */
function bounded(body: unknown): unknown {
  const text = JSON.stringify(body) ?? "undefined";
  return text.length <= 100_000 ? body : { cut: text.slice(0, 100_000) };
}
