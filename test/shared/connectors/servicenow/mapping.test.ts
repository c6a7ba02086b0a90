import { describe, expect, it } from "vitest";
import type { MappingContext, WantedTicket } from "../../../../shared/connectors/connector.ts";
import { toWanted } from "../../../../shared/connectors/servicenow/mapping.ts";
import { type ServiceNowMapping, fullMapping } from "../../../../shared/connectors/servicenow/mapping-options.ts";
import { PermanentError } from "../../../../shared/errors.ts";
import type { Incident, IncidentId } from "../../../../shared/incident/incident.ts";
import { STAGES } from "../../../../shared/incident/lifecycle.ts";
import { CLASSIFICATIONS, SEVERITIES } from "../../../../shared/incident/verdict.ts";
import { STATUS_OF, aProjection, anAlert, anAlertsPart, aTask } from "../a-projection.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, journalMarkIn, linkIn, mentionIn } from "../inertness.ts";

const HOSTS = ["security.microsoft.com"];
const NO_SURVIVOR: MappingContext = { survivor: undefined };

function wantedOf(
  incident: Partial<Incident>,
  mapping: ServiceNowMapping = {},
  context: MappingContext = NO_SURVIVOR,
  mergedFrom: readonly IncidentId[] = [],
): WantedTicket {
  return toWanted(aProjection(incident, mergedFrom), context, fullMapping(mapping), HOSTS);
}

describe("stages", () => {
  const expected = {
    active: { state: "1" },
    inProgress: { state: "2" },
    awaitingCustomerAction: { state: "2", urgency: "1" },
    resolved: { state: "6", close_code: "Solution provided" },
    redirected: { state: "6", close_code: "Duplicate" },
    unrecognised: { state: undefined },
  } as const;

  it.each(STAGES)("%s", (stage) => {
    const { fields, statusFields } = wantedOf({ status: STATUS_OF[stage], severity: "medium" });
    expect(fields.values).toMatchObject(
      Object.fromEntries(Object.entries(expected[stage]).filter(([, value]) => value !== undefined)),
    );
    expect(fields.values["state"]).toBe(expected[stage].state);
    expect(statusFields.every((name) => fields.values[name] !== undefined)).toBe(true);
    expect(Object.values(fields.values).every((value) => typeof value === "string")).toBe(true);
    expect(fields.tags).toEqual([]);
  });

  it("names the state's companions as status fields, and nothing for a status it does not know", () => {
    expect(wantedOf({ status: "active" }).statusFields).toEqual(["state"]);
    expect(wantedOf({ status: "resolved" }).statusFields).toEqual(["state", "close_code", "close_notes"]);
    expect(wantedOf({ status: "newThing" }).statusFields).toEqual([]);
    expect(wantedOf({ status: "newThing" }).fields.values["description"]).toContain(
      "Stage: Not known to this version: newThing",
    );
  });

  it.each([
    ["never closed", ["active", "inProgress"], "1"],
    ["resolved before", ["active", "resolved"], "2"],
    ["merged before", ["redirected"], "2"],
    ["resolved before, and worked on since", ["resolved", "inProgress"], "2"],
    ["a status of tomorrow before", ["unrecognised"], "1"],
  ] as const)("active, %s", (_what, passed, state) => {
    const wanted = toWanted(aProjection({ status: "active" }, [], passed), NO_SURVIVOR, fullMapping({}), HOSTS);
    expect(wanted.fields.values["state"]).toBe(state);
    expect(wanted.statusFields).toEqual(["state"]);
  });

  it.each(STAGES.filter((stage) => stage !== "active"))("%s is written the same after a reopening", (stage) => {
    const before = wantedOf({ status: STATUS_OF[stage] }).fields.values["state"];
    const projection = aProjection({ status: STATUS_OF[stage] }, [], ["resolved"]);
    expect(toWanted(projection, NO_SURVIVOR, fullMapping({}), HOSTS).fields.values["state"]).toBe(before);
  });

  it("goes back to the state that was configured for work", () => {
    const mapping = fullMapping({ states: { inProgress: "4", active: "8" }, onHold: true });
    const projection = aProjection({ status: "active" }, [], ["resolved"]);
    expect(toWanted(projection, NO_SURVIVOR, mapping, HOSTS).fields.values).toMatchObject({
      state: "4",
      hold_reason: "",
    });
  });

  it("hands the ticket to the SOC's group when it is the customer's turn, and only then", () => {
    const mapping = { assignmentGroup: "SOC" };
    const awaiting = wantedOf({ status: "awaitingAction" }, mapping);
    expect(awaiting.fields.values["assignment_group"]).toBe("SOC");
    expect(awaiting.statusFields).toContain("assignment_group");
    for (const stage of STAGES.filter((name) => name !== "awaitingCustomerAction")) {
      expect(wantedOf({ status: STATUS_OF[stage] }, mapping).fields.values).not.toHaveProperty("assignment_group");
    }
  });

  it("puts it on hold where that was asked for, and clears the reason afterwards", () => {
    const held = wantedOf({ status: "awaitingAction" }, { onHold: true });
    expect(held.fields.values).toMatchObject({ state: "3", hold_reason: "1" });
    expect(held.statusFields).toEqual(["state", "hold_reason"]);
    expect(wantedOf({ status: "inProgress" }, { onHold: true }).fields.values).toMatchObject({
      state: "2",
      hold_reason: "",
    });
    expect(wantedOf({ status: "resolved" }, { onHold: true }).fields.values).toMatchObject({
      state: "6",
      hold_reason: "",
    });
  });

  it("lets a merge overwrite neither the key nor the state, whatever column ties the tickets", () => {
    const survivor = { id: "a".repeat(32), label: "INC0010042", url: "https://x.test" };
    const incident = { status: "redirected", redirectIncidentId: "30" } as const;
    const untied = wantedOf(incident, {}, NO_SURVIVOR).fields.values;
    for (const parentField of ["correlation_id", "state"]) {
      const tied = wantedOf(incident, { parentField }, { survivor }).fields.values;
      expect(tied[parentField]).toBe(untied[parentField]);
    }
  });

  it("ties a merged ticket to its survivor once that has a ticket", () => {
    const incident = { status: "redirected", redirectIncidentId: "30" };
    const survivor = { id: "a".repeat(32), label: "INC0010042", url: "https://x.test" };
    expect(wantedOf(incident).fields.values).not.toHaveProperty("parent_incident");
    const tied = wantedOf(incident, {}, { survivor }).fields.values;
    expect(tied["parent_incident"]).toBe(survivor.id);
    expect(tied["close_notes"]).toContain("incident 30 (INC0010042)");
    expect(tied["description"]).toContain("Merged into: incident 30 (INC0010042)");
    const survived = wantedOf({}, {}, NO_SURVIVOR, ["12", "13"] as IncidentId[]).fields.values;
    expect(survived["description"]).toContain("Merged from: incident 12, incident 13");
  });

  it("takes other numbers, and refuses Closed", () => {
    const mapping = {
      states: { awaitingCustomerAction: "4", resolved: "9" },
      duplicateCloseCode: "Dup",
      closeCodes: { truePositive: "Real" },
    };
    expect(wantedOf({ status: "awaitingAction" }, mapping).fields.values["state"]).toBe("4");
    expect(wantedOf({ status: "resolved", classification: "truePositive" }, mapping).fields.values).toMatchObject({
      state: "9",
      close_code: "Real",
    });
    expect(wantedOf({ status: "redirected" }, mapping).fields.values).toMatchObject({ state: "9", close_code: "Dup" });
    expect(() => fullMapping({ states: { resolved: "7" } })).toThrow(PermanentError);
  });
});

describe("severities", () => {
  const levels = {
    high: ["2", "1", "1"],
    medium: ["2", "2", "1"],
    low: ["3", "2", "1"],
    informational: ["3", "3", "2"],
    unknown: ["2", "2", "1"],
    unrecognised: ["2", "2", "1"],
  } as const;
  const RAW: Readonly<Record<string, string>> = { unknown: "", unrecognised: "catastrophic" };

  it.each(SEVERITIES)("%s", (severity) => {
    const raw = RAW[severity] ?? severity;
    const [impact, urgency, raised] = levels[severity];
    expect(wantedOf({ severity: raw }).fields.values).toMatchObject({ impact, urgency });
    expect(wantedOf({ severity: raw, status: "awaitingAction" }).fields.values).toMatchObject({
      impact,
      urgency: raised,
    });
  });

  it("takes other levels", () => {
    expect(wantedOf({ severity: "low" }, { impact: { low: "2" }, urgency: { low: "3" } }).fields.values).toMatchObject({
      impact: "2",
      urgency: "3",
    });
  });
});

describe("classifications", () => {
  const RAW: Readonly<Record<string, string>> = { unknown: "", unrecognised: "somethingNew" };

  it.each(CLASSIFICATIONS)("%s has a close code and is named", (classification) => {
    const raw = RAW[classification] ?? classification;
    const resolved = {
      status: "resolved",
      classification: raw,
      determination: "phishing",
      resolvingComment: "Mail removed.",
    };
    const { values } = wantedOf(resolved, { closeCodes: { [classification]: "Code of its own" } }).fields;
    expect(values["close_code"]).toBe("Code of its own");
    expect(values["close_notes"]).toContain(`Classification: ${raw === "" ? "not set" : raw}`);
    expect(values["close_notes"]).toContain("Determination: phishing");
    expect(values["close_notes"]).toContain("Mail removed.");
    expect(wantedOf(resolved).fields.values["close_code"]).toBe("Solution provided");
  });
});

describe("who closed it", () => {
  const resolved = { status: "resolved", classification: "truePositive" };
  const byAutomation = anAlertsPart({ rows: [anAlert({ status: "resolved", assignedTo: "Automation" })] });

  it.each([
    ["the experts", { ...resolved, assignedTo: "Defender Experts" }, [], "Defender Experts"],
    ["the experts and you", resolved, ["awaitingCustomerAction"], "Defender Experts with your help"],
    ["automation", { ...resolved, systemTags: [], alerts: byAutomation }, [], "automated investigation and response"],
    ["an analyst", { ...resolved, systemTags: [], assignedTo: "jane@contoso.test" }, [], "an analyst"],
    ["nobody knows who", { ...resolved, systemTags: [], assignedTo: "" }, [], undefined],
  ] as const)("%s", (_who, incident, passed, said) => {
    const projection = aProjection(incident, [], passed);
    const notes = toWanted(projection, NO_SURVIVOR, fullMapping({}), HOSTS).fields.values["close_notes"] ?? "";
    expect(/^Closed by: (.*)$/m.exec(notes)?.[1]).toBe(said);
  });
});

describe("what identifies the ticket", () => {
  it("is ours outright", () => {
    const { fields, ownFields, expected } = wantedOf({});
    expect(fields.values).toMatchObject({
      correlation_id: "mdx:cfcdbe43-297b-4c6b-ac7e-8d7f6befb514:29",
      correlation_display: "Microsoft Defender XDR",
    });
    expect(ownFields).toEqual(["correlation_id", "correlation_display"]);
    expect(expected).toEqual({});
  });

  it("has a category and a caller where they are configured", () => {
    expect(wantedOf({}).fields.values).not.toHaveProperty("category");
    expect(wantedOf({}, { category: "security", callerId: "abel.tuter" }).fields.values).toMatchObject({
      category: "security",
      caller_id: "abel.tuter",
    });
  });
});

describe("texts", () => {
  const alerts = anAlertsPart({
    count: 23,
    rows: Array.from({ length: 20 }, (_unused, index) =>
      anAlert({ id: `a${index}`, title: `Suspicious | process ${index}` }),
    ),
    assets: [{ kind: "device", name: "host-01.contoso.test" }],
  });

  it("shows at most ten rows of a table, and how many there are", () => {
    const text = wantedOf({ alerts }).fields.values["description"] ?? "";
    expect(text).toContain("Alerts (23; 10 shown)");
    expect(text).toContain("high | new | microsoftDefenderForEndpoint | Execution | Suspicious \u00A6 process 9");
    expect(text).not.toContain("process 10");
    expect(text).toContain("Assets (1)\nkind | name\ndevice | host-01.contoso.test");
    expect(wantedOf({}).fields.values["description"]).not.toContain("Alerts");
  });

  it("says who has the ball, the tags, and the verified way to the portal", () => {
    const text =
      wantedOf({ status: "awaitingAction", assignedTo: "Customer", customTags: ["vip"] }).fields.values[
        "description"
      ] ?? "";
    expect(text).toContain("Whose turn: your team");
    expect(text).toContain("Assigned to: Customer");
    expect(text).toContain("Tags: dex:stage=awaitingCustomerAction, dex:experts, Awaiting Customer Action, vip");
    expect(text).toContain("Portal: https://security.microsoft.com/incident2/29/overview");
    const forged = wantedOf({ url: "https://evil.test/" }).fields.values["description"];
    expect(forged).toContain("Portal: hxxps://evil.test/");
  });

  it("does not change with the moment an incident was last touched", () => {
    expect(wantedOf({ updatedAt: "2026-02-25T16:29:33.1Z" })).toEqual(
      wantedOf({ updatedAt: "2026-03-25T16:29:33.1Z" }),
    );
  });

  it("has a title even where the incident has none", () => {
    expect(wantedOf({ title: "" }).fields.values["short_description"]).toBe("Microsoft Defender XDR incident 29");
  });

  it.each(HOSTILE_TEXTS)("are inert and fit their columns: %s", (_name, text) => {
    const { values } = wantedOf({
      title: text,
      description: text,
      summary: `${text} `,
      resolvingComment: text,
      assignedTo: text,
      severity: text,
      classification: text,
      determination: `${text} `,
      customTags: [text],
      url: text,
      status: "resolved",
      alerts: {
        ...alerts,
        rows: alerts.rows.map((row) => ({
          ...row,
          title: text,
          category: text,
          serviceSource: text,
          detectionSource: text,
          severity: text,
          status: text,
          mitreTechniques: [text],
        })),
        assets: [{ kind: "device", name: text }],
      },
      tasks: { readAt: 0, rows: [aTask({ title: text, status: text, target: text, actionType: text })] },
      notification: {
        readAt: 0,
        foundBy: "title",
        executiveSummary: text,
        recommendedActions: text,
        huntingQueries: [],
      },
    }).fields;
    for (const [name, value] of Object.entries(values)) {
      const found = hiddenIn(value) ?? linkIn(value) ?? mentionIn(value) ?? journalMarkIn(value);
      const isFitting = value.length <= 4_000 && value === value.trim();
      expect({ name, found, isFitting }).toEqual({ name, found: undefined, isFitting: true });
    }
    expect(values["short_description"]?.length).toBeLessThanOrEqual(160);
    expect(values["short_description"]).not.toMatch(/^[=+\-@]|[\r\n\t]/);
  });

  it.each(HOSTILE_TEXTS)("are inert where an incident was merged into: %s", (_name, text) => {
    const { values } = wantedOf({ status: "redirected", redirectIncidentId: text }).fields;
    const lines = values["description"]?.split("\n").length;
    expect(lines).toBe(wantedOf({ status: "redirected" }).fields.values["description"]?.split("\n").length);
    expect(values["close_notes"]).not.toContain("\n");
    for (const name of ["description", "close_notes"]) {
      const value = (values[name] ?? "").replace(/^Portal: .*$/m, "");
      expect(hiddenIn(value) ?? linkIn(value) ?? mentionIn(value) ?? journalMarkIn(value)).toBeUndefined();
    }
  });
});
