import { describe, expect, it } from "vitest";
import { mappingVersionOf } from "../../../shared/connectors/mapping-version.ts";

describe("the version of a mapping", () => {
  it("is the code's own where nothing is configured, so that an upgrade compares nothing anew", () => {
    expect([mappingVersionOf(3, undefined), mappingVersionOf(3, {})]).toEqual([3, 3]);
  });

  it("is the same for the same mapping, however its members are ordered", () => {
    const one = mappingVersionOf(3, { assignmentGroup: "SOC", states: { active: "1", resolved: "6" } });
    expect(mappingVersionOf(3, { states: { resolved: "6", active: "1" }, assignmentGroup: "SOC" })).toBe(one);
    expect(Number.isSafeInteger(one)).toBe(true);
  });

  it("is another one for another mapping, or another version of the code", () => {
    const versions = [
      mappingVersionOf(3, { assignmentGroup: "SOC" }),
      mappingVersionOf(4, { assignmentGroup: "SOC" }),
      mappingVersionOf(3, { assignmentGroup: "SOC 2" }),
      mappingVersionOf(3, { labels: ["a", "b"] }),
      mappingVersionOf(3, { labels: ["b", "a"] }),
      mappingVersionOf(3, undefined),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    // What a rebuild marks links with.
    expect(versions).not.toContain(0);
  });
});
