// npm run azure:take-back, before `azd down`: what no resource group of ours holds. Graph's subscription, the identity's roles at Graph and on Sentinel
// workspaces, and the rules there that ring. What it cannot take back is named, each with its place.
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { takeBackRoles } from "./azure/app-roles.mjs";
import { az, cloudEndpoints } from "./azure/az.mjs";
import { azdEnvironment } from "./azure/azd.mjs";
import { leftToYou } from "./azure/left-to-you.mjs";
import { planOf, readConfig, workspaceIdOf } from "./azure/plan.mjs";
import { knownWorkspaces, setWorkspaceRole, takeBackRules } from "./azure/sentinel.mjs";
import { createSteps, orExit } from "./azure/steps.mjs";

/** The timer that keeps subscriptions runs each minute, and the restart comes before it. */
const GIVE_BACK_MS = 150_000;
const AGAIN = "npm run azure:take-back";

const { env, config, plan, endpoints } = orExit(() => {
  const values = azdEnvironment();
  const file = values.DEX_SYNC_CONFIG || fileURLToPath(new URL("../dex-sync.config.json", import.meta.url));
  const read = readConfig(file);
  return { env: values, config: read, plan: planOf(read), endpoints: cloudEndpoints() };
});
const waitMs = Number(env.DEX_SYNC_HOOK_WAIT_MS ?? GIVE_BACK_MS);
const { step, left } = createSteps(AGAIN);

// Only the app may end its subscription: it is told to, while it still has the right.
await step("the subscription at Graph", "It takes Contributor on the resource group", async () => {
  az([
    "functionapp", "config", "appsettings", "set",
    "--subscription", env.AZURE_SUBSCRIPTION_ID,
    "--resource-group", env.AZURE_RESOURCE_GROUP,
    "--name", env.AZURE_FUNCTION_NAME,
    "--settings", "DEX_SYNC_SUBSCRIBE=off",
    "--output", "none",
  ]); // prettier-ignore
  console.log(`the app gives Graph's subscription back; waiting ${Math.round(waitMs / 1_000)} s`);
  await sleep(waitMs);
});

await step("application roles", "Have it done by a Privileged Role Administrator", async () => {
  const count = await takeBackRoles({ graphUrl: endpoints.graph, principalId: env.DEX_SYNC_PRINCIPAL_ID });
  console.log(`${count} application role(s) taken back`);
});

await step("roles on Sentinel workspaces", "It takes the right to look for them", async () => {
  for (const { id } of knownWorkspaces(plan, env, endpoints.arm)) {
    await step(`the role on ${id}`, "It takes User Access Administrator there", () => {
      const gone = { armUrl: endpoints.arm, principalId: env.DEX_SYNC_PRINCIPAL_ID, workspace: { id } };
      for (const line of setWorkspaceRole(gone)) console.log(line);
    });
  }
});

for (const connector of config.connectors.filter(({ kind }) => kind === "sentinel")) {
  await step(`rules in ${connector.workspace}`, "It takes Microsoft Sentinel Contributor on the workspace", () => {
    for (const line of takeBackRules(endpoints.arm, workspaceIdOf(connector))) console.log(line);
  });
}

console.log(["left to you:", ...leftToYou(config, plan).map((line) => `  ${line}`)].join("\n"));
console.log(
  left() === 0
    ? "azd down deletes the rest; azd provision --no-state gives everything again"
    : `${left()} step(s) left; mend them before azd down, which deletes the identity, and repeat ${AGAIN}`,
);
process.exitCode = left() === 0 ? 0 : 1;
