import type { Incident, IncidentId } from "../../incident/incident.ts";
import { type Scope, isInScope } from "../../incident/scope.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { MOST_CUT, cutTo, fits } from "./fit-row.ts";
import { type Judgement, type Reading, judgeReading } from "./judge-reading.ts";
import { SNAPSHOT_ROW, incidentPartition, ledgerRow } from "../keys.ts";
import { ConflictError, type ETag } from "../ports/table.ts";
import { isSourceChange } from "../../incident/snapshot.ts";
import { withRoutes } from "../routed-lanes.ts";
import {
  type CutLevel,
  type Mark,
  type ReadingOrder,
  type StoredSnapshot,
  packSnapshot,
  unpackSnapshot,
} from "../stored-snapshot.ts";

/** A snapshot as it lies in the table. */
export interface HeldSnapshot {
  readonly snapshot: StoredSnapshot;
  readonly etag: ETag;
}

const ATTEMPTS = 5;

/** Every mark a change of this tenant owes. */
export function marksOwed(deps: DetectDeps): readonly Mark[] {
  return [...deps.tenant.lanes.map((lane): Mark => `lane:${lane}`), "open", "report"];
}

export async function readSnapshot(deps: DetectDeps, id: IncidentId): Promise<HeldSnapshot | undefined> {
  const row = await deps.tables.incident.get(incidentPartition(deps.tenant.id, id), SNAPSHOT_ROW);
  return row === undefined ? undefined : { snapshot: unpackSnapshot(row.value), etag: row.etag };
}

export interface SaveOptions {
  /** Whatever the scope says: the survivor of an incident in scope, or one that somebody named. */
  readonly takeAnyway?: boolean;
  /** Whatever its age: a backfill asks for what lies before the scope's bound. */
  readonly isOfAnyAge?: boolean;
}

export function withoutAge(scope: Scope): Scope {
  return { ...scope, createdAfter: "" };
}

/** What a reading led to: `isOwing` where marks are to be discharged; without it, the source touched the incident but changed nothing of it. */
export interface SaveOutcome extends HeldSnapshot {
  readonly isOwing: boolean;
}

/** Saves a reading where it says something new; undefined where there is nothing to do. */
export async function saveReading(
  deps: DetectDeps,
  incident: Incident,
  order: ReadingOrder,
  options: SaveOptions = {},
): Promise<SaveOutcome | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await readSnapshot(deps, incident.id);
    if (before === undefined && options.takeAnyway !== true && !isInScope(incident, scopeOf(deps, options))) {
      return undefined;
    }
    const now = deps.clock.now();
    const judgement = judgeInShort(before?.snapshot, { incident, order, now, marks: marksOwed(deps) });
    if (judgement.kind === "unchanged")
      return before === undefined || before.snapshot.marks.length === 0 ? undefined : { ...before, isOwing: true };
    try {
      tellCut(deps, before?.snapshot, judgement.snapshot);
      if (judgement.kind === "change") {
        const held = await saveChange(deps, judgement.snapshot, before?.etag);
        deps.log.info("change saved", logFields(held.snapshot));
        measureChange(deps, held.snapshot);
        return { ...held, isOwing: true };
      }
      const etag = await putSnapshot(deps, judgement.snapshot, before?.etag);
      return { snapshot: judgement.snapshot, etag, isOwing: judgement.snapshot.marks.length > 0 };
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Judges a reading, cut to what a row holds. */
function judgeInShort(before: StoredSnapshot | undefined, reading: Reading): Judgement {
  for (let level: CutLevel = before?.cutLevel ?? 0; ; level = (level + 1) as CutLevel) {
    const incident = cutTo(level, reading.incident, before?.incident);
    const judgement = judgeReading(before, { ...reading, incident });
    if (judgement.kind === "unchanged") return judgement;
    const snapshot = level === 0 ? judgement.snapshot : { ...judgement.snapshot, cutLevel: level };
    if (level === MOST_CUT || fits(snapshot)) return { kind: judgement.kind, snapshot };
  }
}

function tellCut(deps: DetectDeps, before: StoredSnapshot | undefined, { incident, cutLevel }: StoredSnapshot): void {
  if (cutLevel === undefined || cutLevel === before?.cutLevel) return;
  deps.log.warn("an incident is too large for its row; it is kept in short", {
    tenantId: incident.tenantId,
    incidentId: incident.id,
    cutLevel,
  });
}

function scopeOf(deps: DetectDeps, options: SaveOptions): Scope {
  return options.isOfAnyAge === true ? withoutAge(deps.tenant.scope) : deps.tenant.scope;
}

/** The snapshot, owing the lanes that hear of it, and its line in the ledger, in one batch. */
export async function saveChange(
  deps: DetectDeps,
  changed: StoredSnapshot,
  etag: ETag | undefined,
): Promise<HeldSnapshot> {
  const snapshot = withRoutes(deps.tenant, changed);
  const { incident, delta, seq } = snapshot;
  const [saved] = await deps.tables.incident.batch(incidentPartition(incident.tenantId, incident.id), [
    {
      kind: "put",
      row: SNAPSHOT_ROW,
      value: packSnapshot(snapshot),
      condition: etag === undefined ? "absent" : { etag },
    },
    {
      kind: "put",
      row: ledgerRow(seq, "change"),
      value: { seq, from: delta.from ?? null, to: delta.to, changed: delta.changed, changedAt: snapshot.changedAt },
      condition: "any",
    },
  ]);
  return { snapshot, etag: saved ?? "" };
}

export async function putSnapshot(deps: DetectDeps, snapshot: StoredSnapshot, etag: ETag | undefined): Promise<ETag> {
  const { incident } = snapshot;
  return deps.tables.incident.put(
    incidentPartition(incident.tenantId, incident.id),
    SNAPSHOT_ROW,
    packSnapshot(snapshot),
    etag === undefined ? "absent" : { etag },
  );
}

function logFields(snapshot: StoredSnapshot): Record<string, string | number> {
  return {
    tenantId: snapshot.incident.tenantId,
    incidentId: snapshot.incident.id,
    seq: snapshot.seq,
    from: snapshot.delta.from ?? "new",
    to: snapshot.delta.to,
    changed: snapshot.delta.changed.join(","),
    lateMs: snapshot.seenAt - snapshot.changedAt,
  };
}

function measureChange({ metrics }: DetectDeps, snapshot: StoredSnapshot): void {
  const tenant = snapshot.incident.tenantId;
  metrics.add("dexsync.deltas", 1, { tenant, stage: snapshot.delta.to });
  if (isSourceChange(snapshot)) {
    metrics.record("dexsync.lag.seen", (snapshot.seenAt - snapshot.changedAt) / 1_000, { tenant });
  }
}
