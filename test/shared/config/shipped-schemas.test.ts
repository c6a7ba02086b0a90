import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigSchema } from "../../../shared/config/schema.ts";
import { DeltaMessageSchema } from "../../../shared/pipeline/schema.ts";

describe("shipped schemas", () => {
  it.each([
    ["dex-sync.config.schema.json", ConfigSchema],
    ["docs/delta.schema.json", DeltaMessageSchema],
  ])("%s is what the code checks with (npm run schemas writes it)", (file, schema) => {
    const { $schema: _$schema, ...shipped } = JSON.parse(
      readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8"),
    ) as Record<string, unknown>;
    expect(shipped).toEqual(JSON.parse(JSON.stringify(schema)));
  });
});
