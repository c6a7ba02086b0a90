import { describe, expect, it } from "vitest";
import {
  closedByWords,
  counted,
  kindWords,
  pushWords,
  severityWords,
  unknownValueWords,
  verdictWords,
} from "../../page/view/words.ts";
import { CONNECTOR_KINDS } from "../../shared/config/connector-kinds.ts";
import type { ClosedBy } from "../../shared/incident/closed-by.ts";
import type { Classification, Severity } from "../../shared/incident/verdict.ts";

describe("words", () => {
  it.each([
    ["truePositive", "compromisedAccount", "True positive · Compromised account"],
    ["truePositive", "apt", "True positive · APT"],
    ["informationalExpectedActivity", "unknown", "Informational, expected activity"],
    ["unknown", "unknown", ""],
    ["unrecognised", "<b>New</b>", "Unrecognised classification · <b>New</b>"],
    ["toString" as Classification, "", "Unrecognised classification"],
  ] as const)("says %s and %s as %j", (classification, determination, words) => {
    expect(verdictWords(classification, determination)).toBe(words);
  });

  it("weighs severities, and none it does not know", () => {
    expect(severityWords("high")).toEqual({ label: "High", level: 3 });
    expect(severityWords("constructor" as Severity)).toEqual({ label: "Unrecognised", level: 0 });
  });

  it("shows what it does not know as it came", () => {
    expect(severityWords("unrecognised", "catastrophic").label).toBe("Unrecognised “catastrophic”");
    expect(verdictWords("unrecognised", "", "benignPositive")).toBe("Unrecognised classification “benignPositive”");
    const values = [
      { field: "severity", value: "catastrophic", incidents: 3 },
      { field: "status", value: "onHold", incidents: 1 },
    ] as const;
    expect(unknownValueWords({ values, more: 0 })).toBe(
      "severity “catastrophic” (3 incidents), status “onHold” (1 incident)",
    );
    expect(unknownValueWords({ values: values.slice(1), more: 2 })).toBe(
      "status “onHold” (1 incident) and 2 more values",
    );
  });

  it.each(CONNECTOR_KINDS)("has a name for the tool %s", (kind) => {
    expect(kindWords(kind)).not.toBe(kind);
  });

  it("names tools, and those it does not know as they came", () => {
    expect(kindWords("servicenow")).toBe("ServiceNow");
    expect(kindWords("toString")).toBe("toString");
  });

  it.each([
    ["experts", "Closed by Defender Experts"],
    ["expertsWithHelp", "Closed by Defender Experts with your help"],
    ["automation", "Closed by automation"],
    ["analyst", "Closed by an analyst"],
    ["unknown", ""],
    [null, ""],
    ["toString" as ClosedBy, ""],
  ] as const)("says of one closed by %s %j", (closedBy, words) => {
    expect(closedByWords(closedBy)).toBe(words);
  });

  it.each([
    [true, "", "Push on"],
    [false, "", "Push off; the timer reads everything"],
    [false, "Graph refuses it", "Push off: Graph refuses it; the timer reads everything"],
  ])("says of push %s", (isOn, reason, words) => {
    expect(pushWords({ isOn, reason, since: 0 })).toBe(words);
  });

  it("counts", () => {
    expect([counted(1, "comment"), counted(0, "comment")]).toEqual(["1 comment", "0 comments"]);
  });
});
