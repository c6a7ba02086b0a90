import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PermanentError } from "../../shared/errors.ts";
import { MAX_ROW_CHARACTERS } from "../../shared/pipeline/ports/table-rules.ts";
import type { Write } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";

export function describeValues(fresh: () => FreshPartition, runs: number): void {
  describe("values", () => {
    const values: readonly unknown[] = [
      null,
      true,
      0,
      -1.5e-7,
      "",
      "null",
      [],
      {},
      [null, [{}]],
      { deep: { er: [1, "2", null] } },
      { "odd key/\\#?\u0000": 1, "": 2 },
      "\u0000\u0001\r\n\t\u007f\u0085\u2028",
      "\ud800 lone \udc00",
      { "\udfff": "\ud83e" },
      "🦊 ﷽ \u202e e\u0301",
      "'; drop table --",
      "W/\"datetime'x'\"",
      "2026-01-01T00:00:00.0000000Z",
      9_007_199_254_740_991,
    ];
    it.each(values.map((value) => [value]))("%j comes back as it was", async (value) => {
      const { table, partition } = fresh();
      await table.put(partition, "r", value, "any");
      expect((await table.get(partition, "r"))?.value).toEqual(value);
      await table.batch(partition, [{ kind: "put", row: "r", value: { value }, condition: "any" }]);
      expect((await table.range(partition))[0]?.value).toEqual({ value });
    });

    it("keeps its own copy", async () => {
      const { table, partition } = fresh();
      const value = { list: [1] };
      await table.put(partition, "r", value, "any");
      value.list.push(2);
      const read = (await table.get(partition, "r"))?.value as typeof value;
      expect(read).toEqual({ list: [1] });
      read.list.push(3);
      expect((await table.get(partition, "r"))?.value).toEqual({ list: [1] });
    });

    it.each([
      ["undefined", undefined],
      ["a function", () => 1],
      ["a bigint", 1n],
    ])("refuses %s", async (_name, value) => {
      const { table, partition } = fresh();
      await expect(table.put(partition, "r", value, "any")).rejects.toMatchObject({ reason: "malformed" });
      const put: Write = { kind: "put", row: "r", value, condition: "any" };
      await expect(table.batch(partition, [put])).rejects.toMatchObject({ reason: "malformed" });
    });

    const sizes = [32_766, 32_767, 32_768, 65_536, 100_000, MAX_ROW_CHARACTERS - 2];
    it.each(sizes)("keeps %d characters, pairs across every cut", async (size) => {
      const { table, partition } = fresh();
      const ascii = "x".repeat(size);
      const pairs = `x${"🦊".repeat(Math.floor((size - 1) / 2))}`;
      await table.put(partition, "ascii", ascii, "any");
      await table.put(partition, "pairs", pairs, "any");
      // As a truth: nobody reads the difference of two such texts.
      expect((await table.get(partition, "ascii"))?.value === ascii).toBe(true);
      expect((await table.get(partition, "pairs"))?.value === pairs).toBe(true);
      const [grown] = await table.batch(partition, [{ kind: "put", row: "ascii", value: "short", condition: "any" }]);
      expect(await table.get(partition, "ascii")).toEqual({ row: "ascii", value: "short", etag: grown });
    });

    it("refuses more than the limit, and changes nothing", async () => {
      const { table, partition } = fresh();
      const etag = await table.put(partition, "r", 1, "any");
      const value = "x".repeat(MAX_ROW_CHARACTERS - 1);
      const error = await table.put(partition, "r", value, "any").catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PermanentError);
      expect(error).toMatchObject({ reason: "tooLarge" });
      const put: Write = { kind: "put", row: "r", value, condition: "any" };
      await expect(table.batch(partition, [put])).rejects.toMatchObject({ reason: "tooLarge" });
      expect((await table.get(partition, "r"))?.etag).toBe(etag);
    });

    it("any JSON value comes back as it was", async () => {
      const { table, partition } = fresh();
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
          await table.put(partition, "r", value, "any");
          const text = JSON.stringify((await table.get(partition, "r"))?.value);
          expect(text).toBe(JSON.stringify(value));
        }),
        { numRuns: runs },
      );
    });
  });
}
