import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import type { Incident } from "../../../shared/incident/incident.ts";
import { type Projection, projectionOf } from "../../../shared/incident/projection.ts";
import type { Snapshot } from "../../../shared/incident/snapshot.ts";
import type { Stage } from "../../../shared/incident/lifecycle.ts";
import { anIncident } from "../../build.ts";

/** How Graph spells each stage. */
export const STATUS_OF = {
  active: "active",
  inProgress: "inProgress",
  awaitingCustomerAction: "awaitingAction",
  resolved: "resolved",
  redirected: "redirected",
  unrecognised: "someStatusOfTomorrow",
} satisfies Record<Stage, string>;

const SINCE = Date.UTC(2026, 1, 25);

/** The projection of a valid incident; a test breaks one field. */
export function aProjection(overrides: Partial<Incident> = {}, mergedFrom: Snapshot["mergedFrom"] = []): Projection {
  const snapshot: Snapshot = {
    incident: anIncident(overrides),
    seq: 1,
    stageSince: SINCE,
    stages: [],
    firstSeenAt: SINCE,
    seenAt: SINCE,
    changedAt: SINCE,
    mergedFrom,
  };
  return projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES);
}
