// What can be known before anything is created. Each check answers undefined, or what is wrong and how to mend it.
import { az, rest } from "./az.mjs";

const WANTED = [
  "Microsoft.Resources/subscriptions/resourceGroups/write",
  "Microsoft.Resources/deployments/write",
  "Microsoft.Authorization/roleAssignments/write",
];

/** Effective permissions of the caller, custom roles included. */
export function lackingRights(armUrl, subscriptionId) {
  const url = `${armUrl}/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`;
  const { value } = rest("get", url);
  const lacking = WANTED.filter((action) => !value.some((permission) => allows(permission, action)));
  if (lacking.length === 0) return undefined;
  return `you lack ${lacking.join(", ")} on the subscription: have Owner, or Contributor together with User Access Administrator, assigned to you`;
}

function allows({ actions = [], notActions = [] }, action) {
  const covers = (pattern) => new RegExp(`^${pattern.split("*").map(escaped).join(".*")}$`, "i").test(action);
  return actions.some(covers) && !notActions.some(covers);
}

function escaped(text) {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
}

export function unfitRegion(location) {
  const offered = az(["functionapp", "list-flexconsumption-locations", "--output", "json"]).map(({ name }) =>
    plain(name),
  );
  if (offered.length === 0 || offered.includes(plain(location))) return undefined;
  return `${location} does not offer Flex Consumption: azd env set AZURE_LOCATION REGION, with one of ${offered.sort().join(", ")}`;
}

function plain(region) {
  return region.toLowerCase().replaceAll(" ", "");
}

/** `azd down` leaves the vault soft-deleted, and purge protection keeps its name. */
export function reservedVault(environmentName, location) {
  const deleted = az(["keyvault", "list-deleted", "--resource-type", "vault", "--output", "json"]);
  const found = deleted.find(
    ({ properties }) =>
      properties?.tags?.["azd-env-name"] === environmentName && plain(properties.location) === plain(location),
  );
  if (found === undefined) return undefined;
  return `a deleted vault of this environment still holds its name: az keyvault recover --name ${found.name}, or take another name: azd env new NAME`;
}

/** The subnet of a Flex Consumption app is delegated to this provider. */
export function unregisteredProvider() {
  const { registrationState } = az(["provider", "show", "--namespace", "Microsoft.App", "--output", "json"]);
  if (registrationState === "Registered") return undefined;
  return "private networking needs the provider Microsoft.App: az provider register --namespace Microsoft.App --wait";
}

/** A managed identity is of one directory: another tenant wants an app registration of its own. */
export function foreignDirectory(ownTenants) {
  const { tenantId } = az(["account", "show", "--output", "json"]);
  const foreign = ownTenants.filter((id) => id.toLowerCase() !== tenantId.toLowerCase());
  if (foreign.length === 0) return undefined;
  return `a managed identity of the directory ${tenantId} reads no incidents of ${foreign.join(", ")}: use clientSecret or certificate there`;
}
