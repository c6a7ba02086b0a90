import type { Link } from "../link.ts";
import { ledgerRow } from "../keys.ts";
import type { Condition, ETag } from "../ports/table.ts";
import type { SyncOutcome, LanePass } from "./sync-deps.ts";

/** Writes the link over exactly the version this pass knows; `ConflictError` where another worker was here. */
export async function putLink(pass: LanePass, link: Link): Promise<void> {
  pass.etag = await pass.deps.tables.incident.put(pass.partition, pass.row, link, conditionOf(pass.etag));
  pass.link = link;
}

/** What was decided, for the incident's ledger. */
export interface LedgerEntry {
  readonly outcome: SyncOutcome;
  readonly fields: readonly string[];
  readonly notes: number;
}

/** The link and one line in the ledger, in one batch. */
export async function saveLink(pass: LanePass, link: Link, entry: LedgerEntry): Promise<void> {
  const at = pass.deps.clock.now();
  const [etag] = await pass.deps.tables.incident.batch(pass.partition, [
    { kind: "put", row: pass.row, value: link, condition: conditionOf(pass.etag) },
    {
      kind: "put",
      row: ledgerRow(at, `${pass.deps.connector.id}:${entry.outcome}:${pass.snapshot.seq}`),
      value: { at, seq: pass.snapshot.seq, connector: pass.deps.connector.id, ...entry },
      condition: "any",
    },
  ]);
  pass.etag = etag ?? "";
  pass.link = link;
}

function conditionOf(etag: ETag | undefined): Condition {
  return etag === undefined ? "absent" : { etag };
}
