import { describe, expect, it } from "vitest";
import { type SentinelMode, toComment, toTicket, toWanted } from "../../../../shared/connectors/sentinel/mapping.ts";
import type { WireIncident } from "../../../../shared/connectors/sentinel/schema.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import type { Incident } from "../../../../shared/incident/incident.ts";
import { STAGES } from "../../../../shared/incident/lifecycle.ts";
import { CLASSIFICATIONS, SEVERITIES } from "../../../../shared/incident/verdict.ts";
import { STATUS_OF, aProjection } from "../a-projection.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, htmlIn, linkIn, markdownIn, mentionIn } from "../inertness.ts";

const OPTIONS = { mode: "tag", assignees: DEFAULT_ASSIGNEE_NAMES, portalHosts: ["security.microsoft.com"] } as const;

function wantedOf(incident: Partial<Incident>, mode: SentinelMode = "tag"): ReturnType<typeof toWanted> {
  return toWanted(aProjection(incident), { survivor: undefined }, { ...OPTIONS, mode });
}

describe("stages", () => {
  const expected = {
    active: { status: "New" },
    inProgress: { status: "Active", owner: "Defender Experts" },
    awaitingCustomerAction: { status: "Active", owner: "Customer", awaitingTag: "present" },
    resolved: { status: "Closed", classification: "Undetermined", classificationReason: "" },
    redirected: { status: "Closed" },
    unrecognised: {},
  } as const;
  const ASSIGNED: Readonly<Record<string, string>> = {
    inProgress: "Defender Experts",
    awaitingCustomerAction: "Customer",
  };

  it.each(STAGES)("%s: what Sentinel's own connector should have written", (stage) => {
    const wanted = wantedOf({ status: STATUS_OF[stage], assignedTo: ASSIGNED[stage] ?? "" });
    expect(wanted.expected).toEqual(expected[stage]);
  });

  it.each(STAGES)("%s: our labels in mode tag, nothing in mode observe, and never a value", (stage) => {
    const incident = { status: STATUS_OF[stage] };
    expect(wantedOf(incident).fields).toEqual({ values: {}, tags: [`dex:stage=${stage}`, "dex:experts"] });
    expect(wantedOf(incident, "observe").fields).toEqual({ values: {}, tags: [] });
  });
});

it.each(SEVERITIES)("severity %s changes nothing: it belongs to Sentinel's own connector", (severity) => {
  expect(wantedOf({ severity })).toEqual(wantedOf({}));
});

describe("classifications", () => {
  const verdicts = {
    truePositive: ["TruePositive", "SuspiciousActivity"],
    informationalExpectedActivity: ["BenignPositive", "SuspiciousButExpected"],
    falsePositive: ["FalsePositive", "IncorrectAlertLogic"],
    unknown: ["Undetermined", ""],
    unrecognised: [undefined, undefined],
  } as const;
  const RAW: Readonly<Record<string, string>> = { unknown: "", unrecognised: "somethingNew" };

  it.each(CLASSIFICATIONS)("%s", (classification) => {
    const wanted = wantedOf({ status: "resolved", classification: RAW[classification] ?? classification });
    const [name, reason] = verdicts[classification];
    expect(wanted.expected["classification"]).toBe(name);
    expect(wanted.expected["classificationReason"]).toBe(reason);
    expect(wanted.fields.tags.includes(`dex:class=${classification}`)).toBe(classification !== "unknown");
  });

  it("is not compared before the incident is resolved", () => {
    expect(wantedOf({ status: "inProgress", classification: "truePositive" }).expected).not.toHaveProperty(
      "classification",
    );
  });

  it.each(["notEnoughDataToValidate", "insufficientData"])("a false positive for want of data: %s", (determination) => {
    const { expected } = wantedOf({ status: "resolved", classification: "falsePositive", determination });
    expect(expected["classificationReason"]).toBe("InaccurateData");
  });
});

describe("owners", () => {
  it("are compared only where both sides have a name for them", () => {
    expect(wantedOf({ status: "inProgress", assignedTo: "jane@contoso.test" }).expected).not.toHaveProperty("owner");
    expect(wantedOf({ status: "inProgress", assignedTo: "defender experts" }).expected["owner"]).toBe(
      "Defender Experts",
    );
  });
});

describe("the twin", () => {
  const twin: WireIncident = {
    name: "73e01a99-5cd7-4139-a149-9f2736ff2ab5",
    etag: '"1"',
    properties: {
      title: "x",
      severity: "High",
      status: "Active",
      labels: [{ labelName: "awaiting customer action" }, { labelName: "theirs" }],
      owner: { assignedTo: "CUSTOMER" },
      incidentNumber: 3177,
      incidentUrl: "https://portal.azure.com/#x",
      additionalData: { providerIncidentUrl: "https://security.microsoft.com/incidents/29" },
    },
  };

  it("is read in the words it is compared by", () => {
    expect(toTicket(twin, OPTIONS, "https://portal.azure.com/")).toEqual({
      ref: { id: twin.name, label: "3177", url: "https://security.microsoft.com/incidents/29" },
      values: {
        status: "Active",
        classification: "",
        classificationReason: "",
        owner: "Customer",
        awaitingTag: "present",
      },
      tags: ["awaiting customer action", "theirs"],
    });
  });

  it("has an address to open whatever Sentinel says", () => {
    const urls = { incidentUrl: "javascript:alert(1)", additionalData: null, owner: null, labels: null };
    const ticket = toTicket(
      { ...twin, properties: { ...twin.properties, ...urls } },
      OPTIONS,
      "https://portal.azure.com/",
    );
    expect(ticket.ref.url).toBe("https://portal.azure.com/");
    expect(ticket.values).toMatchObject({ owner: "", awaitingTag: "absent" });
  });
});

describe("comments", () => {
  it.each(HOSTILE_TEXTS)("are inert and fit: %s", (_name, text) => {
    const comment = toComment({ id: "0123456789abcdef", author: text, createdAt: text, text: text.repeat(50) });
    const found = hiddenIn(comment) ?? linkIn(comment) ?? mentionIn(comment) ?? htmlIn(comment) ?? markdownIn(comment);
    expect(found).toBeUndefined();
    expect(comment.length).toBeLessThanOrEqual(30_000);
  });

  it("name author and time", () => {
    const note = {
      id: "0123456789abcdef",
      author: "Defender Experts",
      createdAt: "2026-02-25T16:29:33Z",
      text: "Host isolated.",
    };
    expect(toComment(note)).toBe("Microsoft Defender XDR, Defender Experts, 2026-02-25T16:29:33Z:\n\nHost isolated.");
  });
});
