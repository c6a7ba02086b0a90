import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { expect, it, onTestFinished } from "vitest";
import { withMappingTables } from "../../../scripts/mapping-tables.ts";
import { loadConfig } from "../../../shared/config/load-config.ts";
import { ConfigSchema } from "../../../shared/config/schema.ts";
import { CONNECTOR_KINDS } from "../../../shared/config/connector-kinds.ts";

const PAGES = CONNECTOR_KINDS.map((kind) => {
  const text = readFileSync(new URL(`../../../docs/${kind}.md`, import.meta.url), "utf8");
  return [kind, text] as const;
});
const EXAMPLES = PAGES.flatMap(([kind, text]) =>
  [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = ""], index) => [kind, index + 1, json] as const),
);

it.each(PAGES)("docs/%s.md has the mapping that the code has (npm run schemas writes it)", async (kind, text) => {
  expect(text).toBe(await format(withMappingTables(text, kind), { parser: "markdown", printWidth: 120 }));
});

it.each(PAGES)("docs/%s.md has what an administrator asks for", (_kind, text) => {
  const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(
    expect.arrayContaining([
      "Set-up, step by step",
      "Configuration",
      "Mapping",
      "When something is refused",
      "What was verified",
    ]),
  );
  expect(headings.some((heading) => /^What the (?:account|identity|receiver) needs$/.test(heading ?? ""))).toBe(true);
});

it.each(CONNECTOR_KINDS)("docs/%s.md shows the least and the whole of its configuration", (kind) => {
  expect(EXAMPLES.filter(([of]) => of === kind).length).toBeGreaterThanOrEqual(2);
});

it.each(PAGES)("docs/%s.md names every setting that there is", (kind, text) => {
  const schema = ConfigSchema.properties.connectors.items.anyOf.find(
    ({ properties }) => properties.kind.const === kind,
  );
  const names = Object.entries(schema?.properties ?? {}).flatMap(([name, value]) => [
    name,
    ...(name === "mapping" ? Object.keys((value as { properties: object }).properties) : []),
  ]);
  expect(names.length).toBeGreaterThan(6);
  expect(names.filter((name) => !new RegExp(`["\`.]${name}["\`.:]`).test(text))).toEqual([]);
});

it.each(PAGES)("docs/%s.md quotes what the connector says when something is refused", (kind, text) => {
  const folder = new URL(`../../../shared/connectors/${kind}/`, import.meta.url);
  const code = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), "utf8"))
    .join("\n")
    .replaceAll('\\"', '"');
  const [, section = ""] = text.split("## When something is refused");
  const quoted = [...section.matchAll(/"([^"|]{12,})"(?=[^|]*\|[^|]*\|$)/gm)].map(([, words = ""]) => words);
  const pieces = quoted.flatMap((words) => words.split("…")).map((piece) => piece.trim());
  expect(quoted.length).toBeGreaterThanOrEqual(3);
  expect(pieces.filter((piece) => !code.includes(piece))).toEqual([]);
});

it.each(EXAMPLES)("docs/%s.md: example %i is taken as it stands", async (kind, _number, json) => {
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-pages-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "dex-sync.config.json");
  const connector: unknown = JSON.parse(json);
  const tenant = { id: "your-tenant-id", credential: { kind: "managedIdentity" } };
  writeFileSync(file, JSON.stringify({ tenants: [tenant], connectors: [connector] }));
  await expect(loadConfig(file)).resolves.toMatchObject({ connectors: [{ kind }], warnings: [] });
});
