import type { IncidentId } from "../incident/incident.ts";
import { isSafeId } from "../incident/correlation-key.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { withMerged } from "./judge-reading.ts";
import { ConflictError } from "./ports/table.ts";
import { type HeldSnapshot, marksOwed, readSnapshot, saveChange, saveReading } from "./save-reading.ts";
import type { ReadingOrder } from "./stored-snapshot.ts";

const ATTEMPTS = 5;

/**
 * The loser's worker never writes the survivor's ticket: the survivor's snapshot is raised and lists what was merged into it.
 * The survivor of an incident in scope is in scope, so one that is not known is read and taken. Answers what must be discharged,
 * or undefined where the survivor could not be had now.
 */
export async function raiseSurvivorOf(
  deps: DetectDeps,
  merge: { readonly loser: IncidentId; readonly survivor: IncidentId },
  nextOrder: () => ReadingOrder,
  signal: AbortSignal,
): Promise<readonly HeldSnapshot[] | undefined> {
  if (!isSafeId(merge.survivor)) {
    deps.log.warn("the survivor's id is not one of Defender's", { tenantId: deps.tenant.id, incidentId: merge.loser });
    return [];
  }
  const known = (await readSnapshot(deps, merge.survivor)) !== undefined;
  if (!known && !(await takeIn(deps, merge.survivor, nextOrder(), signal))) return undefined;
  for (let attempt = 1; ; attempt += 1) {
    const before = await readSnapshot(deps, merge.survivor);
    if (before === undefined) return undefined;
    const now = deps.clock.now();
    const snapshot = withMerged(before.snapshot, merge.loser, now, marksOwed(deps));
    if (snapshot === undefined) return before.snapshot.marks.length === 0 ? [] : [before];
    try {
      const etag = await saveChange(deps, snapshot, before.etag);
      deps.log.info("survivor raised", { tenantId: deps.tenant.id, incidentId: merge.survivor, merged: merge.loser });
      return [{ snapshot, etag }];
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function takeIn(deps: DetectDeps, id: IncidentId, order: ReadingOrder, signal: AbortSignal): Promise<boolean> {
  const row = await deps.source.get(id, signal);
  if (row === undefined || row.kind === "malformed") {
    deps.log.warn("the survivor of a merge could not be read", { tenantId: deps.tenant.id, incidentId: id });
    return false;
  }
  await saveReading(deps, row.incident, order, { takeAnyway: true });
  return true;
}
