// Before `azd provision`: checks what can be known before anything is created, and gives Bicep the lanes and secrets of the configuration.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cloudEndpoints, firstLine, isThere } from "./azure/az.mjs";
import { foreignDirectory, lackingRights, reservedVault, unfitRegion, unregisteredProvider } from "./azure/before.mjs";
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
    ["DEX_SYNC_SENTINEL_WORKSPACES", plan.sentinelWorkspaces],
  ]) {
    run("azd", ["env", "set", name, JSON.stringify(value)], "the azd environment could not be written");
  }
  console.log(`lanes: ${plan.lanes.join(", ")}; secrets: ${plan.secretNames.join(", ") || "none"}`);
  if (env.SEPARATE_INTAKE === "true" && plan.doorbellSecrets.length > 0) {
    console.warn(
      "note: a separate intake reads no secret, so the signed doorbell refuses everybody there; Graph's and Sentinel's ring",
    );
  }
} catch (error) {
  console.error(`dex-sync: nothing was created: ${error.message}`);
  process.exit(1);
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

/** What cannot be asked is said, and left to the deployment: `azd` has a sign-in of its own. */
function checkAzure({ ownTenants }) {
  if (!isThere()) {
    console.warn("note: without the Azure CLI neither rights nor region nor names were checked beforehand");
    return;
  }
  const checks = {
    rights: () => lackingRights(cloudEndpoints().arm, env.AZURE_SUBSCRIPTION_ID),
    region: () => unfitRegion(env.AZURE_LOCATION),
    directory: () => foreignDirectory(ownTenants),
    names: () => reservedVault(env.AZURE_ENV_NAME, env.AZURE_LOCATION),
    ...(env.NETWORK_ISOLATION === "true" ? { provider: unregisteredProvider } : {}),
  };
  const problems = [];
  for (const [what, check] of Object.entries(checks)) {
    try {
      const problem = check();
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      console.warn(`note: ${what} could not be checked beforehand: ${firstLine(error)}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n  "));
}
