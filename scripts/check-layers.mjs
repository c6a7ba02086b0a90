// Checks the direction of dependencies. A run that saw no modules proves nothing, so it fails.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { cruise } from "dependency-cruiser";

const LEAST_MODULES = 60;
const config = createRequire(import.meta.url)("../.dependency-cruiser.cjs");
const folders = ["functions", "shared", "local", "cli"];

const { output } = await cruise(folders, {
  ...config.options,
  validate: true,
  ruleSet: { forbidden: config.forbidden },
});
const { summary, modules } = typeof output === "string" ? JSON.parse(output) : output;
const own = modules.filter((module) => folders.some((folder) => module.source.startsWith(`${folder}/`)));
const links = own.reduce((sum, module) => sum + module.dependencies.length, 0);

for (const violation of summary.violations) {
  console.error(`${violation.rule.name}: ${violation.from} → ${violation.to}`);
}
if (own.length < LEAST_MODULES || links < own.length) {
  console.error(`layers: only ${own.length} modules with ${links} imports were seen; the check cannot be trusted`);
  process.exit(1);
}
const strays = pageStrays();
for (const stray of strays) console.error(`page-is-apart: ${stray}`);
if (summary.violations.length > 0 || strays.length > 0) process.exit(1);
console.log(`layers: ${own.length} modules, ${links} imports, no violation`);

/**
 * Types of what the server answers, and the closed table of figures, whose descriptions the page shows. The last is a value, and in the
 * page's bundle: it may bring nothing along.
 */
function pageSources() {
  const figures = "shared/pipeline/ports/metrics.ts";
  if (/\bimport\b/.test(readFileSync(figures, "utf8")))
    throw new Error(`layers: ${figures} is in the page, so it imports nothing`);
  return [
    figures,
    "shared/pipeline/overview/overview.ts",
    "shared/pipeline/preview/previewed.ts",
    "shared/pipeline/doctor/diagnosis.ts",
  ];
}

/** The page is JSX, which the cruiser's parser does not read: its imports are looked at as text. */
function pageStrays() {
  const files = readdirSync("page", { recursive: true }).filter((file) => /\.tsx?$/.test(file));
  if (files.length < 10) throw new Error(`layers: only ${files.length} files of the page were seen`);
  const shared = pageSources();
  return files.flatMap((file) => {
    const imports = [...readFileSync(`page/${file}`, "utf8").matchAll(/from "(\.[^"]+)"/g)].map((match) => match[1]);
    return imports
      .map((path) => new URL(path, `file:///page/${file}`).pathname.slice(1))
      .filter((path) => !path.startsWith("page/") && !shared.includes(path) && !path.startsWith("shared/incident/"))
      .map((path) => `page/${file} → ${path}`);
  });
}
