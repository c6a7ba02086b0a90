// Writes the JSON Schemas that ship beside the code from the schemas the code checks with.
import { writeFileSync } from "node:fs";
import { format } from "prettier";
import { ConfigSchema } from "../shared/config/schema.ts";
import { DeltaMessageSchema } from "../shared/pipeline/schema.ts";

const SCHEMAS = {
  "dex-sync.config.schema.json": ConfigSchema,
  "docs/delta.schema.json": DeltaMessageSchema,
};

for (const [file, schema] of Object.entries(SCHEMAS)) {
  const document = { $schema: "http://json-schema.org/draft-07/schema#", ...schema };
  writeFileSync(file, await format(JSON.stringify(document), { parser: "json", printWidth: 120 }));
  console.log(file);
}
