// Secrets in the vault, through Azure Resource Manager: that works where the vault is reached by a private endpoint alone.
import { randomBytes } from "node:crypto";
import { isNotFound, rest } from "./az.mjs";
import { vaultNameOf } from "./plan.mjs";

const VAULT_API = "2025-05-01";
const SITE_API = "2024-11-01";

export function vaultOf(env, armUrl) {
  const group = `${armUrl}/subscriptions/${env.AZURE_SUBSCRIPTION_ID}/resourceGroups/${env.AZURE_RESOURCE_GROUP}/providers`;
  const secretUrl = (name) =>
    `${group}/Microsoft.KeyVault/vaults/${env.AZURE_KEY_VAULT_NAME}/secrets/${vaultNameOf(name)}?api-version=${VAULT_API}`;
  return {
    has(name) {
      try {
        rest("get", secretUrl(name));
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },
    set(name, value) {
      rest("put", secretUrl(name), { properties: { value } });
    },
    /** The app reads new values at once, not within a day. */
    refresh() {
      const site = `${group}/Microsoft.Web/sites/${env.AZURE_FUNCTION_NAME}`;
      rest("post", `${site}/config/configreferences/appsettings/refresh?api-version=${SITE_API}`);
    },
  };
}

/** A secret of Standard Webhooks. */
export function newDoorbellSecret() {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/** Sets what the vault lacks: doorbell secrets are made, others are taken from the environment. What is there is never touched. */
export function fillVault({ vault, secretNames, doorbellSecrets, env }) {
  const made = [];
  const missing = [];
  for (const name of secretNames) {
    if (vault.has(name)) continue;
    const value = env[name] || (doorbellSecrets.includes(name) ? newDoorbellSecret() : undefined);
    if (value === undefined) {
      missing.push(name);
      continue;
    }
    vault.set(name, value);
    made.push(name);
  }
  return { made, missing };
}
