import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const values = Object.values(
  (JSON.parse(read("infra/main.parameters.json")) as { parameters: Record<string, { value: string }> }).parameters,
).map(({ value }) => value);
const nameIn = (value: string): string => /^\$\{(\w+)/.exec(value)?.[1] ?? value;
/** What an operator chooses; the others are azd's own, and the hook's. */
const chosen = values.map(nameIn).filter((name) => !/^(AZURE|DEX_SYNC)_/.test(name));

describe("settings of the azd environment", () => {
  it.each(values)("%s is replaced whole: azd ends a default at the first closing brace", (value) => {
    expect(value).toMatch(/^\$\{\w+(=[^{}]*)?\}$/);
  });

  it.each(chosen)("%s is documented, and reaches the pipeline: a push would deploy its default otherwise", (name) => {
    const rows = read("docs/azure.md")
      .split("\n")
      .filter((line) => line.startsWith("|"));
    expect(rows.filter((row) => row.split("|")[1]?.includes(`\`${name}\``))).toHaveLength(1);
    const variables = read("azure.yaml").split("pipeline:\n  variables:\n")[1]?.split("\n");
    expect(variables).toContain(`    - ${name}`);
    expect(read(".github/workflows/azure-dev.yml")).toContain(`\${{ vars.${name} }}`);
  });

  it("the pipeline passes nothing that the template does not take", () => {
    const passed = [...read(".github/workflows/azure-dev.yml").matchAll(/vars\.(\w+)/g)].map(([, name = ""]) => name);
    const own = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID", "AZURE_ENV_NAME", "AZURE_LOCATION"];
    expect(chosen.length).toBeGreaterThan(10);
    expect(new Set(passed)).toEqual(new Set([...own, ...chosen]));
  });
});
