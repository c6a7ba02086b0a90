import type { ConnectorId } from "../../connectors/connector.ts";
import { deltaOf } from "../../incident/delta.ts";
import type { Incident, IncidentId } from "../../incident/incident.ts";
import { isClosed, lifecycleOf } from "../../incident/lifecycle.ts";
import { msOfRevision } from "../../incident/revision.ts";
import type { SourceChange, StageStay } from "../../incident/snapshot.ts";
import { sourceText } from "../../incident/source-text.ts";
import { type Mark, type ReadingOrder, type StoredSnapshot, isReadAfter } from "../stored-snapshot.ts";

/** A second reading of a lower revision is believed after this long: a row from the future must not freeze its incident. */
const DOUBT_MS = 60_000;
const STAGES_KEPT = 50;
const MERGED_KEPT = 1_000;
const CHANGES_KEPT = 10;

export type Judgement =
  /** Nothing new. */
  | { readonly kind: "unchanged" }
  /** To be remembered, but no change: nothing is published. */
  | { readonly kind: "remember"; readonly snapshot: StoredSnapshot }
  /** A real change. */
  | { readonly kind: "change"; readonly snapshot: StoredSnapshot };

export interface Reading {
  readonly incident: Incident;
  readonly order: ReadingOrder;
  readonly now: number;
  /** What a change owes: the lanes of this tenant, `open` and `report`. */
  readonly marks: readonly Mark[];
}

/** Compares a reading with the snapshot kept. Total and pure. */
export function judgeReading(before: StoredSnapshot | undefined, reading: Reading): Judgement {
  const incident = withKeptParts(before?.incident, reading.incident);
  if (before === undefined) return { kind: "change", snapshot: changed(undefined, incident, reading, []) };

  const isSame = sourceText(before.incident) === sourceText(incident);
  if (incident.revision > before.incident.revision) {
    if (!isSame) return { kind: "change", snapshot: changed(before, incident, reading, before.mergedFrom) };
    return { kind: "remember", snapshot: { ...withoutDoubt(before), incident, read: reading.order } };
  }
  if (incident.revision === before.incident.revision) {
    if (!isReadAfter(reading.order, before.read)) return { kind: "unchanged" };
    // Whoever doubted the snapshot was wrong.
    if (isSame && before.doubt !== undefined) return { kind: "remember", snapshot: withoutDoubt(before) };
    if (isSame) return { kind: "unchanged" };
    return { kind: "change", snapshot: changed(before, incident, reading, before.mergedFrom) };
  }
  return judgeLower(before, incident, reading);
}

/** A row of lower revision is usually an old page; twice the same, a minute apart, it is the truth. */
function judgeLower(before: StoredSnapshot, incident: Incident, reading: Reading): Judgement {
  if (!isReadAfter(reading.order, before.read)) return { kind: "unchanged" };
  const { doubt } = before;
  if (doubt?.revision !== incident.revision) {
    const snapshot = { ...before, doubt: { revision: incident.revision, seenAt: reading.now } };
    return { kind: "remember", snapshot };
  }
  if (reading.now - doubt.seenAt < DOUBT_MS) return { kind: "unchanged" };
  return { kind: "change", snapshot: changed(before, incident, reading, before.mergedFrom) };
}

/** Incidents that go into a survivor together: one that was merged, and those merged into it before. */
export interface Merged {
  readonly losers: readonly IncidentId[];
  /** When the customer's turn began on one of them that was theirs at the merge; undefined where none was. */
  readonly handoverSince: number | undefined;
  /** Connectors that may have their tickets. */
  readonly toldLanes: readonly ConnectorId[];
}

/**
 * A snapshot that counts these incidents as merged into it; undefined where it does already. Where the survivor awaits the customer, its
 * clock starts at the earlier of the two.
 */
export function withMerged(
  before: StoredSnapshot,
  merged: Merged,
  now: number,
  marks: readonly Mark[],
): StoredSnapshot | undefined {
  const added = merged.losers.filter((id) => !before.mergedFrom.includes(id) && id !== before.incident.id);
  if (added.length === 0) return undefined;
  const mergedFrom = [...before.mergedFrom, ...added].slice(-MERGED_KEPT);
  const after = raised(
    {
      ...before,
      mergedFrom,
      ...withToldLanes(before, merged),
      ...earlierHandover(before, merged),
      changedAt: now,
      seenAt: now,
    },
    now,
    marks,
  );
  return { ...after, changes: withChange(before.changes, { seq: after.seq, changedAt: now, seenAt: now }) };
}

/** Whoever has the ticket of an incident gets to know of the one it went into. */
function withToldLanes({ toldLanes }: StoredSnapshot, merged: Merged): Pick<StoredSnapshot, "toldLanes"> {
  return toldLanes === undefined ? {} : { toldLanes: [...new Set([...toldLanes, ...merged.toldLanes])] };
}

function earlierHandover(before: StoredSnapshot, { handoverSince }: Merged): Pick<StoredSnapshot, "handover"> {
  const { handover } = before;
  if (handover === undefined || handoverSince === undefined) return {};
  return { handover: { since: Math.min(handover.since, handoverSince) } };
}

/** The same content under a new number, to be published again. */
export function raised(before: StoredSnapshot, now: number, marks: readonly Mark[]): StoredSnapshot {
  return {
    ...before,
    seq: nextSeq(before.seq, now),
    marks: [...new Set([...before.marks, ...marks])],
  };
}

function changed(
  before: StoredSnapshot | undefined,
  incident: Incident,
  reading: Reading,
  mergedFrom: readonly IncidentId[],
): StoredSnapshot {
  const lifecycle = lifecycleOf(incident);
  const updatedAt = msOfRevision(incident.revision);
  const delta = deltaOf(before?.incident, incident);
  const previous = before?.stages.at(-1);
  const isSameStay = previous?.stage === lifecycle.stage && previous.assignedTo === incident.assignedTo;
  const stay: StageStay = { stage: lifecycle.stage, since: updatedAt, assignedTo: incident.assignedTo };
  const isNewlyMerged = lifecycle.stage === "redirected" && lifecycle.into !== undefined;
  const endedHandover = before?.handover?.since ?? before?.handoverAtMerge;
  const survivor: readonly Mark[] = isNewlyMerged ? [`survivor:${lifecycle.into ?? ""}`] : [];
  // What is closed when it is first seen has no row to be taken from the open ones.
  const isNewAndClosed = before === undefined && isClosed(lifecycle.stage);
  const owed = isNewAndClosed ? reading.marks.filter((mark) => mark !== "open") : reading.marks;
  const seq = nextSeq(before?.seq ?? 0, reading.now);
  // Alerts and tasks are read when their turn comes: what they add is no change of the incident.
  const isOfParts = before !== undefined && delta.changed.every((field) => PARTS.has(field));
  const change = isOfParts
    ? { changedAt: before.changedAt, seenAt: before.seenAt }
    : { changedAt: updatedAt, seenAt: reading.now };
  return {
    incident,
    seq,
    stageSince: before !== undefined && previous?.stage === lifecycle.stage ? before.stageSince : updatedAt,
    ...(lifecycle.stage === "awaitingCustomerAction" ? { handover: before?.handover ?? { since: updatedAt } } : {}),
    stages: isSameStay ? (before?.stages ?? []) : [...(before?.stages ?? []), stay].slice(-STAGES_KEPT),
    firstSeenAt: before?.firstSeenAt ?? reading.now,
    ...change,
    changes: isOfParts ? before.changes : withChange(before?.changes ?? [], { seq, ...change }),
    ...(isNewlyMerged && endedHandover !== undefined ? { handoverAtMerge: endedHandover } : {}),
    mergedFrom,
    delta,
    ...toldLanesOf(before),
    marks: [...new Set([...(before?.marks ?? []), ...owed, ...survivor])],
    read: reading.order,
  };
}

/** Nobody was told of what is new. */
function toldLanesOf(before: StoredSnapshot | undefined): Pick<StoredSnapshot, "toldLanes"> {
  if (before === undefined) return { toldLanes: [] };
  return before.toldLanes === undefined ? {} : { toldLanes: before.toldLanes };
}

function withChange(changes: readonly SourceChange[], change: SourceChange): readonly SourceChange[] {
  return [...changes, change].slice(-CHANGES_KEPT);
}

function withoutDoubt(snapshot: StoredSnapshot): StoredSnapshot {
  const { doubt: _doubt, ...rest } = snapshot;
  return rest;
}

/** Fields that are read apart from the incident. */
const PARTS: ReadonlySet<string> = new Set(["alerts", "tasks", "notification"]);

/** A part that was not read keeps its last value: not read is never empty. */
function withKeptParts(before: Incident | undefined, after: Incident): Incident {
  const alerts = after.alerts ?? before?.alerts;
  const tasks = after.tasks ?? before?.tasks;
  const notification = after.notification ?? before?.notification;
  return {
    ...after,
    ...(alerts === undefined ? {} : { alerts }),
    ...(tasks === undefined ? {} : { tasks }),
    ...(notification === undefined ? {} : { notification }),
  };
}

function nextSeq(previous: number, now: number): number {
  return Math.max(previous + 1, now);
}
