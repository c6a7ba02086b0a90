import { PermanentError, RetryableError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";

/** Where the configuration says that the incidents are. */
export interface Place {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
}

/*
 * Codes of Azure Resource Manager, in lower case, for it spells them in more than one way. Its decision on a right is about an action and a
 * scope, never about what a record says: every other record meets it too.
 */
const RIGHTS: readonly string[] = [
  "authorizationfailed",
  "linkedauthorizationfailed",
  "denyassignmentauthorizationfailed",
];
/** Reading goes on; nothing under the scope can be written. */
const READ_ONLY: readonly string[] = ["scopelocked", "readonlydisabledsubscription"];
/**
 * `ResourceNotFound` is not among them: it may be said of the workspace, and of an incident. Nor is `RequestDisallowedByPolicy`: a policy
 * looks at the values of the one resource, so that the next may well be taken.
 */
const PLACES: readonly string[] = [
  "subscriptionnotfound",
  "invalidsubscriptionid",
  "resourcegroupnotfound",
  "workspacenotfound",
];
const POLICY = "requestdisallowedbypolicy";

/** Status 400 and more: a refusal that every incident of this workspace meets; undefined where it may be this one's own. Nothing was carried out. */
export function refusalOfAll(response: HttpResponse, place: Place, isWrite: boolean): RetryableError | undefined {
  const code = codeIn(response.text);
  if (RIGHTS.includes(code)) return notAllowed(response, place, isWrite);
  if (PLACES.includes(code)) return notThere(response, place);
  if (!READ_ONLY.includes(code)) return undefined;
  return new RetryableError(
    "unauthorized",
    `Sentinel takes no writes here (${response.status}${toolMessage(response.text)})`,
    {
      mend: `take the lock off the workspace, its resource group or its subscription (or, where the subscription is disabled, enable it): ${wordsOf(place)}; else set mode to observe`,
      isOfWrites: true,
    },
  );
}

export function notAllowed(response: HttpResponse, place: Place, isWrite: boolean): RetryableError {
  const what = isWrite ? "write" : "read";
  return new RetryableError(
    "unauthorized",
    `Azure does not let this identity ${what} incidents (${response.status}${toolMessage(response.text)})`,
    {
      mend: `give this identity the role Microsoft Sentinel Responder (Reader is enough to observe) on the ${wordsOf(place)}; Azure answers so too where one of these names is wrong`,
      isOfWrites: isWrite,
    },
  );
}

export function notThere(response: HttpResponse, place: Place): RetryableError {
  return new RetryableError(
    "unauthorized",
    `Azure does not find the workspace (${response.status}${toolMessage(response.text)})`,
    {
      mend: `check subscriptionId, resourceGroup and workspace in the configuration (${wordsOf(place)}), that it was not deleted or moved, and that Sentinel is enabled there`,
    },
  );
}

/** 403 that is not known to concern more than this record. */
export function writeRefused(response: HttpResponse): PermanentError {
  const mend =
    codeIn(response.text) === POLICY
      ? "an Azure Policy forbids this write: exempt the workspace from the policy that the message names, then replay this work"
      : "mend what the message names (the role to write is Microsoft Sentinel Responder), then replay this work";
  return new PermanentError("rejected", `Sentinel refused a write (403${toolMessage(response.text)})`, { mend });
}

function wordsOf({ subscriptionId, resourceGroup, workspace }: Place): string {
  return `workspace "${workspace}" of resource group "${resourceGroup}" in subscription ${subscriptionId}`;
}

/** "" where the answer is no error of Azure's. */
function codeIn(text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return "";
    throw error;
  }
  if (typeof body !== "object" || body === null || !("error" in body)) return "";
  const { error } = body;
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code.toLowerCase() : "";
}
