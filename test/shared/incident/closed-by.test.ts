import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import { type ClosedBy, closedByOf } from "../../../shared/incident/closed-by.ts";
import type { Alert, AlertsPart, Incident } from "../../../shared/incident/incident.ts";
import { type Stage, lifecycleOf } from "../../../shared/incident/lifecycle.ts";
import { pendingApprovals, pendingTasks } from "../../../shared/incident/pending.ts";
import type { Snapshot } from "../../../shared/incident/snapshot.ts";
import { anIncident } from "../../build.ts";

type Stay = readonly [stage: Stage, assignedTo: string];

function aSnapshot(incident: Incident, stays: readonly Stay[]): Snapshot {
  const all: readonly Stay[] = [...stays, [lifecycleOf(incident).stage, incident.assignedTo]];
  return {
    incident,
    seq: 1,
    stageSince: 0,
    stages: all.map(([stage, assignedTo]) => ({ stage, since: 0, assignedTo })),
    firstSeenAt: 0,
    seenAt: 0,
    changedAt: 0,
    changes: [],
    mergedFrom: [],
  };
}

function anAlert(fields: Partial<Alert> = {}): Alert {
  return {
    id: "a",
    title: "",
    severity: "high",
    status: "resolved",
    serviceSource: "",
    detectionSource: "",
    category: "",
    mitreTechniques: [],
    investigationState: "successfullyRemediated",
    assignedTo: "",
    classification: "",
    determination: "",
    createdAt: "",
    resolvedAt: "",
    ...fields,
  };
}

function alerts(...rows: readonly Partial<Alert>[]): AlertsPart {
  return { readAt: 0, count: rows.length, rows: rows.map(anAlert), assets: [], evidence: [] };
}

/** Resolved, and nothing of the experts' about it. */
const PLAIN: Partial<Incident> = { status: "resolved", systemTags: [], title: "Anything" };
const EXPERTS: Stay = ["inProgress", "Defender Experts"];
const HANDOVER: Stay = ["awaitingCustomerAction", "Customer"];

describe("who closed an incident", () => {
  it.each<[string, ClosedBy | undefined, Partial<Incident>, readonly Stay[]]>([
    ["is nobody while it is open", undefined, { status: "inProgress" }, [EXPERTS, HANDOVER]],
    ["is nobody where it was merged", undefined, { status: "redirected", redirectIncidentId: "2" }, [EXPERTS]],
    ["is the experts, who were seen to have it", "experts", PLAIN, [["active", ""], EXPERTS]],
    ["is the experts, whose it still is", "experts", { ...PLAIN, assignedTo: "defender experts" }, []],
    ["is the experts by the tag, where no one was seen", "experts", { ...PLAIN, systemTags: ["Defender Experts"] }, []],
    ["is the experts by the notification", "experts", { ...PLAIN, title: "Defender Experts: phishing" }, []],
    ["is the experts with the customer's help after a handover", "expertsWithHelp", PLAIN, [EXPERTS, HANDOVER]],
    ["is so even where the customer's name is all there was", "expertsWithHelp", PLAIN, [HANDOVER]],
    ["is so whatever automation did besides", "expertsWithHelp", { ...PLAIN, alerts: alerts({}) }, [HANDOVER]],
    ["is automation where it dealt with every alert", "automation", { ...PLAIN, alerts: alerts({}, {}) }, []],
    [
      "is automation where the alerts are assigned to it",
      "automation",
      { ...PLAIN, alerts: alerts({ assignedTo: "Automation", investigationState: "unknown" }) },
      [],
    ],
    [
      "is automation also under the experts' tag, where none was seen to work on it",
      "automation",
      { ...PLAIN, systemTags: ["Defender Experts"], alerts: alerts({ investigationState: "benign" }) },
      [],
    ],
    [
      "is the experts where they were seen, though automation dealt with it",
      "experts",
      { ...PLAIN, alerts: alerts({}) },
      [EXPERTS],
    ],
    [
      "is the analyst it is assigned to where an alert was not dealt with",
      "analyst",
      { ...PLAIN, assignedTo: "kai@contoso.com", alerts: alerts({}, { investigationState: "failed" }) },
      [],
    ],
    [
      "is the analyst where an alert is open",
      "analyst",
      { ...PLAIN, assignedTo: "kai@contoso.com", alerts: alerts({ status: "inProgress" }) },
      [],
    ],
    [
      "is not automation where not every alert was read",
      "unknown",
      { ...PLAIN, alerts: { ...alerts({}), count: 2, isCut: true } },
      [],
    ],
    ["is not automation where there is no alert", "unknown", { ...PLAIN, alerts: alerts() }, []],
    ["is the analyst it is assigned to", "analyst", { ...PLAIN, assignedTo: "kai@contoso.com" }, []],
    ["is unknown where it is assigned to nobody", "unknown", { ...PLAIN, assignedTo: "Unassigned" }, []],
    ["is unknown where alerts were never read and nobody has it", "unknown", PLAIN, []],
  ])("%s", (_name, expected, fields, stays) => {
    expect(closedByOf(aSnapshot(anIncident(fields), stays), DEFAULT_ASSIGNEE_NAMES)).toBe(expected);
  });

  it("is said of every resolved incident, and of no other", () => {
    const stay = fc.tuple(
      fc.constantFrom<Stage>("active", "inProgress", "awaitingCustomerAction", "resolved"),
      fc.constantFrom("", "Defender Experts", "Customer", "kai@contoso.com"),
    );
    const anyIncident = fc.record({
      status: fc.constantFrom("active", "inProgress", "awaitingAction", "resolved", "redirected", "tomorrow"),
      assignedTo: fc.string(),
      systemTags: fc.array(fc.string()),
    });
    fc.assert(
      fc.property(anyIncident, fc.array(stay), (fields, stays) => {
        const closedBy = closedByOf(aSnapshot(anIncident(fields), stays), DEFAULT_ASSIGNEE_NAMES);
        expect(closedBy !== undefined).toBe(fields.status === "resolved");
      }),
    );
  });
});

describe("what is pending", () => {
  it("are pieces of evidence that wait for an approval, whatever the spelling", () => {
    const piece = (remediation: string) => ({
      kind: "device" as const,
      name: "pc-1",
      detail: "",
      actionId: "",
      verdict: "",
      remediation,
      remediationDetails: "",
    });
    const part = { ...alerts(), evidence: ["pendingApproval", "PendingApproval", "remediated", ""].map(piece) };
    expect(pendingApprovals({ alerts: part })).toHaveLength(2);
    expect(pendingApprovals({})).toEqual([]);
  });

  it.each([
    ["open", 1],
    ["inProgress", 1],
    ["statusOfTomorrow", 1],
    ["completed", 0],
    ["Failed", 0],
    ["notRelevant", 0],
  ])("is a task that is %s: %d", (status, count) => {
    const task = {
      id: "t",
      title: "",
      description: "",
      status,
      actionStatus: "",
      actionType: "",
      source: "",
      target: "",
      createdAt: "",
      updatedAt: "",
      updatedBy: "",
    };
    expect(pendingTasks({ tasks: { readAt: 0, rows: [task] } })).toHaveLength(count);
  });
});
