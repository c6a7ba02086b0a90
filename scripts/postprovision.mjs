// After `azd provision`: roles at Graph, secrets in the vault, queues of connectors that are gone. Safe to run again: azd hooks run postprovision
import { fileURLToPath } from "node:url";
import { setRoles } from "./azure/app-roles.mjs";
import { cloudEndpoints, firstLine, isDenied, isThere } from "./azure/az.mjs";
import { dropStrayLanes } from "./azure/lanes.mjs";
import { planOf, readConfig } from "./azure/plan.mjs";
import { fillVault, vaultOf } from "./azure/secrets.mjs";

const AGAIN = "azd hooks run postprovision";
const env = process.env;

if (!isThere()) {
  console.error(`dex-sync: the Azure CLI is needed now: install it, az login, then ${AGAIN}`);
  process.exit(1);
}
const plan = planOf(
  readConfig(env.DEX_SYNC_CONFIG || fileURLToPath(new URL("../dex-sync.config.json", import.meta.url))),
);
const endpoints = cloudEndpoints();
let left = 0;

await step("application roles", "Have it done by a Privileged Role Administrator", async () => {
  const lines = await setRoles({
    graphUrl: endpoints.graph,
    principalId: env.DEX_SYNC_PRINCIPAL_ID,
    grants: plan.grants,
    waitMs: Number(env.DEX_SYNC_HOOK_WAIT_MS ?? 5_000),
  });
  for (const line of lines) console.log(line);
  for (const tenant of plan.foreignTenants) {
    console.log(`tenant ${tenant} signs in by a credential of its own: its administrator grants that app the roles`);
  }
});

await step("secrets", "It takes Contributor on the resource group", () => {
  const vault = vaultOf(env, endpoints.arm);
  const { made, missing } = fillVault({ vault, ...plan, env });
  for (const name of made) console.log(`${name}: put into the vault`);
  if (made.length > 0) vault.refresh();
  if (missing.length === 0) return;
  left += 1;
  console.warn(`secrets that the vault lacks, each set by hand:`);
  for (const name of missing) console.warn(`  npm run azure:secret -- ${name}`);
});

await step("queues of connectors that are gone", "It takes Contributor on the resource group", () => {
  for (const line of dropStrayLanes(env, endpoints.arm, plan.lanes)) console.log(line);
});

console.log(left === 0 ? "all is set" : `${left} step(s) left; then ${AGAIN}`);

/** What is left to somebody else does not undo the rest: it is said, with the command. */
async function step(what, whoCan, run) {
  try {
    await run();
  } catch (error) {
    left += 1;
    console.warn(`WARNING: ${what}: ${firstLine(error)}`);
    console.warn(`  ${isDenied(error) ? `${whoCan}: ` : ""}${AGAIN}`);
  }
}
