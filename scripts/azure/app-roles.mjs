// Application roles of the app's identity at Graph and Defender for Endpoint: given, and taken back.
import { setTimeout as sleep } from "node:timers/promises";
import { isNotFound, rest } from "./az.mjs";

const ATTEMPTS = 6;

/** Gives what is missing, and takes back what an earlier configuration asked for. Ids are looked up by name: some differ between clouds. Returns what it did, a line each. */
export async function setRoles({ graphUrl, principalId, grants, waitMs = 5_000 }) {
  const held = await heldRoles(graphUrl, principalId, waitMs);
  const url = assignmentsUrl(graphUrl, principalId);
  const lines = [];
  for (const { appId, title, roles, others } of grants) {
    const resource = serviceOf(graphUrl, appId);
    if (resource === undefined && roles.length === 0) continue;
    if (resource === undefined) throw new Error(`${title} is not in this tenant: is it licensed here?`);
    const assignmentOf = (name) => {
      const roleId = roleIn(resource, name)?.id;
      return held.find(({ appRoleId, resourceId }) => appRoleId === roleId && resourceId === resource.id);
    };
    for (const name of roles) {
      const role = roleIn(resource, name);
      if (role === undefined) throw new Error(`${title} offers no application role ${name} in this tenant`);
      if (assignmentOf(name) !== undefined) {
        lines.push(`${name}: has it`);
        continue;
      }
      await whenKnown(() => rest("post", url, { principalId, resourceId: resource.id, appRoleId: role.id }), waitMs);
      lines.push(`${name}: granted`);
    }
    for (const name of others) {
      const assignment = assignmentOf(name);
      if (assignment === undefined) continue;
      rest("delete", `${url}/${assignment.id}`);
      lines.push(`${name}: taken back, the configuration no longer asks for it`);
    }
  }
  return lines;
}

function roleIn(resource, name) {
  return resource.appRoles.find(
    ({ value, allowedMemberTypes }) => value === name && allowedMemberTypes.includes("Application"),
  );
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

/** Undefined where the tenant does not have it. */
function serviceOf(graphUrl, appId) {
  return rest("get", `${graphUrl}/v1.0/servicePrincipals?$filter=appId eq '${appId}'&$select=id,appRoles`).value[0];
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
