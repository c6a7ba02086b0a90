import { type AssigneeNames, isOneOf } from "./ball.ts";
import type { Incident } from "./incident.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { SEVERITIES, type Severity, severityOf } from "./verdict.ts";
import { revisionOf } from "./revision.ts";

/** Which incidents become tickets. Once in scope, always in scope: the caller remembers. */
export interface Scope {
  readonly experts: "only" | "all";
  readonly minimumSeverity: Severity;
  /** ISO 8601; "" for no bound. */
  readonly createdAfter: string;
  readonly assignees: AssigneeNames;
}

export function isInScope(incident: Incident, scope: Scope): boolean {
  if (isTooOld(incident, scope.createdAfter)) return false;
  if (isBelow(severityOf(incident.severity), scope.minimumSeverity)) return false;
  return scope.experts === "all" || isWorkOfExperts(incident, scope.assignees);
}

/** What Defender Experts touch, by every sign the documentation gives. */
export function isWorkOfExperts(incident: Incident, assignees: AssigneeNames): boolean {
  return (
    incident.systemTags.some((tag) => tag.toLowerCase() === "defender experts") ||
    isOneOf(incident.assignedTo, assignees.experts) ||
    isOneOf(incident.assignedTo, assignees.customer) ||
    lifecycleOf(incident).stage === "awaitingCustomerAction" ||
    isExpertsNotification(incident)
  );
}

/** A Defender Experts Notification is known by the start of its title (which the customer can edit away), or by an alert of the experts'. */
export function isExpertsNotification(incident: Pick<Incident, "title" | "notification">): boolean {
  return incident.notification !== undefined || hasNotificationTitle(incident.title);
}

export function hasNotificationTitle(title: string): boolean {
  return title.toLowerCase().startsWith("defender experts");
}

/** Source: "Access Defender Experts Notifications by Graph API": alerts of this detection source are theirs. */
export function isExpertsDetection(detectionSource: string): boolean {
  return detectionSource.toLowerCase().startsWith("microsoftthreatexperts");
}

function isTooOld(incident: Incident, createdAfter: string): boolean {
  const bound = createdAfter === "" ? undefined : revisionOf(createdAfter);
  const created = revisionOf(incident.createdAt);
  return bound !== undefined && created !== undefined && created < bound;
}

/** A severity that is not known yet is never filtered out. */
function isBelow(severity: Severity, minimum: Severity): boolean {
  if (severity === "unknown" || severity === "unrecognised") return false;
  return SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(minimum);
}
