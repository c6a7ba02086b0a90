import { describe, expect, it } from "vitest";
import { parseTimeSpan } from "../../../local/host/time-span.ts";

describe("a TimeSpan", () => {
  it.each([
    ["00:00:15", 15_000],
    ["00:05:00", 300_000],
    ["1:2:3", 3_723_000],
    ["1.00:00:00", 86_400_000],
    ["00:00:00.25", 250],
    ["25:00:00", 25 * 86_400_000],
    ["00:60:00", undefined],
    ["1.24:00:00", undefined],
    ["00:05", undefined],
    ["soon", undefined],
    ["", undefined],
  ])("%j is %s ms", (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });
});
