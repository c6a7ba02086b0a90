// Application roles of the app's identity at Graph and Defender for Endpoint: given, and taken back.
import { setTimeout as sleep } from "node:timers/promises";
import { isNotFound, rest } from "./az.mjs";

const ATTEMPTS = 6;

/** Gives what is missing. Ids are looked up by name: some differ between clouds. Returns what it did, a line each. */
export async function grantRoles({ graphUrl, principalId, grants, waitMs = 5_000 }) {
  const held = await heldRoles(graphUrl, principalId, waitMs);
  const lines = [];
  for (const { appId, title, roles } of grants) {
    const resource = serviceOf(graphUrl, appId, title);
    for (const name of roles) {
      const role = resource.appRoles.find(
        ({ value, allowedMemberTypes }) => value === name && allowedMemberTypes.includes("Application"),
      );
      if (role === undefined) throw new Error(`${title} offers no application role ${name} in this tenant`);
      if (held.some(({ appRoleId, resourceId }) => appRoleId === role.id && resourceId === resource.id)) {
        lines.push(`${name}: has it`);
        continue;
      }
      const body = { principalId, resourceId: resource.id, appRoleId: role.id };
      await whenKnown(() => rest("post", assignmentsUrl(graphUrl, principalId), body), waitMs);
      lines.push(`${name}: granted`);
    }
  }
  return lines;
}

/** Takes back every application role of the identity. It is this app's alone, so all of them are ours. */
export async function takeBackRoles({ graphUrl, principalId }) {
  const held = await heldRoles(graphUrl, principalId, 0);
  for (const { id } of held) rest("delete", `${assignmentsUrl(graphUrl, principalId)}/${id}`);
  return held.length;
}

function assignmentsUrl(graphUrl, principalId) {
  return `${graphUrl}/v1.0/servicePrincipals/${principalId}/appRoleAssignments`;
}

async function heldRoles(graphUrl, principalId, waitMs) {
  const { value } = await whenKnown(() => rest("get", assignmentsUrl(graphUrl, principalId)), waitMs);
  return value;
}

function serviceOf(graphUrl, appId, title) {
  const url = `${graphUrl}/v1.0/servicePrincipals?$filter=appId eq '${appId}'&$select=id,appRoles`;
  const [resource] = rest("get", url).value;
  if (resource !== undefined) return resource;
  throw new Error(`${title} is not in this tenant: is it licensed here?`);
}

/** A new identity takes a while to show up in the directory. */
async function whenKnown(call, waitMs) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return call();
    } catch (error) {
      if (attempt >= ATTEMPTS || waitMs === 0 || !isNotFound(error)) throw error;
      await sleep(attempt * waitMs);
    }
  }
}
