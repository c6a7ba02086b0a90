import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { incidentPartition, reportPartition } from "../keys.ts";
import type { Clock } from "../ports/clock.ts";
import type { Table, Tables } from "../ports/table.ts";
import { monthBack } from "../repair/walk-rows.ts";

export interface ForgottenStep {
  /** Incidents of which nothing is kept any more. */
  readonly incidents: number;
  /** The month to go on with, counted back from this one; undefined where nothing of the tenant is left. */
  readonly next: number | undefined;
}

const STEP_MS = 15_000;
const INCIDENTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 100;
/** Twenty years: incidents are listed by the month of their creation, and a backfill may have reached far back. */
const MONTHS_LOOKED = 240;

/**
 * One step of deleting everything that is kept of a tenant: snapshots, links, ledgers, lists, parked work and what steers its reading. An
 * incident's own rows go before the row that lists it, so a step that was cut short is done again and loses sight of nothing. Tickets
 * stay, and so does what operators did, with its reasons.
 */
export async function forgetStep(
  deps: { readonly tables: Tables; readonly clock: Clock },
  tenant: TenantId,
  fromMonth: number,
): Promise<ForgottenStep> {
  const { tables, clock } = deps;
  const until = clock.now() + STEP_MS;
  let incidents = 0;
  for (let month = fromMonth; month < MONTHS_LOOKED; month += 1) {
    // A month begins meanwhile at most once: it is looked at from the one before this.
    const partition = reportPartition(tenant, monthBack(clock.now(), month));
    for (;;) {
      const listed = await tables.report.range(partition, { limit: INCIDENTS_AT_ONCE });
      if (listed.length === 0) break;
      for (const { row } of listed) await clear(tables.incident, incidentPartition(tenant, row as IncidentId));
      await remove(
        tables.report,
        partition,
        listed.map(({ row }) => row),
      );
      incidents += listed.length;
      if (clock.now() >= until) return { incidents, next: month };
    }
    if (clock.now() >= until) return { incidents, next: month + 1 };
  }
  // What is open is listed once more: a report row may have been lost.
  for (const { row } of await tables.open.range(tenant, { from: "incident:", to: "incident;" })) {
    await clear(tables.incident, incidentPartition(tenant, row.slice("incident:".length) as IncidentId));
  }
  for (const table of [tables.open, tables.parked, tables.control]) await clear(table, tenant);
  return { incidents, next: undefined };
}

async function clear(table: Table, partition: string): Promise<void> {
  for (;;) {
    const rows = await table.range(partition, { limit: ROWS_AT_ONCE });
    if (rows.length === 0) return;
    await remove(
      table,
      partition,
      rows.map(({ row }) => row),
    );
  }
}

async function remove(table: Table, partition: string, rows: readonly string[]): Promise<void> {
  if (rows.length === 0) return;
  await table.batch(
    partition,
    rows.map((row) => ({ kind: "delete", row, condition: "any" })),
  );
}
