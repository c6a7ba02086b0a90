import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ballOf, DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import { STAGES, isClosed, lifecycleOf } from "../../../shared/incident/lifecycle.ts";
import { classificationOf, determinationOf, severityOf } from "../../../shared/incident/verdict.ts";
import { anIncident } from "../../build.ts";

describe("lifecycleOf", () => {
  it.each([
    ["active", "active"],
    ["Active", "active"],
    ["inProgress", "inProgress"],
    ["InProgress", "inProgress"],
    ["awaitingAction", "awaitingCustomerAction"],
    ["resolved", "resolved"],
    ["Resolved", "resolved"],
    ["redirected", "redirected"],
    ["unknownFutureValue", "unrecognised"],
    ["", "unrecognised"],
    ["archived", "unrecognised"],
  ])("%j is %s", (status, stage) => {
    expect(lifecycleOf({ status, redirectIncidentId: "" }).stage).toBe(stage);
  });

  it("keeps an unknown status raw", () => {
    expect(lifecycleOf({ status: "archived", redirectIncidentId: "" })).toEqual({
      stage: "unrecognised",
      raw: "archived",
    });
  });

  it("names the survivor of a merge", () => {
    expect(lifecycleOf({ status: "redirected", redirectIncidentId: "42" })).toEqual({
      stage: "redirected",
      into: "42",
    });
    expect(lifecycleOf({ status: "redirected", redirectIncidentId: "" })).toEqual({
      stage: "redirected",
      into: undefined,
    });
  });

  it("answers every text", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (status, redirectIncidentId) => {
        const { stage } = lifecycleOf({ status, redirectIncidentId });
        expect(STAGES).toContain(stage);
        expect(typeof isClosed(stage)).toBe("boolean");
      }),
    );
  });
});

describe("ballOf", () => {
  it.each([
    ["active", "", "unassigned"],
    ["active", "Unassigned", "unassigned"],
    ["active", "KaiC@contoso.com", "analyst"],
    ["inProgress", "Defender Experts", "experts"],
    ["inProgress", "defender experts", "experts"],
    ["inProgress", "Customer", "customer"],
    ["awaitingAction", "Customer", "customer"],
    ["awaitingAction", "", "customer"],
    ["awaitingAction", "Defender Experts", "customer"],
    ["resolved", "Customer", "nobody"],
    ["redirected", "Defender Experts", "nobody"],
    ["archived", "Defender Experts", "unknown"],
  ])("%s assigned to %j: %s", (status, assignedTo, ball) => {
    expect(ballOf(anIncident({ status, assignedTo }), DEFAULT_ASSIGNEE_NAMES)).toBe(ball);
  });
});

describe("verdicts", () => {
  it.each([
    ["", "unknown"],
    ["unknown", "unknown"],
    ["TruePositive", "truePositive"],
    ["falsePositive", "falsePositive"],
    ["informationalExpectedActivity", "informationalExpectedActivity"],
    ["benignPositive", "unrecognised"],
  ])("classification %j is %s", (raw, classification) => {
    expect(classificationOf(raw)).toBe(classification);
  });

  it.each([
    ["", "unknown"],
    ["UnSpecified", "unknown"],
    ["High", "high"],
    ["medium", "medium"],
    ["critical", "unrecognised"],
  ])("severity %j is %s", (raw, severity) => {
    expect(severityOf(raw)).toBe(severity);
  });

  it.each([
    ["CompromisedUser", "compromisedAccount"],
    ["clean", "notMalicious"],
    ["InsufficientData", "notEnoughDataToValidate"],
    ["confirmedUserActivity", "confirmedActivity"],
    ["MultiStagedAttack", "multiStagedAttack"],
    ["somethingNew", "somethingNew"],
    ["__proto__", "__proto__"],
    ["constructor", "constructor"],
    ["", "unknown"],
  ])("determination %j is %s", (raw, determination) => {
    expect(determinationOf(raw)).toBe(determination);
  });
});
