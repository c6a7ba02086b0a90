import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOrderedRows } from "../../../local/simulators/ordered-rows.ts";

describe("ordered rows", () => {
  it("holds the same as a sorted list, whatever is added and removed", () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 3_000 });
    fc.assert(
      fc.property(numbers, fc.nat(5_000), fc.func(fc.boolean()), (added, pivot, isRemoved) => {
        const rows = createOrderedRows<number>((left, right) => left - right);
        for (const number of added) rows.add(number);
        const kept = added.filter((number) => !isRemoved(number));
        expect(added.filter((number) => isRemoved(number)).every((number) => rows.remove(number))).toBe(true);
        const sorted = kept.toSorted((left, right) => left - right);
        expect(rows.size()).toBe(sorted.length);
        expect([...rows.walkUp(0)]).toEqual(sorted);
        expect([...rows.walkDown(rows.size())]).toEqual(sorted.toReversed());
        const rank = rows.rank((row) => row < pivot);
        expect(rank).toBe(sorted.filter((row) => row < pivot).length);
        expect([...rows.walkUp(rank)]).toEqual(sorted.slice(rank));
        expect(rows.remove(-1)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
