import { describe, expect, it } from "vitest";
import { clockTime, exactTime, machineTime } from "../../page/view/exact-time.ts";

describe("times", () => {
  it("writes a moment for machines", () => {
    expect(machineTime(Date.parse("2026-11-24T12:00:00Z"))).toBe("2026-11-24T12:00:00.000Z");
  });

  it.each([0, -1, Number.NaN, 9e15])("does not write %d, which is no date", (moment) => {
    expect(machineTime(moment)).toBeUndefined();
    expect(exactTime(moment)).toBe("time not known");
    expect(clockTime(moment)).toBe("--:--:--");
  });

  it("writes the clock as hh:mm:ss", () => {
    expect(clockTime(Date.parse("2026-11-24T12:00:07Z"))).toMatch(/^\d\d:\d\d:07$/);
  });
});
