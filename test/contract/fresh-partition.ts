import type { Table } from "../../shared/pipeline/ports/table.ts";

/** A partition that nobody else uses. */
export interface FreshPartition {
  readonly table: Table;
  readonly partition: string;
}
