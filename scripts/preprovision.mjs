// Before `azd provision`: checks what can be known before anything is created, and gives Bicep the lanes and secrets of the configuration.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isThere } from "./azure/az.mjs";
import { remember } from "./azure/azd.mjs";
import { problemsBefore } from "./azure/before.mjs";
import { planOf, readConfig } from "./azure/plan.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const env = process.env;
const configFile = env.DEX_SYNC_CONFIG || `${root}dex-sync.config.json`;

try {
  const plan = planOf(readConfig(configFile));
  lint();
  checkAzure(plan);
  for (const [name, value] of [
    ["DEX_SYNC_LANES", plan.lanes],
    ["DEX_SYNC_SECRET_NAMES", plan.secretNames],
    ["DEX_SYNC_DOORBELL_SECRET_NAMES", plan.doorbellSecrets],
  ]) {
    remember(name, value);
  }
  console.log(`lanes: ${plan.lanes.join(", ")}; secrets: ${plan.secretNames.join(", ") || "none"}`);
  if (isEmptyList(env.ALERT_EMAILS)) {
    console.warn(
      `note: nobody is told of alerts, they show in the portal alone: azd env set ALERT_EMAILS '["soc@contoso.com"]'`,
    );
  }
  if (!(env.RUNBOOK_URL ?? "").startsWith("https://")) {
    console.warn(
      "note: alerts name the runbook without a link: azd env set RUNBOOK_URL https://…, where docs/runbook.md is read",
    );
  }
} catch (error) {
  console.error(`dex-sync: nothing was created: ${error.message}`);
  process.exit(1);
}

function isEmptyList(text = "") {
  return text.replaceAll(/[[\]\s]/g, "") === "";
}

/** The whole configuration, by the product's own check. */
function lint() {
  if (!existsSync(`${root}dist/dex-sync.cjs`)) {
    run(process.execPath, [`${root}scripts/build.mjs`, "--quiet"], "the build failed; run npm ci first");
  }
  run(process.execPath, [`${root}dist/dex-sync.cjs`, "lint", "--offline", "--config", configFile], "mend it first");
}

function run(command, args, otherwise) {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(otherwise);
}

function checkAzure(plan) {
  if (!isThere()) {
    console.warn("note: without the Azure CLI neither rights nor region nor names were checked beforehand");
    return;
  }
  const problems = problemsBefore(plan, env, (note) => console.warn(`note: ${note}`));
  if (problems.length > 0) throw new Error(problems.join("\n  "));
}
