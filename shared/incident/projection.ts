import { type AssigneeNames, type Ball, ballOf } from "./ball.ts";
import { type ClosedBy, closedByOf } from "./closed-by.ts";
import { type CorrelationKey, correlationKeyOf } from "./correlation-key.ts";
import type { AlertsPart, Comment, IncidentId, NotificationPart, Task } from "./incident.ts";
import { type Lifecycle, isClosed, lifecycleOf } from "./lifecycle.ts";
import { pendingApprovals, pendingTasks } from "./pending.ts";
import { isExpertsNotification, isWorkOfExperts } from "./scope.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Classification, type Severity, classificationOf, determinationOf, severityOf } from "./verdict.ts";

/** The ticket wanted, in no tool's words. All texts are raw and hostile: a connector neutralises them for its tool. */
export interface Projection {
  readonly key: CorrelationKey;
  readonly incidentId: IncidentId;
  readonly title: string;
  readonly lifecycle: Lifecycle;
  readonly ball: Ball;
  readonly assignedTo: string;
  readonly severity: Severity;
  readonly severityRaw: string;
  readonly classification: Classification;
  readonly classificationRaw: string;
  /** The canonical name, or raw where it is unknown. */
  readonly determination: string;
  readonly description: string;
  readonly summary: string;
  readonly resolvingComment: string;
  readonly customTags: readonly string[];
  readonly url: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly stageSince: number;
  /** It was resolved or merged before, and is open now. */
  readonly isReopened: boolean;
  /** When the customer's turn began, milliseconds since 1970; undefined while it is not. */
  readonly handoverSince: number | undefined;
  /** Undefined while it is open. */
  readonly closedBy: ClosedBy | undefined;
  readonly alerts: Omit<AlertsPart, "readAt"> | undefined;
  /** Pieces of evidence whose remediation waits for an approval. */
  readonly pendingApprovals: number;
  /** The experts' actions still to be done. */
  readonly pendingTasks: readonly Task[];
  /** All of them, those that are done too; undefined where they were not read. */
  readonly tasks: readonly Task[] | undefined;
  /** What only a Defender Experts Notification has. */
  readonly notification: Omit<NotificationPart, "readAt"> | undefined;
  readonly comments: readonly Comment[];
  readonly mergedFrom: readonly IncidentId[];
  readonly isExpertsWork: boolean;
  readonly isNotification: boolean;
  /** Ours outright, Sentinel-style; a tool spells them as its rules allow. */
  readonly tags: readonly string[];
}

/** Every tag of ours starts so, but the one that the service description names itself. */
export const TAG_PREFIX = "dex:";
export const AWAITING_TAG = "Awaiting Customer Action";

export function projectionOf(snapshot: Snapshot, assignees: AssigneeNames): Projection {
  const { incident } = snapshot;
  const lifecycle = lifecycleOf(incident);
  const isExpertsWork =
    isWorkOfExperts(incident, assignees) || snapshot.stages.some((stay) => isExpertsStay(stay, assignees));
  const classification = classificationOf(incident.classification);
  return {
    key: correlationKeyOf(incident.tenantId, incident.id),
    incidentId: incident.id,
    title: incident.title,
    lifecycle,
    ball: ballOf(incident, assignees),
    assignedTo: incident.assignedTo,
    severity: severityOf(incident.severity),
    severityRaw: incident.severity,
    classification,
    classificationRaw: incident.classification,
    determination: determinationOf(incident.determination),
    description: incident.description,
    summary: incident.summary,
    resolvingComment: incident.resolvingComment,
    customTags: incident.customTags,
    url: incident.url,
    createdAt: incident.createdAt,
    updatedAt: incident.updatedAt,
    stageSince: snapshot.stageSince,
    isReopened: !isClosed(lifecycle.stage) && snapshot.stages.some((stay) => isClosed(stay.stage)),
    handoverSince: snapshot.handover?.since,
    closedBy: closedByOf(snapshot, assignees),
    alerts: incident.alerts,
    pendingApprovals: pendingApprovals(incident).length,
    pendingTasks: pendingTasks(incident),
    tasks: incident.tasks?.rows,
    notification: incident.notification,
    comments: incident.comments,
    mergedFrom: snapshot.mergedFrom,
    isExpertsWork,
    isNotification: isExpertsNotification(incident),
    tags: tagsOf(lifecycle, classification, isExpertsWork),
  };
}

function tagsOf(lifecycle: Lifecycle, classification: Classification, isExpertsWork: boolean): readonly string[] {
  return [
    `${TAG_PREFIX}stage=${lifecycle.stage}`,
    ...(isExpertsWork ? [`${TAG_PREFIX}experts`] : []),
    ...(classification === "unknown" ? [] : [`${TAG_PREFIX}class=${classification}`]),
    ...(lifecycle.stage === "awaitingCustomerAction" ? [AWAITING_TAG] : []),
  ];
}

function isExpertsStay(stay: Snapshot["stages"][number], assignees: AssigneeNames): boolean {
  return (
    stay.stage === "awaitingCustomerAction" ||
    assignees.experts.some((name) => name.toLowerCase() === stay.assignedTo.toLowerCase())
  );
}
