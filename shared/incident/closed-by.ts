import { type AssigneeNames, isOneOf } from "./ball.ts";
import type { Alert, AlertsPart } from "./incident.ts";
import { lifecycleOf } from "./lifecycle.ts";
import { isWorkOfExperts } from "./scope.ts";
import type { Snapshot } from "./snapshot.ts";

/** Who brought a resolved incident to its end. `expertsWithHelp`: the experts handed it to the customer on the way. */
export type ClosedBy = "experts" | "expertsWithHelp" | "automation" | "analyst" | "unknown";

/** States in which automated investigation and response has dealt with an alert by itself. Source: Graph `investigationState`. */
const DEALT_WITH = new Set(["successfullyremediated", "benign"]);

/**
 * Undefined while the incident is open. What people were seen to do decides before what alerts say: an incident whose alerts automation
 * resolved, and that no expert was seen to work on, was closed by automation whatever its tags.
 */
export function closedByOf(snapshot: Snapshot, assignees: AssigneeNames): ClosedBy | undefined {
  const { incident, stages } = snapshot;
  if (lifecycleOf(incident).stage !== "resolved") return undefined;
  if (stages.some((stay) => stay.stage === "awaitingCustomerAction")) return "expertsWithHelp";
  if (stages.some((stay) => isOneOf(stay.assignedTo, assignees.experts))) return "experts";
  if (isResolvedByAutomation(incident.alerts)) return "automation";
  if (isWorkOfExperts(incident, assignees)) return "experts";
  const { assignedTo } = incident;
  return assignedTo === "" || assignedTo.toLowerCase() === "unassigned" ? "unknown" : "analyst";
}

/** False where not every alert was read. */
function isResolvedByAutomation(alerts: AlertsPart | undefined): boolean {
  return (
    alerts !== undefined &&
    alerts.count > 0 &&
    alerts.rows.length >= alerts.count &&
    alerts.rows.every((alert) => isDealtWithByAutomation(alert))
  );
}

function isDealtWithByAutomation(alert: Alert): boolean {
  if (alert.status.toLowerCase() !== "resolved") return false;
  return alert.assignedTo.toLowerCase() === "automation" || DEALT_WITH.has(alert.investigationState.toLowerCase());
}
