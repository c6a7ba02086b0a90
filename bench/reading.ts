import { parseArgs } from "node:util";
import { CONDITIONS, type Condition } from "./reading/conditions.ts";
import { type LargeTenant, startLargeTenant } from "./reading/large-tenant.ts";
import { pollFor, pollUntil } from "./reading/measure.ts";
import { type Reader, startReader } from "./reading/reader.ts";
import { HEAD, type ReadingRow, TEXT_COLUMNS, cellsOf, isMissed, notFlat } from "./reading/rows.ts";
import { tableOf } from "./table.ts";

const TOTALS = [1_000, 10_000, 100_000];
/** Of what is read when nothing changes any more, one size tells. */
const QUIET_HOUR_OF = 10_000;
const HOUR_MS = 60 * 60_000;
/** The configuration's default. */
const REQUESTS_PER_MINUTE = 25;

/**
 * Requests, bytes and losses of reading, by how many incidents there are and by what goes wrong; false where a bar
 * is missed. `--incidents N` for one size only, `--requests-per-minute N` for another budget than the default.
 */
export async function benchReading(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { incidents: { type: "string" }, "requests-per-minute": { type: "string" } },
  });
  const totals = values.incidents === undefined ? TOTALS : [Number(values.incidents)];
  const requestsPerMinute = Number(values["requests-per-minute"] ?? REQUESTS_PER_MINUTE);
  const startedAt = Date.now();
  const rows: ReadingRow[] = [];
  for (const total of totals) {
    const tenant = await startLargeTenant(total);
    try {
      rows.push(...(await measureAll(tenant, requestsPerMinute)));
    } finally {
      await tenant.close();
    }
  }
  console.log(tableOf(HEAD, rows.map(cellsOf), TEXT_COLUMNS));
  const uneven = notFlat(rows);
  const missed = rows.filter(isMissed).length;
  console.log(
    uneven.length === 0
      ? `flat: each condition costs as many requests of ${totals.map((total) => total.toLocaleString("en")).join(" as of ")} incidents`
      : `NOT FLAT: ${uneven.join("; ")}`,
  );
  console.log(
    `${rows.length - missed} of ${rows.length} rows within the bar; ${requestsPerMinute} requests a minute, a poll every 15 s; measured in ${Math.round((Date.now() - startedAt) / 1_000)} s`,
  );
  return uneven.length === 0 && missed === 0;
}

async function measureAll(tenant: LargeTenant, requestsPerMinute: number): Promise<readonly ReadingRow[]> {
  const rows: ReadingRow[] = [];
  for (const condition of CONDITIONS) {
    const reader = await startReader(tenant, requestsPerMinute);
    for (let part: Condition | undefined = condition; part !== undefined; part = part.next) {
      rows.push({ total: tenant.total, condition: part, measured: await measure(reader, part) });
    }
    tenant.graph.onPage(() => undefined);
    tenant.graph.unlistable.clear();
    tenant.graph.poisoned.clear();
  }
  if (tenant.total === QUIET_HOUR_OF) rows.push(await quietHour(await startReader(tenant, requestsPerMinute)));
  return rows;
}

async function measure(reader: Reader, condition: Condition): ReturnType<typeof pollUntil> {
  const ids = await condition.change(reader);
  await reader.wait();
  return pollUntil(reader, ids, () => condition.isDone?.(reader) ?? Promise.resolve(true));
}

/** What follows on 1,000 changes: their alerts, the overlap, the windows for late rows. */
async function quietHour(reader: Reader): Promise<ReadingRow> {
  const condition = CONDITIONS.find(({ name, changed }) => name === "clean" && changed === reader.tenant.ids.length);
  const ids = (await condition?.change(reader)) ?? [];
  await reader.wait();
  await pollUntil(reader, ids, () => Promise.resolve(true));
  await reader.wait();
  return { total: reader.tenant.total, condition: QUIET_HOUR, measured: await pollFor(reader, HOUR_MS) };
}

const QUIET_HOUR = { name: "the hour after, nothing changes", changed: 0 };
