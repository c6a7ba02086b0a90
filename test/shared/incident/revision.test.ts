import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { earlierBy, momentOf, msOfRevision, revisionFromMs, revisionOf } from "../../../shared/incident/revision.ts";

describe("revisionOf", () => {
  it.each([
    ["2026-02-25T16:29:33Z", 0n],
    ["2026-02-25T16:29:33.1Z", 1_000_000n],
    ["2026-02-25T16:29:33.12Z", 1_200_000n],
    ["2026-02-25T16:29:33.5533333Z", 5_533_333n],
    ["2026-02-25T16:29:33.553333399Z", 5_533_333n],
    ["2026-02-25T17:29:33.5+01:00", 5_000_000n],
  ])("%s keeps every tick", (moment, ticks) => {
    const whole = BigInt(Date.UTC(2026, 1, 25, 16, 29, 33)) * 10_000n;
    expect(revisionOf(moment)).toBe(whole + ticks);
  });

  it.each(["", "yesterday", "2026-02-25", "2026-13-25T16:29:33Z", "2026-02-25T16:29:33", "2026-02-25T16:29:33.Z"])(
    "%j is no moment",
    (moment) => expect(revisionOf(moment)).toBeUndefined(),
  );

  it("orders what text would misorder", () => {
    const early = revisionOf("2026-02-25T16:29:33.1Z") ?? 0n;
    const late = revisionOf("2026-02-25T16:29:33.0999999Z") ?? 0n;
    expect(late < early).toBe(true);
    expect(["2026-02-25T16:29:33.1Z", "2026-02-25T16:29:33Z"].toSorted()[0]).toBe("2026-02-25T16:29:33.1Z");
  });

  it("is written for the source without losing a tick", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 40_000_000_000_000_000n }), (ticks) => {
        const revision = earlierBy(ticks as ReturnType<typeof revisionFromMs>, 0);
        expect(revisionOf(momentOf(revision))).toBe(ticks);
        expect(momentOf(revision)).toMatch(/\.\d{7}Z$/);
      }),
    );
  });

  it("and milliseconds agree to the millisecond", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 4e12 }), (ms) => {
        expect(msOfRevision(revisionFromMs(ms))).toBe(ms);
      }),
    );
  });
});
