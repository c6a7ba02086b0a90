import { describe, it } from "vitest";
import { createAzureTables } from "../../../shared/azure/azure-tables.ts";
import { describeTables } from "../../contract/tables.ts";
import { startAzurite } from "./start-azurite.ts";

const folder = process.env["AZURITE_PATH"] ?? "";

if (folder !== "") {
  describe("Azure Tables, as tables", () => {
    describeTables(
      async () => {
        const azurite = await startAzurite(folder);
        return {
          tables: createAzureTables({ connectionString: azurite.connectionString, timeoutMs: 20_000 }),
          close: () => azurite.stop(),
        };
      },
      { modelRuns: 10 },
    );
  });
} else {
  const missing = "the tables were not tried on Azurite: AZURITE_PATH names no folder with node_modules/azurite";
  process.stdout.write(`${missing}\n`);
  describe("Azure Tables, as tables", () => {
    it("were tried where the tools are required", () => {
      if (process.env["CI_REQUIRES_TOOLS"] === "1") throw new Error(missing);
    });
  });
}
