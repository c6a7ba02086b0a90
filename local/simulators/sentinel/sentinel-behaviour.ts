import type { Choices } from "../http/behaviour.ts";

/** How the simulated Sentinel and its Defender connector behave. Change the fields at any time. */
export interface SentinelBehaviour {
  /** How long after a Defender incident its twin appears here. */
  twinDelayMs: number;
  /** How long after a change in Defender the twin follows. */
  updateDelayMs: number;
  /** Off: the connector is not turned on, no twins are made or kept in step. */
  connectorOn: boolean;
  /** Whether the connector takes `Awaiting Customer Action` off again; not documented. */
  awaitingTagRemoved: boolean;
  /** Whether status, owner and classification written here reach Defender. */
  syncBack: boolean;
  providerIncidentIdFilter: "supported" | "refused";
  /** What this identity may do, and as Azure says it of the workspace; "hidden": as a Responder, but it may not ask what it may. */
  role: "responder" | "reader" | "none" | "hidden";
  /** What was deleted, moved, or is written otherwise in the caller's configuration. */
  missing: "nothing" | "workspace" | "resourceGroup" | "subscription";
  /** What refuses writes although the role allows them: a lock on the workspace, or a policy on the one resource. */
  writesRefusedBy: "nothing" | "lock" | "policy";
  /** Per 5 minutes, for PUT of incidents and PUT of comments each; 0 for no limit. */
  putLimit: number;
}

export const SENTINEL_CHOICES = {
  providerIncidentIdFilter: ["supported", "refused"],
  role: ["responder", "reader", "none", "hidden"],
  missing: ["nothing", "workspace", "resourceGroup", "subscription"],
  writesRefusedBy: ["nothing", "lock", "policy"],
} as const satisfies Choices;

export function defaultSentinelBehaviour(): SentinelBehaviour {
  return {
    twinDelayMs: 0,
    updateDelayMs: 0,
    connectorOn: true,
    awaitingTagRemoved: true,
    syncBack: true,
    providerIncidentIdFilter: "supported",
    role: "responder",
    missing: "nothing",
    writesRefusedBy: "nothing",
    putLimit: 75,
  };
}
