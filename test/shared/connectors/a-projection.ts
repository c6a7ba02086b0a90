import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import type { Alert, AlertsPart, Incident, Task } from "../../../shared/incident/incident.ts";
import { type Projection, projectionOf } from "../../../shared/incident/projection.ts";
import type { Snapshot } from "../../../shared/incident/snapshot.ts";
import { type Stage, lifecycleOf } from "../../../shared/incident/lifecycle.ts";
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

/** The projection of a valid incident; a test breaks one field. `passed` are the stages before the present one. */
export function aProjection(
  overrides: Partial<Incident> = {},
  mergedFrom: Snapshot["mergedFrom"] = [],
  passed: readonly Stage[] = [],
): Projection {
  const incident = anIncident(overrides);
  const stages = [...passed, lifecycleOf(incident).stage];
  const snapshot: Snapshot = {
    incident,
    seq: 1,
    stageSince: SINCE,
    stages: stages.map((stage) => ({ stage, since: SINCE, assignedTo: "" })),
    firstSeenAt: SINCE,
    seenAt: SINCE,
    changedAt: SINCE,
    changes: [],
    mergedFrom,
  };
  return projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES);
}

export function anAlert(overrides: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    title: "Suspicious process",
    severity: "high",
    status: "new",
    serviceSource: "microsoftDefenderForEndpoint",
    detectionSource: "antivirus",
    category: "Execution",
    mitreTechniques: [],
    investigationState: "unsupportedAlertType",
    assignedTo: "",
    classification: "",
    determination: "",
    createdAt: "2026-01-22T12:09:23Z",
    resolvedAt: "",
    ...overrides,
  };
}

export function anAlertsPart(overrides: Partial<AlertsPart> = {}): AlertsPart {
  const rows = overrides.rows ?? [anAlert()];
  return { readAt: 0, count: rows.length, rows, assets: [], evidence: [], ...overrides };
}

export function aTask(overrides: Partial<Task> = {}): Task {
  return {
    id: "t1",
    title: "Isolate the device",
    description: "",
    status: "open",
    actionStatus: "",
    actionType: "isolateDevice",
    source: "defenderExpertsGuidedResponse",
    target: "host-01",
    createdAt: "2026-02-25T16:29:33Z",
    updatedAt: "2026-02-25T16:29:33Z",
    updatedBy: "",
    ...overrides,
  };
}
