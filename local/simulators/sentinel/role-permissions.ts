import { jsonReply, type Reply } from "../http/message.ts";
import type { SentinelBehaviour } from "./sentinel-behaviour.ts";
import { azureError } from "./sentinel-reply.ts";

/** Actions of the built-in roles Microsoft Sentinel Responder and Reader, as far as incidents go. */
const READ = ["Microsoft.SecurityInsights/*/read", "Microsoft.OperationalInsights/workspaces/read"];
const WRITE = ["Microsoft.SecurityInsights/incidents/*"];
const PATH =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.OperationalInsights\/workspaces\/[^/]+\/providers\/Microsoft\.Authorization\/permissions$/i;

/** Whether a path asks what the caller may do in a workspace: the role is given there, so its resource group tells nothing of it. */
export function isPermissionsPath(path: string): boolean {
  return PATH.test(path);
}

export function answerPermissions({ role }: SentinelBehaviour): Reply {
  if (role === "hidden")
    return azureError(
      403,
      "AuthorizationFailed",
      "The client does not have authorization to perform action 'Microsoft.Authorization/permissions/read'.",
    );
  const actions = role === "responder" ? [...READ, ...WRITE] : READ;
  const notActions = ["Microsoft.SecurityInsights/incidents/*/Delete", "Microsoft.SecurityInsights/incidents/Delete"];
  return jsonReply(200, { value: [{ actions, notActions, dataActions: [], notDataActions: [] }] });
}
