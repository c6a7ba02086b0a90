// npm run azure:take-back, before `azd down`: Graph's subscription and the identity's application roles, which no resource group holds.
import { setTimeout as sleep } from "node:timers/promises";
import { takeBackRoles } from "./azure/app-roles.mjs";
import { az, cloudEndpoints } from "./azure/az.mjs";
import { azdEnvironment } from "./azure/azd.mjs";

/** The timer that keeps subscriptions runs each minute, and the restart comes before it. */
const GIVE_BACK_MS = 150_000;

const env = azdEnvironment();
const waitMs = Number(env.DEX_SYNC_HOOK_WAIT_MS ?? GIVE_BACK_MS);

// Only the app may end its subscription: it is told to, while it still has the right.
az([
  "functionapp", "config", "appsettings", "set",
  "--resource-group", env.AZURE_RESOURCE_GROUP,
  "--name", env.AZURE_FUNCTION_NAME,
  "--settings", "DEX_SYNC_SUBSCRIBE=off",
  "--output", "none",
]); // prettier-ignore
console.log(`the app gives Graph's subscription back; waiting ${Math.round(waitMs / 1_000)} s`);
await sleep(waitMs);
const count = await takeBackRoles({ graphUrl: cloudEndpoints().graph, principalId: env.DEX_SYNC_PRINCIPAL_ID });
console.log(`${count} application role(s) taken back`);
console.log(
  [
    "left to you: accounts and tokens in ServiceNow and Jira, and rules in Sentinel that call the doorbell (docs/doorbells.md)",
    "a subscription that could not be given back ends by itself within a day",
    "azd down deletes the rest; azd provision gives everything again",
  ].join("\n"),
);
