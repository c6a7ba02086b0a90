import { describe, expect, it } from "vitest";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../shared/incident/ball.ts";
import { type Scope, isInScope } from "../../../shared/incident/scope.ts";
import { anIncident } from "../../build.ts";

const EXPERTS_ONLY: Scope = {
  experts: "only",
  minimumSeverity: "informational",
  createdAfter: "",
  assignees: DEFAULT_ASSIGNEE_NAMES,
};
const NOBODYS = { systemTags: [], assignedTo: "", title: "Anything" };

describe("isInScope with experts: only", () => {
  it.each([
    ["the tag", { ...NOBODYS, systemTags: ["defender experts"] }, true],
    ["the experts as assignee", { ...NOBODYS, assignedTo: "Defender Experts" }, true],
    ["the customer as assignee", { ...NOBODYS, assignedTo: "customer" }, true],
    ["a handover", { ...NOBODYS, status: "awaitingAction" }, true],
    ["a notification", { ...NOBODYS, title: "Defender Experts: suspicious sign-ins" }, true],
    ["none of these", NOBODYS, false],
    ["a customer's own tag of that name", { ...NOBODYS, customTags: ["Defender Experts"] }, false],
  ])("%s", (_name, fields, expected) => {
    expect(isInScope(anIncident(fields), EXPERTS_ONLY)).toBe(expected);
  });
});

describe("isInScope bounds", () => {
  it("takes all where asked to", () => {
    expect(isInScope(anIncident(NOBODYS), { ...EXPERTS_ONLY, experts: "all" })).toBe(true);
  });

  it.each([
    ["high", true],
    ["medium", true],
    ["low", false],
    ["informational", false],
    ["", true],
    ["critical", true],
  ])("minimum medium, severity %j: %s", (severity, expected) => {
    expect(isInScope(anIncident({ severity }), { ...EXPERTS_ONLY, minimumSeverity: "medium" })).toBe(expected);
  });

  it("leaves out what was created before", () => {
    const scope = { ...EXPERTS_ONLY, createdAfter: "2026-01-22T12:09:23.1433334Z" };
    expect(isInScope(anIncident(), scope)).toBe(false);
    expect(isInScope(anIncident({ createdAt: "2026-01-22T12:09:23.1433334Z" }), scope)).toBe(true);
  });
});
