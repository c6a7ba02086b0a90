import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";

export interface BallView {
  readonly holder: "customer" | "experts" | "analyst" | "none";
  readonly label: string;
  /** The line beneath: who is named on the incident. */
  readonly assignment: string;
}

/** Who acts next, in the reader's words. A ball from a newer server counts as not known. */
export function ballView(incident: Pick<IncidentOverview, "ball" | "assignedTo">): BallView {
  const { ball, assignedTo } = incident;
  const isAssigned = assignedTo !== "" && assignedTo.toLowerCase() !== "unassigned";
  const assignment = isAssigned ? `Assigned to ${assignedTo}` : "Unassigned";
  switch (ball) {
    case "customer":
      return { holder: "customer", label: "You (customer)", assignment };
    case "experts":
      return { holder: "experts", label: "Experts", assignment };
    case "analyst":
      return { holder: "analyst", label: isAssigned ? assignedTo : "An analyst", assignment: "Assigned analyst" };
    case "unassigned":
      return { holder: "none", label: "Nobody yet", assignment };
    case "nobody":
      return { holder: "none", label: "Nobody", assignment };
    case "unknown":
    default:
      return { holder: "none", label: "Not known", assignment };
  }
}
