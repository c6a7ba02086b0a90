import { PermanentError, RetryableError } from "../../errors.ts";
import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { dischargeMarks } from "./discharge-marks.ts";
import { raised } from "./judge-reading.ts";
import { ConflictError } from "../ports/table.ts";
import { type HeldSnapshot, marksOwed, readSnapshot, saveChange } from "./save-reading.ts";

const ATTEMPTS = 5;

/**
 * Publishes incidents again that are known. That reads nothing from the source, so it needs neither the lease nor the budget: each
 * snapshot's ETag guards it. Answers those that a poll must look at: they are not known, or could not be published now.
 */
export async function republishKnown(deps: DetectDeps, ids: readonly string[]): Promise<readonly string[]> {
  const left: string[] = [];
  for (const id of new Set(ids)) {
    try {
      const held = isSafeId(id) ? await raiseKnown(deps, id as IncidentId) : undefined;
      // A survivor that is still to be raised may have to be read: the row of what is owed brings it to the next poll.
      if (held === undefined) left.push(id);
      else await dischargeMarks(deps, [held], () => Promise.resolve(false));
    } catch (error) {
      if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
      left.push(id);
    }
  }
  return left;
}

/** The same content under a new number, saved and still to be published; undefined where the incident is not known. */
export async function raiseKnown(deps: DetectDeps, id: IncidentId): Promise<HeldSnapshot | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await readSnapshot(deps, id);
    if (before === undefined) return undefined;
    const snapshot = raised(before.snapshot, deps.clock.now(), marksOwed(deps));
    try {
      return await saveChange(deps, snapshot, before.etag);
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}
