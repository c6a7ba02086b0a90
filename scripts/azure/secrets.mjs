// Secrets in the vault, through Azure Resource Manager: that works where the vault is reached by a private endpoint alone.
import { randomBytes } from "node:crypto";
import { isNotFound, rest } from "./az.mjs";
import { vaultNameOf } from "./plan.mjs";
import { setAssignments } from "./role-assignments.mjs";

const VAULT_API = "2025-05-01";
const SITE_API = "2024-11-01";
const SECRETS_USER = { roleId: "4633458b-17de-408a-b874-0445c86b69e6", title: "Key Vault Secrets User" };

export function vaultOf(env, armUrl) {
  const group = groupOf(env);
  const secretUrl = (name) =>
    `${armUrl}${group}/Microsoft.KeyVault/vaults/${env.AZURE_KEY_VAULT_NAME}/secrets/${vaultNameOf(name)}?api-version=${VAULT_API}`;
  const apps = [env.AZURE_FUNCTION_NAME, env.INTAKE_FUNCTION_NAME].filter(Boolean);
  /** When it was put there, and until when it is good, in seconds since 1970; undefined where there is none. */
  const attributesOf = (name) => {
    try {
      const { updated, exp } = rest("get", secretUrl(name)).properties.attributes;
      return { updated, exp: exp ?? undefined };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return {
    attributesOf,
    has: (name) => attributesOf(name) !== undefined,
    set(name, value) {
      rest("put", secretUrl(name), { properties: { value } });
    },
    /** The apps read new values at once, not within a day. */
    refresh() {
      for (const app of apps) {
        const site = `${armUrl}${group}/Microsoft.Web/sites/${app}`;
        rest("post", `${site}/config/configreferences/appsettings/refresh?api-version=${SITE_API}`);
      }
    },
  };
}

/** An intake reads the doorbells' secrets and no other: a role on each, none on the vault. Who has one can ring, which is all that the intake can do anyway. */
export function letIntakeRead(env, armUrl, doorbellSecrets) {
  const vault = `${groupOf(env)}/Microsoft.KeyVault/vaults/${env.AZURE_KEY_VAULT_NAME}`;
  return setAssignments({
    armUrl,
    under: vault,
    principalId: env.INTAKE_PRINCIPAL_ID,
    wanted: doorbellSecrets.map((name) => ({ scope: `${vault}/secrets/${vaultNameOf(name)}`, ...SECRETS_USER })),
    isOurs: ({ scope }) => scope.startsWith(`${vault}/secrets/`.toLowerCase()),
  });
}

function groupOf(env) {
  return `/subscriptions/${env.AZURE_SUBSCRIPTION_ID}/resourceGroups/${env.AZURE_RESOURCE_GROUP}/providers`;
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
