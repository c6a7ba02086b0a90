import { RetryableError } from "../../errors.ts";
import type { CheckFinding } from "../connector.ts";
import type { SentinelClient } from "./client.ts";
import type { SentinelMode } from "./mapping.ts";
import { OWN_CONNECTOR_MEND, type OwnConnectorWatch } from "./own-connector.ts";
import type { WirePermission } from "./schema.ts";

const WRITE_ACTIONS = [
  "Microsoft.SecurityInsights/incidents/write",
  "Microsoft.SecurityInsights/incidents/comments/write",
  "Microsoft.SecurityInsights/incidents/tasks/write",
];
/** What each mode does beyond reading. */
const WRITES = {
  observe: [],
  tag: WRITE_ACTIONS,
  manage: WRITE_ACTIONS,
} satisfies Record<SentinelMode, readonly string[]>;

const ROLE = "give this identity the role Microsoft Sentinel Responder on the workspace";

const SECOND_WRITER: CheckFinding = {
  severity: "error",
  place: "mode",
  problem:
    "Sentinel's own Defender connector makes incidents in this workspace: nothing is created or managed beside it",
  mend: OWN_CONNECTOR_MEND,
};

/** Whether the workspace answers, and whether this identity may do what the mode does. Reads only. */
export async function checkWorkspace(
  client: SentinelClient,
  mode: SentinelMode,
  ownConnector: Pick<OwnConnectorWatch, "isOn"> | undefined,
  signal: AbortSignal,
): Promise<readonly CheckFinding[]> {
  try {
    await client.mustList(signal);
    if (WRITES[mode].length === 0) return [];
    return [
      ...rightFindings(mode, await client.permissions(signal)),
      ...((await ownConnector?.isOn(signal)) === true ? [SECOND_WRITER] : []),
    ];
  } catch (error) {
    if (!(error instanceof RetryableError) || error.reason !== "unauthorized") throw error;
    const mend = "mend what the message names: the role of this identity, or where the workspace is";
    const problem = error.message;
    return [{ severity: "error", place: "workspace", problem, mend: error.mend === "" ? mend : error.mend }];
  }
}

function rightFindings(
  mode: SentinelMode,
  permissions: readonly WirePermission[] | undefined,
): readonly CheckFinding[] {
  if (permissions === undefined) {
    const problem = `Azure does not say what this identity may do: whether it may write, as mode ${mode} does, is not known before it does`;
    return [{ severity: "warning", place: "mode", problem, mend: `${ROLE}, if it has not got it` }];
  }
  const missing = WRITES[mode].filter((action) => !permissions.some((permission) => allows(permission, action)));
  if (missing.length === 0) return [];
  const problem = `this identity may not do ${missing.join(", ")}, which mode ${mode} does`;
  return [{ severity: "error", place: "mode", problem, mend: `${ROLE}, or set mode to observe` }];
}

function allows({ actions = [], notActions = [] }: WirePermission, action: string): boolean {
  return actions.some((one) => covers(one, action)) && !notActions.some((one) => covers(one, action));
}

/** `*` stands for anything; Azure compares without case. */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  const text = action.toLowerCase();
  const [first = "", ...rest] = parts;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return parts.length === 1 ? text === first : parts.at(-1) === "" || text.endsWith(parts.at(-1) ?? "");
}
