import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../shared/config/load-config.ts";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  .map(([, language = "", text = ""]) => ({ language, text }))
  .filter(({ text }) => text.includes('"tenants"'));

describe("the configuration in README.md", () => {
  it("is there, as the JSON that it has to be", () => {
    expect(examples.map(({ language }) => language)).toEqual(["json"]);
  });

  it.each(examples)("can be copied and loaded as it stands", async ({ text }) => {
    const folder = mkdtempSync(join(tmpdir(), "dex-sync-readme-"));
    try {
      const file = join(folder, "dex-sync.config.json");
      writeFileSync(file, text);
      await expect(loadConfig(file)).resolves.toMatchObject({ warnings: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
