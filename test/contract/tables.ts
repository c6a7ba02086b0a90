import { afterAll, beforeAll } from "vitest";
import type { Tables } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";
import { describeBatches } from "./tables-batch.ts";
import { describeConditions } from "./tables-conditions.ts";
import { describeModel } from "./tables-model.ts";
import { describeNames } from "./tables-names.ts";
import { describeReads } from "./tables-reads.ts";
import { describeValues } from "./tables-values.ts";

export interface OpenTables {
  readonly tables: Tables;
  close(): Promise<void>;
}

/** What every adapter of the table port must do. Each test has a partition of its own, so that an adapter may be shared. */
export function describeTables(open: () => Promise<OpenTables>, options: { readonly modelRuns: number }): void {
  let opened: OpenTables;
  let partitions = 0;
  const run = Math.random().toString(36).slice(2, 10);

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(async () => {
    await opened.close();
  });

  function fresh(): FreshPartition {
    partitions += 1;
    return { table: opened.tables.incident, partition: `${run}:${partitions}:` };
  }

  describeConditions(fresh, () => opened.tables);
  describeBatches(fresh);
  describeReads(fresh);
  describeNames(fresh);
  describeValues(fresh, options.modelRuns);
  describeModel(fresh, options.modelRuns);
}
