import type { Incident, IncidentId } from "./incident.ts";

/** Where an incident stands. Every mapping over `stage` is checked by the compiler. */
export type Lifecycle =
  | { readonly stage: "active" }
  | { readonly stage: "inProgress" }
  | { readonly stage: "awaitingCustomerAction" }
  | { readonly stage: "resolved" }
  | { readonly stage: "redirected"; readonly into: IncidentId | undefined }
  | { readonly stage: "unrecognised"; readonly raw: string };

export type Stage = Lifecycle["stage"];

export const STAGES = [
  "active",
  "inProgress",
  "awaitingCustomerAction",
  "resolved",
  "redirected",
  "unrecognised",
] as const satisfies readonly Stage[];

/**
 * Answers every incident. Graph's enum grows: a status of tomorrow is `unrecognised` and kept raw, never an exception and never a guess.
 * Samples of the documentation write PascalCase, the service camelCase: compared without case.
 */
export function lifecycleOf(incident: Pick<Incident, "status" | "redirectIncidentId">): Lifecycle {
  switch (incident.status.toLowerCase()) {
    case "active":
      return { stage: "active" };
    case "inprogress":
      return { stage: "inProgress" };
    case "awaitingaction":
      return { stage: "awaitingCustomerAction" };
    case "resolved":
      return { stage: "resolved" };
    case "redirected":
      return {
        stage: "redirected",
        into: incident.redirectIncidentId === "" ? undefined : (incident.redirectIncidentId as IncidentId),
      };
    default:
      return { stage: "unrecognised", raw: incident.status };
  }
}

/** Nothing more is expected of an incident in these stages. */
export function isClosed(stage: Stage): boolean {
  return stage === "resolved" || stage === "redirected";
}
