import { describe, expect, it } from "vitest";
import { isUnderAMinute, parseSchedule } from "../../../../local/host/timer/schedule.ts";

const AT = Date.parse("2026-11-24T10:00:07.500Z");

function next(schedule: string, zone = "UTC", from = AT): string | undefined {
  const timeMs = parseSchedule(schedule, zone).nextAfter(from);
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}

describe("a schedule", () => {
  it.each([
    ["*/15 * * * * *", "2026-11-24T10:00:15.000Z"],
    ["0 */5 * * * *", "2026-11-24T10:05:00.000Z"],
    ["5/10 * * * * *", "2026-11-24T10:00:15.000Z"],
    ["*/5 * * * *", "2026-11-24T10:05:00.000Z"],
    ["0 30 9 * * Mon-Fri", "2026-11-25T09:30:00.000Z"],
    ["0 0 0 1 JAN *", "2027-01-01T00:00:00.000Z"],
    // Both day fields must fit: the first 13th that is a Friday.
    ["0 0 0 13 * 5", "2027-08-13T00:00:00.000Z"],
    ["00:00:15", "2026-11-24T10:00:22.500Z"],
    ["1.00:00:00", "2026-11-25T10:00:07.500Z"],
    ["25:00:00", "2026-12-19T10:00:07.500Z"],
  ])("%s is next due at %s", (schedule, expected) => {
    expect(next(schedule)).toBe(expected);
  });

  it("is strictly after a time that fits it", () => {
    const at = Date.parse("2026-11-24T10:00:15Z");
    expect(next("*/15 * * * * *", "UTC", at)).toBe("2026-11-24T10:00:30.000Z");
    expect(next("*/15 * * * * *", "UTC", at - 1)).toBe("2026-11-24T10:00:15.000Z");
  });

  it("follows the time zone", () => {
    expect(next("0 0 9 * * *", "Europe/Berlin")).toBe("2026-11-25T08:00:00.000Z");
  });

  it.each([
    "",
    "every minute",
    "0 0 0 L * *",
    "0 0 0 ? * 1#2",
    "@daily",
    "61 * * * * *",
    "* * *",
    "00:00:00",
    "0 0 0 1W * *",
  ])("%j is refused", (schedule) => {
    expect(() => parseSchedule(schedule, "UTC")).toThrow("schedule");
  });

  it("is known to fall due within a minute", () => {
    const under = (schedule: string): boolean => isUnderAMinute(parseSchedule(schedule, "UTC"), AT);
    expect([under("*/15 * * * * *"), under("00:00:59"), under("0,30 0 * * * *")]).toEqual([true, true, true]);
    expect([under("0 */5 * * * *"), under("0 * * * * *"), under("00:01:00")]).toEqual([false, false, false]);
  });
});
