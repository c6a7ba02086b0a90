import type { IncidentId } from "../incident/incident.ts";
import { type PollRun, publish } from "./poll-run.ts";
import { readSnapshot } from "./save-reading.ts";

const OWED_AT_ONCE = 50;

/** Tries again what an earlier poll could not send or write. A row goes when its incident owes nothing any more. */
export async function settleOwed(run: PollRun): Promise<void> {
  const { deps } = run;
  const rows = await deps.tables.open.range(deps.tenant.id, { from: "owed:", to: "owed;", limit: OWED_AT_ONCE });
  for (const row of rows) {
    const id = row.row.slice("owed:".length) as IncidentId;
    const held = await readSnapshot(deps, id);
    if (held !== undefined && held.snapshot.marks.length > 0) {
      await publish(run, [held]);
      const after = await readSnapshot(deps, id);
      if (after !== undefined && after.snapshot.marks.length > 0) continue;
    }
    await deps.tables.open.delete(deps.tenant.id, row.row, "any");
  }
}
