import { describe, expect, it } from "vitest";
import { terminalWords } from "../../local/terminal-words.ts";

const WAITING = {
  tenantId: "cfcdbe43",
  incidentId: "11",
  connector: "itsm",
  reason: "unavailable",
  error: "ServiceNow: GET itsm.example/api/now/table/incident got no answer",
  n: 1,
};

describe("terminalWords", () => {
  it.each([
    [899.531005859375, "in 1 s"],
    [53_428.69, "in 53 s"],
    [900_000, "in 15 min"],
    [7_200_000, "in 2 h"],
    [0, "in 1 s"],
  ])("says that work waits %d ms as %s", (dueInMs, again) => {
    expect(terminalWords("a copy is scheduled", { ...WAITING, dueInMs })).toBe(
      `itsm: incident 11 waits (unavailable), it is tried again ${again}: ServiceNow: GET itsm.example/api/now/table/incident got no answer`,
    );
  });

  it("says so too where the work could not begin", () => {
    const { reason: _reason, ...fields } = WAITING;
    expect(terminalWords("a copy is scheduled; the work could not begin", { ...fields, dueInMs: 2_000 })).toMatch(
      /^itsm: incident 11 waits, it is tried again in 2 s: ServiceNow/,
    );
  });

  it.each([
    ["work parked", { ...WAITING, reason: "rejected" }, "itsm: incident 11 is parked (rejected); the page shows why"],
    ["poll failed", { tenantId: "t", error: "no token" }, "Defender could not be read for tenant t: no token"],
    ["functions host", { category: "c", text: "late" }, "functions host: late"],
    ["something else", { incidentId: "1", reason: undefined, stack: "at x" }, "something else incidentId=1"],
    ["nothing beside", undefined, "nothing beside"],
    ["toString", {}, "toString"],
  ])("says %s", (message, fields, words) => {
    expect(terminalWords(message, fields)).toBe(words);
  });

  it("puts what a person can do below it", () => {
    const mend = "name its range in network.allowPrivate";
    expect(terminalWords("work parked", { ...WAITING, mend })).toBe(
      "itsm: incident 11 is parked (unavailable); the page shows why\n  mend: name its range in network.allowPrivate",
    );
  });

  it("lets no field move the cursor or start a line", () => {
    const text = terminalWords("poll failed", { tenantId: "t\n", error: "\u001B[2Jgone\r\nforged" });
    expect(text).not.toMatch(/[\u001B\r\n]/);
  });
});
