import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertiesOf, rowOf } from "../../../shared/azure/azure-tables-row.ts";

const ADDRESS = { rowKey: "r", etag: "e" };

describe("a row in properties", () => {
  it.each([31_997, 31_998, 31_999, 32_000, 64_000, 460_798])("of %d characters comes back, no pair cut", (size) => {
    for (const value of ["x".repeat(size), `${"x".repeat(size % 7)}${"🦊".repeat(size / 2 - 4)}`]) {
      const properties = propertiesOf(JSON.stringify(value));
      const parts = Object.values(properties);
      expect(parts.every((part) => part.length > 0 && part.length <= 32_000 && !/\p{Surrogate}/u.test(part))).toBe(
        true,
      );
      expect(rowOf({ ...ADDRESS, ...properties }).value === value).toBe(true);
    }
  });

  it("comes back whatever its JSON value, the order of properties no matter", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = Object.fromEntries(Object.entries(propertiesOf(JSON.stringify(value))).toReversed());
        expect(JSON.stringify(rowOf({ ...reversed, ...ADDRESS }).value)).toBe(JSON.stringify(value));
      }),
    );
  });

  it.each([
    {},
    { p1: "1" },
    { p0: 1 },
    { p0: "" },
    { p0: "{" },
    { p0: "[1,", p2: "2]" },
    { ...ADDRESS, etag: undefined, p0: "1" },
  ])("that is none of ours is refused: %j", (properties) => {
    expect(() => rowOf({ ...ADDRESS, ...properties })).toThrow(
      expect.objectContaining({ name: "RetryableError", reason: "unreadable" }),
    );
  });
});
