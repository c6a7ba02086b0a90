import { describe, expect, it } from "vitest";
import { toDescription } from "../../../../shared/connectors/servicenow/description.ts";
import { toWanted } from "../../../../shared/connectors/servicenow/mapping.ts";
import { fullMapping } from "../../../../shared/connectors/servicenow/mapping-options.ts";
import type { Evidence, Incident, NotificationPart } from "../../../../shared/incident/incident.ts";
import { STAGES } from "../../../../shared/incident/lifecycle.ts";
import { STATUS_OF, aProjection, aTask, anAlert, anAlertsPart } from "../a-projection.ts";
import { HOSTILE_TEXTS } from "../hostile-texts.ts";
import { hiddenIn, journalMarkIn, linkIn, mentionIn, queryIn } from "../inertness.ts";

const QUERY = [
  "let addresses = dynamic(['10.0.0.1', \"10.0.0.2\"]);",
  "DeviceNetworkEvents",
  '| where RemoteUrl startswith "https://evil.test/a?b=1&c" or Account has "@contoso.test"',
  '| where Path matches regex @"^C:\\\\[a-z]+@[a-z]+$" and Count < 5 // 100%',
  "\t| project-away *_id",
].join("\n");

function descriptionOf(incident: Partial<Incident>): string {
  return toDescription(aProjection(incident), { survivor: undefined }, ["security.microsoft.com"]).text;
}

function tasks(count: number): NonNullable<Incident["tasks"]> {
  return {
    readAt: 0,
    rows: Array.from({ length: count }, (_unused, index) => aTask({ id: `t${index}`, target: `host-${index}` })),
  };
}

function notification(overrides: Partial<NotificationPart> = {}): NotificationPart {
  return {
    readAt: 0,
    foundBy: "title",
    executiveSummary: "Somebody moved laterally.",
    recommendedActions: "1. Isolate the host.\n2. Reset the password.",
    huntingQueries: [QUERY],
    ...overrides,
  };
}

/** Where each text begins, in the order they should be in. */
function expectOrder(text: string, parts: readonly string[]): void {
  const at = parts.map((part) => text.indexOf(part));
  expect({ parts, at }).toEqual({ parts, at: at.toSorted((a, b) => a - b) });
  expect(at).not.toContain(-1);
}

describe("pending approvals", () => {
  const evidence = (remediation: string): Evidence => ({
    kind: "file",
    name: `${remediation}.exe`,
    detail: "",
    actionId: "",
    verdict: "malicious",
    remediation,
    remediationDetails: "",
  });

  it.each([
    [[], undefined],
    [["remediated"], undefined],
    [["pendingApproval", "remediated", "pendingApproval"], "2"],
  ])("%j", (remediations, said) => {
    const text = descriptionOf({ alerts: anAlertsPart({ evidence: remediations.map(evidence) }) });
    expect(/^Pending approvals: (.*)$/m.exec(text)?.[1]).toBe(said);
  });
});

describe("pending actions", () => {
  it("say what is to be done to what", () => {
    expect(descriptionOf({ tasks: tasks(2) })).toContain(
      [
        "Pending actions (2)",
        "action type | status | target | title",
        "isolateDevice | open | host-0 | Isolate the device",
        "isolateDevice | open | host-1 | Isolate the device",
      ].join("\n"),
    );
  });

  it("are ten at most, with how many there are", () => {
    const text = descriptionOf({ tasks: tasks(12) });
    expect(text).toContain("Pending actions (12; 10 shown)");
    expect(text).toContain("host-9");
    expect(text).not.toContain("host-10");
  });

  it("are left out where none is left to do", () => {
    expect(descriptionOf({})).not.toContain("Pending actions");
    const done = { readAt: 0, rows: [aTask({ status: "completed" })] };
    expect(descriptionOf({ tasks: done })).not.toContain("Pending actions");
  });

  it.each(STAGES)("in stage %s: before everything else when it is the customer's turn, else behind", (stage) => {
    const text = descriptionOf({ status: STATUS_OF[stage], tasks: tasks(1), alerts: anAlertsPart() });
    const isFirst = stage === "awaitingCustomerAction";
    expectOrder(text, [
      "Severity: ",
      ...(isFirst ? ["Pending actions (1)", "Alerts (1)"] : ["Alerts (1)", "Pending actions (1)"]),
      "Text of the incident",
    ]);
  });

  it("survive however long the rest is", () => {
    const rows = Array.from({ length: 10 }, () => anAlert({ title: "x".repeat(80), category: "y".repeat(80) }));
    const text = descriptionOf({
      status: "awaitingAction",
      tasks: tasks(10),
      alerts: anAlertsPart({ rows }),
      description: "z".repeat(9_000),
    });
    expect(text).toContain("isolateDevice | open | host-9 | Isolate the device");
    expect(text).toHaveLength(4_000);
  });
});

describe("counts", () => {
  const assets = (count: number): { kind: "device"; name: string }[] =>
    Array.from({ length: count }, (_unused, index) => ({ kind: "device", name: `host-${index}` }));

  it.each([
    ["all alerts read", { count: 3 }, "Alerts (3; 1 shown)", "Assets (2)"],
    [
      "more alerts than were read",
      { count: 250, isCut: true },
      "Alerts (at least 250; 1 shown)",
      "Assets (at least 2; 2 shown)",
    ],
    ["as many assets as are kept", { assets: assets(100) }, "Alerts (1)", "Assets (at least 100; 10 shown)"],
    ["one fewer", { assets: assets(99) }, "Alerts (1)", "Assets (99; 10 shown)"],
  ] as const)("%s", (_what, part, alertsSaid, assetsSaid) => {
    const lines = descriptionOf({ alerts: anAlertsPart({ assets: assets(2), ...part }) }).split("\n");
    expect(lines).toContain(alertsSaid);
    expect(lines).toContain(assetsSaid);
  });
});

describe("how it was done, and who saw it", () => {
  it("is each technique and each source once, in an order of ours", () => {
    const rows = [
      anAlert({ mitreTechniques: ["T1566.001", "T1059"], detectionSource: "microsoftThreatExperts" }),
      anAlert({ mitreTechniques: ["T1059"], detectionSource: "antivirus" }),
      anAlert({ mitreTechniques: [], detectionSource: "" }),
    ];
    const lines = descriptionOf({ alerts: anAlertsPart({ rows }) }).split("\n");
    expect(lines).toContain("MITRE ATT&CK: T1059, T1566.001");
    expect(lines).toContain("Detected by: antivirus, microsoftThreatExperts");
  });

  it("is ten techniques at most, and no line where there is none", () => {
    const mitreTechniques = Array.from({ length: 13 }, (_unused, index) => `T10${index + 10}`);
    const text = descriptionOf({ alerts: anAlertsPart({ rows: [anAlert({ mitreTechniques })] }) });
    expect(text).toMatch(/^MITRE ATT&CK: T1010, .*, T1019 and 3 more$/m);
    expect(descriptionOf({ alerts: anAlertsPart() })).not.toContain("MITRE");
  });
});

describe("a Defender Experts Notification", () => {
  const numbered = "== Recommended actions ==\n1. Isolate the host.\n2. Reset the password.";
  const rows = Array.from({ length: 10 }, () => anAlert({ title: "x".repeat(80), category: "y".repeat(80) }));
  const full = { alerts: anAlertsPart({ rows }), description: "z".repeat(3_000), tasks: tasks(1) };

  it("comes right behind the facts, section by section, with its end marked, before what was hit", () => {
    const text = descriptionOf({ ...full, description: "The description.", notification: notification() });
    expectOrder(text, [
      "Severity: ",
      "Notice: Defender Experts Notification",
      "Text of the incident, as others wrote it",
      "== Executive summary ==\nSomebody moved laterally.",
      numbered,
      `== Hunting query (KQL) ==\n${QUERY}`,
      "End of what others wrote.",
      "Alerts (10)",
      "Pending actions (1)",
    ]);
    const short = descriptionOf({ notification: notification(), description: "The description." });
    expectOrder(short, ["End of what others wrote.", "== Summary and description ==\n\nThe description."]);
  });

  it("comes behind what is to be done when it is the customer's turn", () => {
    const text = descriptionOf({ ...full, notification: notification(), status: "awaitingAction" });
    expectOrder(text, ["Severity: ", "Pending actions (1)", "== Executive summary ==", "Alerts (10)"]);
  });

  it("has queries that can be copied and run, each under its own number", () => {
    const text = descriptionOf({ notification: notification({ huntingQueries: [QUERY, "T | take 1"] }) });
    expect(text).toContain(
      `== Hunting query 1 of 2 (KQL) ==\n${QUERY}\n\n== Hunting query 2 of 2 (KQL) ==\nT | take 1\n\n`,
    );
  });

  it("does not say a thing twice, and has no section without a text", () => {
    const nothing = { executiveSummary: "Same.", recommendedActions: "", huntingQueries: ["", " "] };
    const text = descriptionOf({ notification: notification(nothing), description: "Same.", summary: "Same." });
    expect(text.split("Same.")).toHaveLength(2);
    expect(text).not.toMatch(/Recommended actions|Hunting quer|Summary and description/);
    const unread = notification({ executiveSummary: "", recommendedActions: "", huntingQueries: [] });
    expect(descriptionOf({ notification: unread })).toBe(
      descriptionOf({}).replace(/(Tags: .*)/, "$1\nNotice: Defender Experts Notification"),
    );
  });

  it("is whole in the description, or says how much of it is not, and is whole in one note", () => {
    const wantedOf = (given: NotificationPart): ReturnType<typeof toWanted> =>
      toWanted(aProjection({ ...full, notification: given }), { survivor: undefined }, fullMapping({}), []);
    const short = wantedOf(notification());
    expect(short.notes).toEqual([]);
    expect(short.fields.values["description"]).not.toContain("left out");

    const queries = [QUERY, "q".repeat(3_000), "T | take 1"];
    const long = wantedOf(notification({ executiveSummary: "word ".repeat(300), huntingQueries: queries }));
    const text = long.fields.values["description"] ?? "";
    expect(text).toContain("1 of 5 sections cut or left out here: a work note has them all.");
    expectOrder(text, ["Executive summary", numbered, "Hunting query 1 of 3", "Hunting query 3 of 3", "Alerts (10)"]);
    expect(text).not.toContain("Hunting query 2 of 3");
    expect(text).toContain(QUERY);
    expect(text).toHaveLength(4_000);
    expect(long.notes?.map(({ sections }) => sections?.length)).toEqual([5]);
  });

  it("shows the beginning of a summary that is too long, and the recommendations beside it", () => {
    const text = descriptionOf({
      ...full,
      notification: notification({ executiveSummary: "word ".repeat(3_000), huntingQueries: [] }),
    });
    expectOrder(text, ["Notice: ", "== Executive summary ==\nword word", "…", numbered, "1 of 2 sections cut"]);
  });

  it("that fills everything leaves the facts whole", () => {
    const text = descriptionOf({ ...full, notification: notification({ recommendedActions: "r".repeat(9_000) }) });
    expect(text).toContain("Notice: Defender Experts Notification");
    expect(text).toHaveLength(4_000);
  });

  it("cannot mark its own end, to go on in our name", () => {
    const forged = "End of what others wrote.\n\nAlerts (0)";
    const text = descriptionOf({
      alerts: full.alerts,
      notification: notification({ executiveSummary: forged, huntingQueries: [forged, "q".repeat(2_000)] }),
    });
    expect(text.match(/^End of what others wrote\.$/gm)).toHaveLength(1);
    expect(text.indexOf("\nEnd of what others wrote.")).toBeGreaterThan(text.lastIndexOf("Alerts (0)"));
  });

  it.each(HOSTILE_TEXTS)("is inert: %s", (_name, hostile) => {
    const text = descriptionOf({
      notification: notification({ executiveSummary: hostile, recommendedActions: `- ${hostile}`, huntingQueries: [] }),
      description: "",
    });
    expect(
      hiddenIn(text) ?? linkIn(text.replace(/^Portal: .*$/m, "")) ?? mentionIn(text) ?? journalMarkIn(text),
    ).toBeUndefined();
    // Of a query only what ServiceNow would act on is broken: addresses stay, or it would find nothing.
    const query = descriptionOf({ notification: notification({ huntingQueries: [hostile] }) });
    expect(hiddenIn(query) ?? queryIn(query)).toBeUndefined();
    expect(query.length).toBeLessThanOrEqual(4_000);
  });
});
