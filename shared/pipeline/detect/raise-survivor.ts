import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { lifecycleOf } from "../../incident/lifecycle.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { type Merged, withMerged } from "./judge-reading.ts";
import { ANSWERED_ROW, incidentPartition } from "../keys.ts";
import { putOwed } from "./owed.ts";
import { ConflictError } from "../ports/table.ts";
import { type HeldSnapshot, marksOwed, readSnapshot, saveChange, saveReading } from "./save-reading.ts";
import type { ReadingOrder, StoredSnapshot } from "../stored-snapshot.ts";
import { wantAlertsBy } from "./want-alerts.ts";

const ATTEMPTS = 5;
/** A merged incident's survivor may be merged in turn; no further than this is followed. */
const HOPS = 5;
/** A survivor that the source does not know is asked for this long: rows come up to a day late. */
const UNKNOWN_FOR_MS = 25 * 60 * 60_000;

/** How survivors that are not known yet may be asked for. */
export interface LookUp {
  readonly mayAsk: () => boolean;
  readonly nextOrder: () => ReadingOrder;
}

export interface Raised {
  /** To be discharged. */
  readonly raised: readonly HeldSnapshot[];
  /** False where a survivor could not be had now. */
  readonly isComplete: boolean;
}

/**
 * The loser's worker never writes the survivor's ticket: the survivor's snapshot is raised and lists what was merged into it, those merged
 * into the loser before included. Where the survivor was merged too, so is the next one. The survivor of an incident in scope is in scope,
 * so one that is not known is read and taken.
 */
export async function raiseSurvivorOf(
  deps: DetectDeps,
  loser: StoredSnapshot,
  lookUp: LookUp,
  signal: AbortSignal,
): Promise<Raised> {
  let merged: Merged = {
    losers: [loser.incident.id, ...loser.mergedFrom],
    handoverSince: loser.handoverAtMerge,
    toldLanes: loser.toldLanes ?? deps.tenant.lanes,
  };
  const passed = new Set<string>([loser.incident.id]);
  const raised: HeldSnapshot[] = [];
  let next: IncidentId | undefined = intoOf(loser);
  for (let hop = 1; next !== undefined; hop += 1) {
    if (!isSafeId(next) || passed.has(next) || hop > HOPS) {
      deps.log.warn("a merge leads in a circle, too far, or to no incident", {
        tenantId: deps.tenant.id,
        incidentId: loser.incident.id,
      });
      break;
    }
    passed.add(next);
    const known = await readSnapshot(deps, next);
    if (known === undefined && !lookUp.mayAsk()) return { raised, isComplete: false };
    const held = known ?? (await takeIn(deps, next, lookUp.nextOrder(), signal));
    if (held === undefined) {
      if (deps.clock.now() - loser.seenAt < UNKNOWN_FOR_MS) return { raised, isComplete: false };
      deps.log.error("the survivor of a merge is not known to the source", {
        tenantId: deps.tenant.id,
        incidentId: loser.incident.id,
      });
      break;
    }
    const after = await raise(deps, held, merged);
    if (after.snapshot.marks.length > 0) {
      // Found again whatever happens before it is published: further up the chain, or once the loser's mark is cleared.
      await putOwed(deps, after.snapshot.incident.id);
      raised.push(after);
    }
    merged = { ...merged, handoverSince: carriedOn(merged, after.snapshot) };
    next = intoOf(after.snapshot);
  }
  return { raised, isComplete: true };
}

/** A handover ends where it is merged into an incident that was not the customer's turn: whichever of two merges is read first. */
function carriedOn({ handoverSince }: Merged, { handoverAtMerge }: StoredSnapshot): number | undefined {
  if (handoverSince === undefined || handoverAtMerge === undefined) return undefined;
  return Math.min(handoverSince, handoverAtMerge);
}

function intoOf({ incident }: StoredSnapshot): IncidentId | undefined {
  const lifecycle = lifecycleOf(incident);
  return lifecycle.stage === "redirected" ? lifecycle.into : undefined;
}

async function raise(deps: DetectDeps, known: HeldSnapshot, merged: Merged): Promise<HeldSnapshot> {
  let before = known;
  for (let attempt = 1; ; attempt += 1) {
    const snapshot = withMerged(before.snapshot, merged, deps.clock.now(), marksOwed(deps));
    if (snapshot === undefined) return before;
    try {
      const after = await saveChange(deps, snapshot, before.etag);
      deps.log.info("survivor raised", {
        tenantId: deps.tenant.id,
        incidentId: snapshot.incident.id,
        merged: merged.losers.length,
      });
      return after;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      before = (await readSnapshot(deps, snapshot.incident.id)) ?? before;
    }
  }
}

/** The source may answer a merged incident's id with the incident it went into. */
async function takeIn(
  deps: DetectDeps,
  id: IncidentId,
  order: ReadingOrder,
  signal: AbortSignal,
): Promise<HeldSnapshot | undefined> {
  const row = await deps.source.get(id, signal);
  if (row === undefined || row.kind === "malformed") {
    deps.log.warn("the survivor of a merge could not be read", { tenantId: deps.tenant.id, incidentId: id });
    return undefined;
  }
  if (row.incident.id !== id) await noteAnsweredBy(deps, id, row.incident.id);
  // Wanted first: dying in between, nothing else would want them.
  await wantAlertsBy(deps, row.incident.id, deps.clock.now());
  await saveReading(deps, row.incident, order, { takeAnyway: true });
  return await readSnapshot(deps, row.incident.id);
}

/** Whoever looks for the ticket of what was merged into `id` finds the way on. */
async function noteAnsweredBy(deps: DetectDeps, id: IncidentId, by: IncidentId): Promise<void> {
  await deps.tables.incident.put(incidentPartition(deps.tenant.id, id), ANSWERED_ROW, { by }, "any");
}
