// Writes what ships beside the code from the code: the JSON Schemas it checks with, the page of who wins which field, and the tables of what each tool gets.
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { ConfigSchema } from "../shared/config/schema.ts";
import { DeltaMessageSchema } from "../shared/pipeline/schema.ts";
import { CONNECTOR_KINDS } from "../shared/config/connector-kinds.ts";
import { withMappingTables } from "./mapping-tables.ts";
import { ownershipPage } from "./ownership-page.ts";

const SCHEMAS = {
  "dex-sync.config.schema.json": ConfigSchema,
  "docs/delta.schema.json": DeltaMessageSchema,
};

for (const [file, schema] of Object.entries(SCHEMAS)) {
  const document = { $schema: "http://json-schema.org/draft-07/schema#", ...schema };
  writeFileSync(file, await format(JSON.stringify(document), { parser: "json", printWidth: 120 }));
  console.log(file);
}

writeFileSync("docs/field-ownership.md", await format(ownershipPage(), { parser: "markdown", printWidth: 120 }));
console.log("docs/field-ownership.md");

for (const kind of CONNECTOR_KINDS) {
  const file = `docs/${kind}.md`;
  const page = withMappingTables(readFileSync(file, "utf8"), kind);
  writeFileSync(file, await format(page, { parser: "markdown", printWidth: 120 }));
  console.log(file);
}
