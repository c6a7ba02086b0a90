import type { Ball } from "../incident/ball.ts";
import type { ClosedBy } from "../incident/closed-by.ts";
import type { Stage } from "../incident/lifecycle.ts";

/** How a ticket's description names the stage. */
export const STAGE_TEXT = {
  active: "Active (not picked up yet)",
  inProgress: "In progress",
  awaitingCustomerAction: "Awaiting Customer Action (pending actions are yours)",
  resolved: "Resolved",
  redirected: "Merged into another incident",
  unrecognised: "Not known to this version",
} satisfies Record<Stage, string>;

/** And whose turn it is. */
export const BALL_TEXT = {
  experts: "Defender Experts",
  customer: "your team",
  analyst: "the analyst assigned",
  unassigned: "nobody yet",
  nobody: "nobody, it is closed",
  unknown: "not known",
} satisfies Record<Ball, string>;

/** And who closed the incident; "" where that is not known. */
export const CLOSED_BY_TEXT = {
  experts: "Defender Experts",
  expertsWithHelp: "Defender Experts with your help",
  automation: "automated investigation and response",
  analyst: "an analyst",
  unknown: "",
} satisfies Record<ClosedBy, string>;
