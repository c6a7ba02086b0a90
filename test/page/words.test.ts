import { describe, expect, it } from "vitest";
import { counted, kindWords, severityWords, verdictWords } from "../../page/view/words.ts";
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

  it("names tools, and those it does not know as they came", () => {
    expect(kindWords("servicenow")).toBe("ServiceNow");
    expect(kindWords("toString")).toBe("toString");
  });

  it("counts", () => {
    expect([counted(1, "comment"), counted(0, "comment")]).toEqual(["1 comment", "0 comments"]);
  });
});
