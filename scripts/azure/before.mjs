// What can be known before anything is created. Each check answers undefined, or what is wrong and how to mend it.
import { az, cloudEndpoints, firstLine, rest } from "./az.mjs";
import { isWorkspaceThere } from "./sentinel.mjs";

const WANTED = [
  "Microsoft.Resources/subscriptions/resourceGroups/write",
  "Microsoft.Resources/deployments/write",
  "Microsoft.Authorization/roleAssignments/write",
];

/** What stands in the way. What cannot be asked is noted, and left to the deployment: `azd` has a sign-in of its own. */
export function problemsBefore({ ownTenants, sentinelWorkspaces }, env, note) {
  const subscriptionId = env.AZURE_SUBSCRIPTION_ID;
  const location = env.AZURE_LOCATION;
  if (!subscriptionId || !location) {
    note("no subscription and region are chosen yet, so neither was checked; azd up asks for them first");
    return [];
  }
  // Whatever subscription `az` has selected, it is this one that is asked about.
  const here = (...args) => az([...args, "--subscription", subscriptionId, "--output", "json"]);
  const checks = {
    rights: () => lackingRights(cloudEndpoints().arm, subscriptionId),
    region: () => unfitRegion(here, location),
    directory: () => foreignDirectory(here, ownTenants),
    names: () => reservedVault(here, env.AZURE_ENV_NAME, location),
    ...(env.NETWORK_ISOLATION === "true" ? { provider: () => unregisteredProvider(here) } : {}),
    ...Object.fromEntries(sentinelWorkspaces.map(({ id }) => [`the workspace ${id}`, () => absentWorkspace(id)])),
  };
  const problems = [];
  for (const [what, check] of Object.entries(checks)) {
    try {
      const problem = check();
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      note(`${what} could not be checked beforehand: ${firstLine(error)}`);
    }
  }
  return problems;
}

/** Effective permissions of the caller, custom roles included. */
function lackingRights(armUrl, subscriptionId) {
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

function unfitRegion(here, location) {
  const offered = here("functionapp", "list-flexconsumption-locations").map(({ name }) => plain(name));
  if (offered.length === 0 || offered.includes(plain(location))) return undefined;
  return `${location} does not offer Flex Consumption: azd env set AZURE_LOCATION REGION, with one of ${offered.sort().join(", ")}`;
}

function plain(region) {
  return region.toLowerCase().replaceAll(" ", "");
}

/** `azd down` leaves the vault soft-deleted, and purge protection keeps its name. */
function reservedVault(here, environmentName, location) {
  const deleted = here("keyvault", "list-deleted", "--resource-type", "vault");
  const found = deleted.find(
    ({ properties }) =>
      properties?.tags?.["azd-env-name"] === environmentName && plain(properties.location) === plain(location),
  );
  if (found === undefined) return undefined;
  return `a deleted vault of this environment still holds its name: az group create --name rg-${environmentName} --location ${location}, then az keyvault recover --name ${found.name}; or take another name: azd env new NAME`;
}

/** The subnet of a Flex Consumption app is delegated to this provider. */
function unregisteredProvider(here) {
  const { registrationState } = here("provider", "show", "--namespace", "Microsoft.App");
  if (registrationState === "Registered") return undefined;
  return "private networking needs the provider Microsoft.App: az provider register --namespace Microsoft.App --wait";
}

/** A managed identity is of one directory: another tenant wants an app registration of its own. */
function foreignDirectory(here, ownTenants) {
  const { tenantId } = here("account", "show");
  const foreign = ownTenants.filter((id) => id.toLowerCase() !== tenantId.toLowerCase());
  if (foreign.length === 0) return undefined;
  return `a managed identity of the directory ${tenantId} reads no incidents of ${foreign.join(", ")}: use clientSecret or certificate there`;
}

function absentWorkspace(id) {
  if (isWorkspaceThere(cloudEndpoints().arm, id)) return undefined;
  const [, , subscriptionId, , resourceGroup, , , , workspace] = id.split("/");
  return `there is no workspace ${workspace} in resource group ${resourceGroup} of subscription ${subscriptionId}: mend the connector in dex-sync.config.json`;
}
