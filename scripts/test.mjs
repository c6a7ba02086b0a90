// Builds, runs every test, and closes with the line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const report = "test-artifacts/vitest.json";
const withCoverage = process.env.CI === "true" && process.env.SKIP_COVERAGE !== "1";

process.chdir(root);
mkdirSync("test-artifacts", { recursive: true });
rmSync(report, { force: true });

run("node", ["scripts/build.mjs"]);
const vitest = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...(withCoverage ? ["--coverage"] : []),
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
const { numPassedTests, numFailedTests, numPendingTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
if (numPendingTests > 0) console.error(`${numPendingTests} tests were skipped; none may be`);
if (numTotalTests === 0) console.error("no test was run");
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(vitest.status !== 0 || numPendingTests > 0 || numTotalTests === 0 ? 1 : 0);

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status === 0) return;
  console.log("0 passed, 1 failed");
  process.exit(1);
}
