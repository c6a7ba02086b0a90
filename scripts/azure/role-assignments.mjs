// Roles of Azure that no template gives: on what another resource group holds, and on a secret that a template does not make.
import { createHash } from "node:crypto";
import { rest } from "./az.mjs";

const API = "2022-04-01";

/**
 * Makes a principal's assignments in and under one resource the wanted ones: gives what is missing, and takes back those of ours that are no longer
 * wanted. Returns what it did, a line each.
 */
export function setAssignments({ armUrl, under, principalId, wanted, isOurs }) {
  const held = heldAssignments(armUrl, under, principalId);
  const isHeld = (want) => held.some(({ scope, roleId }) => scope === lower(want.scope) && roleId === want.roleId);
  const isWanted = ({ scope, roleId }) => wanted.some((want) => lower(want.scope) === scope && want.roleId === roleId);
  const lines = [];
  for (const want of wanted) {
    const about = `${want.title} on ${lastOf(want.scope)}`;
    if (isHeld(want)) {
      lines.push(`${about}: has it`);
      continue;
    }
    rest("put", `${armUrl}${want.scope}/providers/Microsoft.Authorization/roleAssignments/${nameOf(want, principalId)}?api-version=${API}`, {
      properties: {
        roleDefinitionId: `${subscriptionOf(want.scope)}/providers/Microsoft.Authorization/roleDefinitions/${want.roleId}`,
        principalId,
        // Without it a principal that the directory does not know everywhere yet is refused.
        principalType: "ServicePrincipal",
      },
    }); // prettier-ignore
    lines.push(`${about}: granted`);
  }
  for (const assignment of held.filter((one) => isOurs(one) && !isWanted(one))) {
    rest("delete", `${armUrl}${assignment.id}?api-version=${API}`);
    lines.push(`a role on ${lastOf(assignment.scope)}: taken back`);
  }
  return lines;
}

/** At, above and below a scope, with scopes in small letters: Resource Manager spells them in more ways than one. */
export function heldAssignments(armUrl, under, principalId) {
  const filter = `$filter=principalId eq '${principalId}'`;
  const { value } = rest(
    "get",
    `${armUrl}${under}/providers/Microsoft.Authorization/roleAssignments?api-version=${API}&${filter}`,
  );
  return value.map(({ id, properties }) => ({
    id,
    scope: lower(properties.scope),
    roleId: lastOf(properties.roleDefinitionId),
  }));
}

/** The same for the same, so that a second run makes no second assignment. */
function nameOf({ scope, roleId }, principalId) {
  const hash = createHash("sha256")
    .update(`${lower(scope)} ${principalId} ${roleId}`)
    .digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join("-");
}

function subscriptionOf(scope) {
  return scope.split("/").slice(0, 3).join("/");
}

function lastOf(id) {
  return id.split("/").at(-1);
}

function lower(text) {
  return text.toLowerCase();
}
