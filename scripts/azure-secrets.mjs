// npm run azure:secrets: how old each secret of the configuration is in the vault, and what is due. Values are not asked for: Resource Manager tells none.
import { fileURLToPath } from "node:url";
import { azdEnvironment } from "./azure/azd.mjs";
import { cloudEndpoints } from "./azure/az.mjs";
import { planOf, readConfig } from "./azure/plan.mjs";
import { vaultOf } from "./azure/secrets.mjs";
import { orExit } from "./azure/steps.mjs";

const DAY_S = 24 * 60 * 60;
/** A habit, not a rule: many policies ask for half a year. */
const OLD_DAYS = Number(process.env.DEX_SYNC_SECRET_OLD_DAYS ?? 180);
const WARNED_DAYS = 30;

const { plan, vault } = orExit(() => {
  const env = azdEnvironment();
  const file = env.DEX_SYNC_CONFIG || fileURLToPath(new URL("../dex-sync.config.json", import.meta.url));
  return { plan: planOf(readConfig(file)), vault: vaultOf(env, cloudEndpoints().arm) };
});
const now = Date.now() / 1_000;

for (const name of plan.secretNames) {
  const { text, isDue } = judged(name, vault.attributesOf(name));
  console.log(`${isDue ? "DUE" : "ok "} ${name}: ${text}`);
  if (isDue) process.exitCode = 1;
}

function judged(name, attributes) {
  const put = `npm run azure:secret -- ${name}`;
  if (attributes === undefined) return { text: `not in the vault: ${put}`, isDue: true };
  const days = Math.max(0, Math.floor((now - attributes.updated) / DAY_S));
  const left = attributes.exp === undefined ? undefined : Math.floor((attributes.exp - now) / DAY_S);
  if (left !== undefined && left < WARNED_DAYS) {
    return { text: `${left < 0 ? "its date in the vault is over" : `ends in ${left} days`}: make a new one in the tool, then ${put}`, isDue: true };
  }
  if (days > OLD_DAYS) return { text: `${days} days old: make a new one in the tool, then ${put}`, isDue: true };
  return { text: `${days} days old`, isDue: false };
} // prettier-ignore
