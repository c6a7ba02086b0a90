import { existsSync, readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

const PAGES = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const scripts = Object.keys(
  (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }).scripts,
);
const main = readFileSync("cli/main.ts", "utf8");
const commands = [...(/const COMMANDS[^{]*\{([\s\S]*?)\n\};/.exec(main)?.[1] ?? "").matchAll(/^ {2}(\w+):/gm)].map(
  ([, name = ""]) => name,
);
const options = new Set(
  readdirSync("cli").flatMap((file) =>
    [...readFileSync(`cli/${file}`, "utf8").matchAll(/(?:^|[\s{])"?([a-z][a-z-]*)"?: \{ type: "/gm)].map(
      ([, name = ""]) => name,
    ),
  ),
);

/** What a page tells its reader to type: in backticks, or a line of a block. */
function typedOn(page: string): readonly string[] {
  return [
    ...readFileSync(page, "utf8").matchAll(
      /(?:^|`)(?:npx )?((?:dex-sync [a-z]|npm run |node scripts\/)[^`\n#]*)(?=`|#|$)/gm,
    ),
  ].map(([, command = ""]) => command.trim());
}

/** Why a command could not be typed; undefined where it can. */
function problemWith(command: string): string | undefined {
  const [tool = "", first = "", second = ""] = command.split(/\s+/);
  if (tool === "npm") return scripts.includes(second) ? undefined : `no script ${second}`;
  if (tool === "node") return existsSync(first) ? undefined : `no file ${first}`;
  // A sentence that begins with the product's name, or the name of a rule.
  if (command === "dex-sync doorbell" || /^dex-sync (watches|itself|tells)/.test(command)) return undefined;
  if (!commands.includes(first)) return `no command ${first}`;
  const unknown = [...command.matchAll(/ --([a-z-]+)/g)]
    .map(([, name = ""]) => name)
    .filter((name) => !options.has(name));
  return unknown.length === 0 ? undefined : `no option --${unknown[0]}`;
}

describe("commands that the documentation has people type", () => {
  it.each(PAGES)("exist: %s", (page) => {
    expect(
      typedOn(page)
        .map((command) => [command, problemWith(command)])
        .filter(([, problem]) => problem !== undefined),
    ).toEqual([]);
  });

  it("are found where they are, and would be seen not to exist", () => {
    expect(commands.length).toBeGreaterThan(10);
    expect(typedOn("docs/runbook.md").length).toBeGreaterThan(15);
    expect(problemWith("node scripts/revoke-graph-access.mjs")).toBe("no file scripts/revoke-graph-access.mjs");
    expect(problemWith("dex-sync parked replay --al")).toBe("no option --al");
    expect(problemWith("dex-sync park list")).toBe("no command park");
    expect(problemWith("npm run azure:down")).toBe("no script azure:down");
  });
});
