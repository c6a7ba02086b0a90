import type { IncidentId } from "../../incident/incident.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { openRow, reportPartition } from "../keys.ts";
import type { Row } from "../ports/table.ts";

const ROWS_AT_ONCE = 50;
/** As long as rows are kept: 400 days, and the month they end in. */
export const MONTHS = 15;

/** Where going through a tenant's incidents goes on: those that are open, or all by the month of their creation, newest first. */
export interface WalkPlace {
  readonly kind: "open" | "all";
  /** Months back from this one; of "all" only. */
  readonly month: number;
  /** The row to go on with. */
  readonly from: string;
}

export function placeOfAll(): WalkPlace {
  return { kind: "all", month: 0, from: "" };
}

export function placeOfOpen(): WalkPlace {
  return { kind: "open", month: 0, from: openRow("" as IncidentId) };
}

interface Rows {
  /** Summaries of incidents. */
  readonly rows: readonly Row[];
  /** Undefined at the end. */
  readonly next: WalkPlace | undefined;
}

export async function rowsAt({ tables, tenant, clock }: DetectDeps, at: WalkPlace): Promise<Rows> {
  const isOpen = at.kind === "open";
  const rows = isOpen
    ? await tables.open.range(tenant.id, { from: at.from, to: "incident;", limit: ROWS_AT_ONCE })
    : await tables.report.range(reportPartition(tenant.id, monthBack(clock.now(), at.month)), {
        ...(at.from === "" ? {} : { from: at.from }),
        limit: ROWS_AT_ONCE,
      });
  const last = rows.at(-1);
  // A space sorts before every other character a name may hold.
  if (last !== undefined && rows.length === ROWS_AT_ONCE) return { rows, next: { ...at, from: `${last.row} ` } };
  const isEnd = isOpen || at.month + 1 >= MONTHS;
  return { rows, next: isEnd ? undefined : { ...at, month: at.month + 1, from: "" } };
}

export function monthBack(now: number, months: number): string {
  const today = new Date(now);
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - months, 1)).toISOString();
}
