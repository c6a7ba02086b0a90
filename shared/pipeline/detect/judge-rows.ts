import { isInScope } from "../../incident/scope.ts";
import type { DetectDeps } from "./detect-deps.ts";
import { judgeReading } from "./judge-reading.ts";
import type { SourceRow } from "../ports/source.ts";
import { readSnapshot, withoutAge } from "./save-reading.ts";

export interface RowCounts {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly outOfScope: number;
}

/** What saving these rows would do, without doing it. Rows that are none count as unchanged: they would be parked. */
export async function judgeRows(deps: DetectDeps, rows: readonly SourceRow[]): Promise<RowCounts> {
  const verdicts = await Promise.all(rows.map((row) => judgeRow(deps, row)));
  const count = (name: keyof RowCounts): number => verdicts.filter((verdict) => verdict === name).length;
  return {
    created: count("created"),
    changed: count("changed"),
    unchanged: count("unchanged"),
    outOfScope: count("outOfScope"),
  };
}

async function judgeRow(deps: DetectDeps, row: SourceRow): Promise<keyof RowCounts> {
  if (row.kind === "malformed") return "unchanged";
  const before = await readSnapshot(deps, row.incident.id);
  if (before === undefined) return isInScope(row.incident, withoutAge(deps.tenant.scope)) ? "created" : "outOfScope";
  const order = { fence: Number.MAX_SAFE_INTEGER, counter: 0 };
  const judgement = judgeReading(before.snapshot, { incident: row.incident, order, now: deps.clock.now(), marks: [] });
  return judgement.kind === "change" ? "changed" : "unchanged";
}
