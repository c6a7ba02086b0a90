import { describe } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import { describeTables } from "../../contract/tables.ts";

describe("memory tables", () => {
  describeTables(() => Promise.resolve({ tables: createMemoryTables(), close: () => Promise.resolve() }), {
    modelRuns: 300,
  });
});
