import type { Comment, IncidentId, TenantId } from "./incident.ts";
import type { Stage } from "./lifecycle.ts";
import type { Projection } from "./projection.ts";

/**
 * What can be told of an incident. The stage that it entered, whatever it was before; `opened` and `reopened` for one that nobody has yet;
 * `updated` where something else changed.
 */
export const EVENT_TYPES = [
  "opened",
  "inProgress",
  "awaitingCustomerAction",
  "resolved",
  "redirected",
  "reopened",
  "updated",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Parts of an incident that a receiver may wait for a change of. */
export const EVENT_PARTS = [
  "status",
  "owner",
  "severity",
  "classification",
  "title",
  "description",
  "tags",
  "comments",
  "tasks",
  "alerts",
  "notification",
  "mergedFrom",
] as const;

export type EventPart = (typeof EVENT_PARTS)[number];

/** The transition from what a receiver was told last to what is so now. All texts are raw and hostile: a connector neutralises them. */
export interface LifecycleEvent extends EventTransition {
  /** The same for the same snapshot and connector, however often it is sent: 32 hex digits. */
  readonly id: string;
  readonly tenantId: TenantId;
  readonly incidentId: IncidentId;
  /** Orders the events of an incident. */
  readonly seq: number;
  /** The source's own word. */
  readonly status: string;
  /** When the source says that the newest change was made, milliseconds since 1970. */
  readonly at: number;
  /** Comments that the receiver was not told of before, oldest first. */
  readonly comments: readonly EventComment[];
  /** All that is known, as it is now. */
  readonly projection: Projection;
}

export interface EventTransition {
  readonly type: EventType;
  /** The stage that the receiver was told of last; undefined for its first event of this incident. */
  readonly from: Stage | undefined;
  /** Stages between `from` and the present one that it was not told of, oldest first. */
  readonly skipped: readonly Stage[];
  /** What differs from what it was told last, in the order of `EVENT_PARTS`; all of it in its first event. */
  readonly changed: readonly EventPart[];
}

export interface EventComment extends Comment {
  /** Stable for the same comment: 16 hex digits. */
  readonly id: string;
}
