import { PermanentError } from "../errors.ts";
import type { IncidentId } from "../incident/incident.ts";
import { type PollRun, publish } from "./poll-run.ts";
import { readSnapshot } from "./save-reading.ts";

const OWED_AT_ONCE = 50;

/** Tries again what an earlier poll could not send or write. A row goes when its incident owes nothing any more. */
export async function settleOwed(run: PollRun): Promise<void> {
  const { deps } = run;
  const rows = await deps.tables.open.range(deps.tenant.id, { from: "owed:", to: "owed;", limit: OWED_AT_ONCE });
  for (const row of rows) {
    try {
      await settle(run, row.row);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      deps.log.error("what is owed cannot be settled", {
        tenantId: deps.tenant.id,
        incidentId: row.row.slice("owed:".length),
        reason: error.reason,
      });
    }
  }
}

async function settle(run: PollRun, row: string): Promise<void> {
  const { deps } = run;
  const id = row.slice("owed:".length) as IncidentId;
  const held = await readSnapshot(deps, id);
  if (held !== undefined && held.snapshot.marks.length > 0) {
    await publish(run, [held]);
    const after = await readSnapshot(deps, id);
    if (after !== undefined && after.snapshot.marks.length > 0) return;
  }
  await deps.tables.open.delete(deps.tenant.id, row, "any");
}
