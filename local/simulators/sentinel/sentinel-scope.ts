import type { Call, Reply } from "../http/message.ts";
import type { SentinelBehaviour } from "./sentinel-behaviour.ts";
import { azureError } from "./sentinel-reply.ts";

/** The role's decision, as Azure Resource Manager words it: the action, and the scope it was asked for. */
export function refuseByRole(call: Call, { role }: SentinelBehaviour): Reply | undefined {
  const isAllowed = role !== "none" && (role !== "reader" || !isWrite(call));
  if (isAllowed) return undefined;
  return azureError(
    403,
    "AuthorizationFailed",
    `The client 'dex-sync' with object id '00000000-0000-0000-0000-000000000001' does not have authorization to perform action '${actionOf(call)}' over scope '${call.path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

export function refuseMissing(call: Call, { missing }: SentinelBehaviour): Reply | undefined {
  const { subscription = "", group = "", workspace = "" } = SCOPE.exec(call.path)?.groups ?? {};
  switch (missing) {
    case "nothing":
      return undefined;
    case "subscription":
      return azureError(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`);
    case "resourceGroup":
      return azureError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
    case "workspace":
      return azureError(
        404,
        "ResourceNotFound",
        `The Resource 'Microsoft.OperationalInsights/workspaces/${workspace}' under resource group '${group}' was not found.`,
      );
  }
}

export function refuseWrite(call: Call, { writesRefusedBy }: SentinelBehaviour): Reply | undefined {
  if (!isWrite(call)) return undefined;
  switch (writesRefusedBy) {
    case "nothing":
      return undefined;
    case "lock":
      return azureError(
        409,
        "ScopeLocked",
        `The scope '${call.path}' cannot perform write operation because following scope(s) are locked.`,
      );
    case "policy":
      return azureError(403, "RequestDisallowedByPolicy", `Resource '${call.path}' was disallowed by policy.`);
  }
}

const SCOPE =
  /^\/subscriptions\/(?<subscription>[^/]+)\/resourceGroups\/(?<group>[^/]+)\/providers\/Microsoft\.OperationalInsights\/workspaces\/(?<workspace>[^/]+)/i;

function isWrite({ method }: Call): boolean {
  return method !== "GET";
}

function actionOf(call: Call): string {
  const verb = { GET: "read", DELETE: "delete" }[call.method] ?? "write";
  const [, child] = /\/incidents\/[^/]+\/(comments|tasks|relations)/i.exec(call.path) ?? [];
  return `Microsoft.SecurityInsights/incidents/${child === undefined ? "" : `${child}/`}${verb}`;
}
