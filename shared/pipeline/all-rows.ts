import type { Table } from "./ports/table.ts";

const ROWS_AT_ONCE = 1_000;
/** Reading stops here: whoever counts then counts at least so many. */
const MOST_ROWS = 20_000;

/** Every row of a partition whose name begins so. */
export async function allRows<T>(table: Table, partition: string, prefix: string): Promise<readonly T[]> {
  const rows: T[] = [];
  let from = prefix;
  const to = prefix === "" ? undefined : prefix.replace(/:$/, ";");
  while (rows.length < MOST_ROWS) {
    const page = await table.range(partition, {
      ...(from === "" ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      limit: ROWS_AT_ONCE,
    });
    rows.push(...page.map((row) => row.value as T));
    const last = page.at(-1);
    if (last === undefined || page.length < ROWS_AT_ONCE) break;
    // The next name there can be: a space sorts before every other character a name may hold.
    from = `${last.row} `;
  }
  return rows;
}
