import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitionEnd, rowKey, rowOfKey } from "../../../local/store/row-key.ts";

const character = fc
  .integer({ min: 0x20, max: 0xffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", ":", " ", "\uFB01", "🦊") }),
  fc.string({ unit: character, maxLength: 20 }),
);

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

describe("row keys", () => {
  it("give the row back", () => {
    fc.assert(
      fc.property(name, name, (partition, row) => {
        expect(rowOfKey(rowKey(partition, row), partition)).toBe(row);
      }),
    );
  });

  it("sort by partition, then by row, by UTF-16 code unit", () => {
    fc.assert(
      fc.property(name, name, name, name, (partition, row, otherPartition, otherRow) => {
        const expected = order(partition, otherPartition) || order(row, otherRow);
        expect(rowKey(partition, row).compare(rowKey(otherPartition, otherRow))).toBe(expected);
      }),
    );
  });

  it("keep a partition apart from all that begin like it", () => {
    fc.assert(
      fc.property(name, name, name, (partition, more, row) => {
        const end = partitionEnd(partition);
        expect(rowKey(partition, row).compare(end)).toBe(-1);
        expect(rowKey(`${partition}x${more}`, row).compare(end)).toBe(1);
      }),
    );
  });

  it("fit into the store at their longest", () => {
    expect(rowKey("ä".repeat(512), "🦊".repeat(256)).length).toBeLessThan(4_026);
  });
});
