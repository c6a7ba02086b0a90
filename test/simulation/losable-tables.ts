import type { Table, Tables } from "../../shared/pipeline/ports/table.ts";

const MOST_ROWS = 1_000;
const TABLES = ["incident", "open", "report", "parked", "control"] as const;

/** Tables that can be emptied whole. What was read before matches no row that is written after: versions go on. */
export function losableTables(tables: Tables): { readonly tables: Tables; lose(): Promise<void> } {
  const known = new Map(TABLES.map((name) => [name, new Set<string>()]));
  return {
    tables: {
      incident: remembering("incident"),
      open: remembering("open"),
      report: remembering("report"),
      parked: remembering("parked"),
      control: remembering("control"),
    },
    async lose() {
      for (const [name, partitions] of known) {
        for (const partition of partitions) await empty(tables[name], partition);
        partitions.clear();
      }
    },
  };

  function remembering(name: (typeof TABLES)[number]): Table {
    const table = tables[name];
    const note = (partition: string): void => void known.get(name)?.add(partition);
    return {
      ...table,
      put(partition, ...rest) {
        note(partition);
        return table.put(partition, ...rest);
      },
      batch(partition, writes) {
        note(partition);
        return table.batch(partition, writes);
      },
    };
  }
}

async function empty(table: Table, partition: string): Promise<void> {
  for (;;) {
    const rows = await table.range(partition, { limit: MOST_ROWS });
    for (const { row } of rows) await table.delete(partition, row, "any");
    if (rows.length < MOST_ROWS) return;
  }
}
