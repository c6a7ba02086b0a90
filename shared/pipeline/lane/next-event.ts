import { assertNever } from "../../assert-never.ts";
import type { ConnectorId } from "../../connectors/connector.ts";
import { canonicalText } from "../../incident/canonical-text.ts";
import {
  EVENT_PARTS,
  type EventComment,
  type EventPart,
  type EventTransition,
  type EventType,
  type LifecycleEvent,
} from "../../incident/lifecycle-event.ts";
import { type Stage, isClosed } from "../../incident/lifecycle.ts";
import type { Projection } from "../../incident/projection.ts";
import type { Snapshot } from "../../incident/snapshot.ts";
import { digestOf } from "../digest.ts";
import type { SentEvent } from "../link.ts";
import { notesOf } from "./notes-of.ts";

/** What a receiver was told last, as its link has it. */
export interface Told {
  readonly event: SentEvent;
  /** By part: a digest of what was told. */
  readonly parts: Readonly<Record<string, string>>;
  /** Ids of comments. */
  readonly comments: readonly string[];
}

/** The same, or nothing yet. */
export type ToldBefore = Omit<Told, "event"> & { readonly event: SentEvent | undefined };

export interface NextEvent {
  readonly event: LifecycleEvent;
  /** What the receiver was told once it has taken the event. */
  readonly told: Told;
}

/** What a receiver knows of the parts once there is nothing more to tell it: a part that was not read keeps what was told of it. */
export function partsKnown(
  snapshot: Snapshot,
  projection: Projection,
  before: Told["parts"],
): Readonly<Record<string, string>> {
  return { ...before, ...partsOf(snapshot, projection) };
}

/** The event that brings a receiver from what it was told last to the snapshot; undefined where that says it already. Pure. */
export function nextEvent(
  connector: ConnectorId,
  snapshot: Snapshot,
  projection: Projection,
  told: ToldBefore,
): NextEvent | undefined {
  const parts = partsKnown(snapshot, projection, told.parts);
  const transition = transitionOf(snapshot, projection, told, parts);
  if (transition === undefined) return undefined;
  const all = commentsOf(projection);
  const known = new Set(told.comments);
  const comments = all.filter(({ id }) => !known.has(id));
  const since = snapshot.stageSince;
  const event: SentEvent = {
    ...transition,
    seq: snapshot.seq,
    at: snapshot.changedAt,
    stage: projection.lifecycle.stage,
    since,
    comments: comments.map(({ id }) => id),
  };
  return {
    event: eventOf(connector, snapshot, projection, event),
    told: { event, parts, comments: all.map(({ id }) => id) },
  };
}

/** An event as it was sent, under its own id; what the incident is by now goes with it. */
export function eventOf(
  connector: ConnectorId,
  { incident }: Snapshot,
  projection: Projection,
  { type, from, skipped, changed, seq, at, comments }: SentEvent,
): LifecycleEvent {
  const { tenantId, id: incidentId } = incident;
  const wanted = new Set(comments);
  return {
    id: digestOf([tenantId, incidentId, connector, seq]),
    tenantId,
    incidentId,
    seq,
    status: incident.status,
    at,
    type,
    from,
    skipped,
    changed,
    comments: commentsOf(projection).filter(({ id }) => wanted.has(id)),
    projection,
  };
}

function transitionOf(
  snapshot: Snapshot,
  projection: Projection,
  { event, parts: before }: ToldBefore,
  parts: Readonly<Record<string, string>>,
): EventTransition | undefined {
  const changed = EVENT_PARTS.filter((part) =>
    event === undefined ? parts[part] !== undefined : isNews(part, before[part], parts[part], projection),
  );
  const runs = runsOf(snapshot);
  const from = event?.stage;
  const skipped = skippedOf(runs.slice(0, -1), event);
  const to = runs.at(-1)?.stage ?? "unrecognised";
  // A snapshot that was lost and read anew has other times.
  const isSameStay = from === to && (event?.since === snapshot.stageSince || skipped.length === 0);
  if (isSameStay && changed.length === 0) return undefined;
  const type = isSameStay ? "updated" : typeOf(to, from, skipped);
  return { type, from, skipped: isSameStay ? [] : skipped, changed };
}

/** What a first reading of a part shows was there all along: it is news only where it asks for something. */
function isNews(part: EventPart, before: string | undefined, now: string | undefined, projection: Projection): boolean {
  if (now === undefined || now === before) return false;
  if (before !== undefined) return true;
  if (part === "alerts") return projection.pendingApprovals > 0;
  return part !== "tasks" || (projection.tasks ?? []).length > 0;
}

function typeOf(to: Stage, from: Stage | undefined, skipped: readonly Stage[]): EventType {
  const wasClosed = [...(from === undefined ? [] : [from]), ...skipped].some((stage) => isClosed(stage));
  switch (to) {
    case "inProgress":
      return wasClosed ? "reopened" : "inProgress";
    case "active":
    case "unrecognised":
      if (wasClosed && to === "active") return "reopened";
      return from === undefined ? "opened" : "updated";
    case "awaitingCustomerAction":
    case "resolved":
    case "redirected":
      return to;
    default:
      return assertNever(to);
  }
}

/** Stays in a stage, whoever had the incident in them; the present one last. */
function runsOf({ stages }: Snapshot): readonly { readonly stage: Stage; readonly since: number }[] {
  return stages.filter(({ stage }, index) => stages[index - 1]?.stage !== stage);
}

function skippedOf(earlier: ReturnType<typeof runsOf>, event: SentEvent | undefined): readonly Stage[] {
  if (event === undefined) return earlier.map(({ stage }) => stage);
  const at = earlier.findLastIndex(({ stage, since }) => stage === event.stage && since === event.since);
  // Only the newest stays are kept: where the one told is gone, all of them came after it.
  return earlier.slice(at + 1).map(({ stage }) => stage);
}

/** A part that was not read is left out. */
function partsOf({ incident }: Snapshot, projection: Projection): Partial<Record<EventPart, string>> {
  const { tasks, alerts, notification } = projection;
  return {
    status: digest([incident.status, incident.redirectIncidentId]),
    owner: digest([projection.assignedTo, projection.ball]),
    severity: digest(projection.severityRaw),
    classification: digest([projection.classificationRaw, projection.determination]),
    title: digest(projection.title),
    description: digest([projection.description, projection.summary, projection.resolvingComment]),
    tags: digest([projection.customTags, incident.systemTags].map((tags) => tags.toSorted())),
    comments: digest(commentsOf(projection).map(({ id }) => id)),
    ...(tasks === undefined ? {} : { tasks: digest(tasks) }),
    ...(alerts === undefined ? {} : { alerts: digest([alerts.count, projection.pendingApprovals]) }),
    ...(notification === undefined ? {} : { notification: digest(notification) }),
    mergedFrom: digest(projection.mergedFrom),
  };
}

function digest(value: unknown): string {
  return digestOf([canonicalText(value)], 16);
}

function commentsOf(projection: Projection): readonly EventComment[] {
  return notesOf(projection).map(({ id, author, createdAt, text }) => ({ id, author, createdAt, text }));
}
