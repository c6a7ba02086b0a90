// The identity's role on each Sentinel workspace, and rules there that ring. Not in Bicep: `azd down` deletes every resource group that a deployment touched.
import { isDenied, isNotFound, rest } from "./az.mjs";
import { heldAssignments, setAssignments } from "./role-assignments.mjs";

const WORKSPACE_API = "2025-07-01";
const SENTINEL_API = "2025-09-01";
const READER = { roleId: "8d289c81-5878-46d4-8554-54e1e3d8b5cb", title: "Microsoft Sentinel Reader" };
const RESPONDER = { roleId: "3e150937-b8fe-4cfb-8069-0eaf05ecd056", title: "Microsoft Sentinel Responder" };
const OURS = [READER.roleId, RESPONDER.roleId];
const WORKSPACE_ID = /\/microsoft\.operationalinsights\/workspaces\/[^/]+$/;
/** docs/doorbells.md has an operator give the rule this name. */
const RULE_NAME = "dex-sync doorbell";

/** `writes` undefined: the workspace is in the configuration no more, and the identity has no business there. */
export function setWorkspaceRole({ armUrl, principalId, workspace: { id, writes } }) {
  const role = writes === true ? RESPONDER : READER;
  try {
    return setAssignments({
      armUrl,
      under: id,
      principalId,
      wanted: writes === undefined ? [] : [{ scope: id, ...role }],
      isOurs: ({ scope, roleId }) => scope === id.toLowerCase() && OURS.includes(roleId),
    });
  } catch (error) {
    // With the workspace went its roles.
    if (writes === undefined && isNotFound(error)) return [];
    throw error;
  }
}

/** The workspaces of the configuration, then those on which the identity may hold a role of before; these without `writes`. */
export function knownWorkspaces({ sentinelWorkspaces }, env, armUrl) {
  const remembered = JSON.parse(env.DEX_SYNC_SENTINEL_WORKSPACE_IDS || "[]");
  const ids = [...sentinelWorkspaces.map(({ id }) => id), ...remembered];
  const subscriptions = new Set([env.AZURE_SUBSCRIPTION_ID, ...ids.map((id) => id.split("/")[2])]);
  // An azd environment that was made anew, as in a pipeline, remembers nothing.
  const held = [...subscriptions].flatMap((id) => workspacesHeldIn(id, env.DEX_SYNC_PRINCIPAL_ID, armUrl));
  const others = new Map([...remembered, ...held].map((id) => [id.toLowerCase(), id]));
  for (const { id } of sentinelWorkspaces) others.delete(id.toLowerCase());
  return [...sentinelWorkspaces, ...[...others.values()].map((id) => ({ id }))];
}

function workspacesHeldIn(subscriptionId, principalId, armUrl) {
  try {
    return heldAssignments(armUrl, `/subscriptions/${subscriptionId}`, principalId)
      .filter(({ scope, roleId }) => OURS.includes(roleId) && WORKSPACE_ID.test(scope))
      .map(({ scope }) => scope);
  } catch (error) {
    // Who may not look there took nothing back there either: what is remembered is left for whoever may.
    if (isDenied(error) || isNotFound(error)) return [];
    throw error;
  }
}

export function isWorkspaceThere(armUrl, id) {
  try {
    rest("get", `${armUrl}${id}?api-version=${WORKSPACE_API}`);
    return true;
  } catch (error) {
    // A subscription that the caller may not see answers the same way; that is no proof.
    if (isNotFound(error) && !error.message.includes("SubscriptionNotFound")) return false;
    throw error;
  }
}

/** Deletes the automation rules of our name. Returns what it did, and the playbooks that nothing calls any more. */
export function takeBackRules(armUrl, workspaceId) {
  const lines = [];
  let url = `${armUrl}${workspaceId}/providers/Microsoft.SecurityInsights/automationRules?api-version=${SENTINEL_API}`;
  while (url !== undefined) {
    const { value, nextLink } = rest("get", url);
    for (const { id, properties } of value) {
      if (properties.displayName.trim().toLowerCase() !== RULE_NAME) continue;
      rest("delete", `${armUrl}${id}?api-version=${SENTINEL_API}`);
      lines.push(`automation rule "${properties.displayName}" in ${workspaceId.split("/").at(-1)}: deleted`);
      for (const { actionConfiguration } of properties.actions ?? []) {
        if (actionConfiguration?.logicAppResourceId === undefined) continue;
        lines.push(`  its playbook is left: az resource delete --ids ${actionConfiguration.logicAppResourceId}`);
      }
    }
    url = nextLink ?? undefined;
  }
  return lines;
}
