// After `azd provision`: roles at Graph and on Sentinel workspaces, secrets in the vault, queues of connectors that are gone. Safe to run again: azd hooks run postprovision
import { fileURLToPath } from "node:url";
import { setRoles } from "./azure/app-roles.mjs";
import { cloudEndpoints, isThere } from "./azure/az.mjs";
import { remember } from "./azure/azd.mjs";
import { dropStrayLanes } from "./azure/lanes.mjs";
import { planOf, readConfig } from "./azure/plan.mjs";
import { fillVault, letIntakeRead, vaultOf } from "./azure/secrets.mjs";
import { knownWorkspaces, setWorkspaceRole } from "./azure/sentinel.mjs";
import { createSteps } from "./azure/steps.mjs";

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
const { step, leave, left } = createSteps(AGAIN);

await step("application roles", "Have it done by a Privileged Role Administrator", async () => {
  const lines = await setRoles({
    graphUrl: endpoints.graph,
    principalId: env.DEX_SYNC_PRINCIPAL_ID,
    grants: plan.grants,
    waitMs: Number(env.DEX_SYNC_HOOK_WAIT_MS ?? 5_000),
  });
  for (const line of lines) console.log(line);
  for (const name of plan.ignored) {
    console.log(`inbound.${name}: this version does not act on it, so there is no role for it`);
  }
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
  leave();
  console.warn(`secrets that the vault lacks, each set by hand:`);
  for (const name of missing) console.warn(`  npm run azure:secret -- ${name}`);
});

if ((env.INTAKE_PRINCIPAL_ID ?? "") !== "") {
  await step("the intake's role on the doorbells' secrets", "It takes User Access Administrator on the vault", () => {
    const lines = letIntakeRead(env, endpoints.arm, plan.doorbellSecrets);
    for (const line of lines) console.log(`intake: ${line}`);
    if (lines.some((line) => line.endsWith("granted"))) vaultOf(env, endpoints.arm).refresh();
  });
}

await step("queues of connectors that are gone", "It takes Contributor on the resource group", () => {
  // What was deployed counts too: azd makes a queue again only where a parameter changed.
  const deployed = JSON.parse(env.DEX_SYNC_LANES || "[]");
  for (const line of dropStrayLanes(env, endpoints.arm, [...plan.lanes, ...deployed])) console.log(line);
});

await step("roles on Sentinel workspaces", "It takes the right to look for them", async () => {
  const workspaces = knownWorkspaces(plan, env, endpoints.arm);
  // Before anything is given: what a run that was cut short gave is then known to be taken back.
  if (workspaces.length > 0) rememberWorkspaces(workspaces);
  const kept = [];
  for (const workspace of workspaces) {
    const isDone = await step(`the role on ${workspace.id}`, "It takes User Access Administrator there", () => {
      const lines = setWorkspaceRole({ armUrl: endpoints.arm, principalId: env.DEX_SYNC_PRINCIPAL_ID, workspace });
      for (const line of lines) console.log(line);
    });
    if (!isDone || workspace.writes !== undefined) kept.push(workspace);
  }
  if (kept.length < workspaces.length) rememberWorkspaces(kept);
});

console.log(left() === 0 ? "all is set" : `${left()} step(s) left; then ${AGAIN}`);

function rememberWorkspaces(these) {
  remember(
    "DEX_SYNC_SENTINEL_WORKSPACE_IDS",
    these.map(({ id }) => id),
  );
}
