import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAge, formatDuration } from "../../page/view/format-duration.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe("formatDuration", () => {
  it.each([
    [0, "0.0 s"],
    [449, "0.4 s"],
    [1_840, "1.8 s"],
    [9_999, "9.9 s"],
    [10_000, "10 s"],
    [59_999, "59 s"],
    [4 * MINUTE_MS, "4 min"],
    [HOUR_MS - 1, "59 min"],
    [2 * HOUR_MS + 5 * MINUTE_MS, "2 h 05 min"],
    [DAY_MS - 1, "23 h 59 min"],
    [3 * DAY_MS + 4 * HOUR_MS, "3 d 04 h"],
    [45 * DAY_MS, "45 d"],
    [Number.NaN, "–"],
  ])("writes %d ms as %s", (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe("formatAge", () => {
  it("counts whole seconds", () => {
    expect(formatAge(1_840)).toBe("1 s");
  });

  it("shows a moment ahead of this clock as now", () => {
    expect(formatAge(-5_000)).toBe("0 s");
  });

  it("always says something short", () => {
    fc.assert(
      fc.property(fc.double(), (age) => {
        expect(formatAge(age)).toMatch(/^(–|[\d.e+]+ (s|min|h \d\d min|d|d \d\d h))$/);
      }),
    );
  });
});
