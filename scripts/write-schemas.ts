// Writes what ships beside the code from the code: the JSON Schemas it checks with, the pages on fields and figures, and the tables of what each tool gets.
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { CONNECTOR_KINDS } from "../shared/config/connector-kinds.ts";
import { ConfigSchema } from "../shared/config/schema.ts";
import { DeltaMessageSchema } from "../shared/pipeline/schema.ts";
import { eventFiles } from "./event-catalogue.ts";
import { withMappingTables } from "./mapping-tables.ts";
import { metricsPage } from "./metrics-page.ts";
import { ownershipPage } from "./ownership-page.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  "dex-sync.config.schema.json": { $schema: DRAFT, ...ConfigSchema },
  "docs/delta.schema.json": { $schema: DRAFT, ...DeltaMessageSchema },
  ...Object.fromEntries(Object.entries(eventFiles()).map(([name, content]) => [`docs/events/${name}`, content])),
};

for (const [file, document] of Object.entries(DOCUMENTS)) {
  writeFileSync(file, await format(JSON.stringify(document), { parser: "json", printWidth: 120 }));
  console.log(file);
}

const PAGES: Readonly<Record<string, () => string>> = {
  "docs/field-ownership.md": ownershipPage,
  "docs/metrics.md": metricsPage,
  ...Object.fromEntries(
    CONNECTOR_KINDS.map((kind) => {
      const file = `docs/${kind}.md`;
      return [file, () => withMappingTables(readFileSync(file, "utf8"), kind)];
    }),
  ),
};

for (const [file, page] of Object.entries(PAGES)) {
  writeFileSync(file, await format(page(), { parser: "markdown", printWidth: 120 }));
  console.log(file);
}
