import { assertNever } from "../assert-never.ts";
import type { Incident } from "./incident.ts";
import { lifecycleOf } from "./lifecycle.ts";

/** Who has to act next. */
export type Ball = "experts" | "customer" | "analyst" | "unassigned" | "nobody" | "unknown";

/** How a tenant's portal names the two assignees. The API's strings are documented nowhere, so they are configuration; compared without case. */
export interface AssigneeNames {
  readonly experts: readonly string[];
  readonly customer: readonly string[];
}

export const DEFAULT_ASSIGNEE_NAMES: AssigneeNames = { experts: ["Defender Experts"], customer: ["Customer"] };

/** The status decides; the assignee is a hint only (its strings are free text). */
export function ballOf(incident: Incident, names: AssigneeNames): Ball {
  const lifecycle = lifecycleOf(incident);
  switch (lifecycle.stage) {
    case "awaitingCustomerAction":
      return "customer";
    case "resolved":
    case "redirected":
      return "nobody";
    case "active":
    case "inProgress":
      return ballOfAssignee(incident.assignedTo, names);
    case "unrecognised":
      return "unknown";
    default:
      return assertNever(lifecycle);
  }
}

function ballOfAssignee(assignedTo: string, names: AssigneeNames): Ball {
  if (assignedTo === "" || assignedTo.toLowerCase() === "unassigned") return "unassigned";
  if (isOneOf(assignedTo, names.experts)) return "experts";
  if (isOneOf(assignedTo, names.customer)) return "customer";
  return "analyst";
}

export function isOneOf(name: string, names: readonly string[]): boolean {
  return names.some((known) => known.toLowerCase() === name.toLowerCase());
}
