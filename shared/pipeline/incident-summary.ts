import { type AssigneeNames, type Ball, ballOf } from "../incident/ball.ts";
import { type ClosedBy, closedByOf } from "../incident/closed-by.ts";
import { type Stage, isClosed, lifecycleOf } from "../incident/lifecycle.ts";
import { isExpertsNotification, isWorkOfExperts } from "../incident/scope.ts";
import { projectionOf } from "../incident/projection.ts";
import { type UnknownValues, unknownValuesOf } from "../incident/unknown-values.ts";
import {
  type Classification,
  type Severity,
  classificationOf,
  determinationOf,
  severityOf,
} from "../incident/verdict.ts";
import type { StoredSnapshot } from "./stored-snapshot.ts";

/** What the page and the report need of an incident: one row in `open` while it is open, one in `report` for good. */
export interface IncidentSummary {
  readonly incidentId: string;
  readonly seq: number;
  readonly title: string;
  readonly stage: Stage;
  readonly statusRaw: string;
  readonly ball: Ball;
  readonly assignedTo: string;
  readonly severity: Severity;
  readonly classification: Classification;
  readonly determination: string;
  readonly isNotification: boolean;
  readonly isExpertsWork: boolean;
  readonly tags: readonly string[];
  readonly url: string;
  readonly createdAt: string;
  readonly changedAt: number;
  readonly seenAt: number;
  readonly stageSince: number;
  /** When the customer's turn began; null while it is not. */
  readonly handoverSince: number | null;
  readonly resolvedAt: number | null;
  /** Null while it is open. */
  readonly closedBy: ClosedBy | null;
  readonly mergedInto: string;
  readonly mergedFrom: readonly string[];
  readonly commentCount: number;
  /** Raw, what this version does not know of it; absent where it knows everything. */
  readonly unknownValues?: UnknownValues;
  /** Connectors that were told of it; absent on rows from before there were routes. */
  readonly toldLanes?: readonly string[];
}

export function summaryOf(snapshot: StoredSnapshot, assignees: AssigneeNames): IncidentSummary {
  const { incident } = snapshot;
  const { stage } = lifecycleOf(incident);
  const unknownValues = unknownValuesOf(incident);
  return {
    incidentId: incident.id,
    seq: snapshot.seq,
    title: incident.title.slice(0, 500),
    stage,
    statusRaw: incident.status,
    ball: ballOf(incident, assignees),
    assignedTo: incident.assignedTo,
    severity: severityOf(incident.severity),
    classification: classificationOf(incident.classification),
    determination: determinationOf(incident.determination),
    isNotification: isExpertsNotification(incident),
    isExpertsWork: isWorkOfExperts(incident, assignees),
    tags: projectionOf(snapshot, assignees).tags,
    url: incident.url,
    createdAt: incident.createdAt,
    changedAt: snapshot.changedAt,
    seenAt: snapshot.seenAt,
    stageSince: snapshot.stageSince,
    handoverSince: snapshot.handover?.since ?? null,
    resolvedAt: isClosed(stage) ? snapshot.stageSince : null,
    closedBy: closedByOf(snapshot, assignees) ?? null,
    mergedInto: incident.redirectIncidentId,
    mergedFrom: snapshot.mergedFrom,
    commentCount: incident.comments.length,
    ...(Object.keys(unknownValues).length === 0 ? {} : { unknownValues }),
    ...(snapshot.toldLanes === undefined ? {} : { toldLanes: snapshot.toldLanes }),
  };
}
