import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../../shared/http/retry-after.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["1", 1_000],
    ["120", 120_000],
    [" 30 ", 30_000],
    ["007", 7_000],
    ["999999999", 999_999_999_000],
    ["-5", 0],
    ["Tue, 24 Nov 2026 12:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 11:59:30 GMT", 0],
    ["Tue, 24 Nov 2026 12:00:30 UTC", 30_000],
    ["Tuesday, 24-Nov-26 12:00:30 GMT", 30_000],
    ["Tue Nov 24 12:00:30 2026", 30_000],
    ["Fri Nov  6 12:00:30 2026", 0],
    ["", undefined],
    [" ", undefined],
    [null, undefined],
    [undefined, undefined],
    ["soon", undefined],
    ["1.5", undefined],
    ["1e9", undefined],
    ["0x10", undefined],
    ["10 s", undefined],
    ["9999999999", undefined],
    ["5, 10", undefined],
    ["Tue, 99 Nov 2026 12:00:30 GMT", undefined],
    ["Tue, 24 Nov 2026 12:00:30", undefined],
    ["2026-11-24T12:00:30Z", undefined],
    ["Infinity", undefined],
  ])("%j is %j", (header, expected) => {
    expect(retryAfterMs(header, NOW)).toBe(expected);
  });

  it("gives back the moment of any date it is sent", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (seconds) => {
        const header = new Date(NOW + seconds * 1_000).toUTCString();
        expect(retryAfterMs(header, NOW)).toBe(Math.max(0, seconds * 1_000));
      }),
    );
  });

  it("is never negative and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(retryAfterMs(header, NOW) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
