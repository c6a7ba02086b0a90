import { describe, expect, it } from "vitest";
import { MAX_BATCH_CHARACTERS, MAX_ROW_CHARACTERS } from "../../shared/pipeline/ports/table-rules.ts";
import { ConflictError, type Write } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";

export function describeBatches(fresh: () => FreshPartition): void {
  describe("batch", () => {
    it("does all, and answers the new versions in order", async () => {
      const { table, partition } = fresh();
      const old = await table.put(partition, "old", 1, "any");
      const gone = await table.put(partition, "gone", 1, "any");
      const etags = await table.batch(partition, [
        { kind: "put", row: "old", value: 2, condition: { etag: old } },
        { kind: "delete", row: "gone", condition: gone },
        { kind: "put", row: "new", value: 3, condition: "absent" },
        { kind: "put", row: "other", value: 4, condition: "any" },
        { kind: "delete", row: "never", condition: "any" },
      ]);
      expect(etags).toHaveLength(5);
      expect([etags[1], etags[4]]).toEqual(["", ""]);
      expect(await table.range(partition)).toEqual([
        { row: "new", value: 3, etag: etags[2] },
        { row: "old", value: 2, etag: etags[0] },
        { row: "other", value: 4, etag: etags[3] },
      ]);
    });

    const failing: readonly (readonly [string, Write])[] = [
      ["put absent over a row", { kind: "put", row: "there", value: 2, condition: "absent" }],
      ["put over a lost version", { kind: "put", row: "there", value: 2, condition: { etag: "lost" } }],
      ["put over a row that is not there", { kind: "put", row: "never", value: 2, condition: { etag: "lost" } }],
      ["delete of a lost version", { kind: "delete", row: "there", condition: "lost" }],
      ["delete of a row that is not there", { kind: "delete", row: "never", condition: "lost" }],
    ];
    it.each(failing)("changes nothing where one condition fails: %s", async (_name, write) => {
      const { table, partition } = fresh();
      const lost = await table.put(partition, "there", 0, "any");
      const there = await table.put(partition, "there", 1, "any");
      const bad = JSON.parse(JSON.stringify(write).replaceAll('"lost"', JSON.stringify(lost))) as Write;
      const good: readonly Write[] = [
        { kind: "put", row: "a", value: 1, condition: "absent" },
        { kind: "delete", row: "absent too", condition: "any" },
      ];
      for (const writes of [
        [...good, bad],
        [bad, ...good],
      ]) {
        await expect(table.batch(partition, writes)).rejects.toBeInstanceOf(ConflictError);
      }
      expect(await table.range(partition)).toEqual([{ row: "there", value: 1, etag: there }]);
    });

    it("deletes what is not there together with what is", async () => {
      const { table, partition } = fresh();
      await table.put(partition, "b", 1, "any");
      const rows = ["a", "b", "c"];
      const writes = rows.map((row): Write => ({ kind: "delete", row, condition: "any" }));
      expect(await table.batch(partition, writes)).toEqual(["", "", ""]);
      expect(await table.batch(partition, writes)).toEqual(["", "", ""]);
      expect(await table.range(partition)).toEqual([]);
    });

    it("takes 100 writes, and none", async () => {
      const { table, partition } = fresh();
      const writes = Array.from({ length: 100 }, (_, n): Write => {
        return { kind: "put", row: `r${n}`, value: n, condition: "absent" };
      });
      expect(new Set(await table.batch(partition, writes)).size).toBeGreaterThan(0);
      expect(await table.range(partition)).toHaveLength(100);
      expect(await table.batch(partition, [])).toEqual([]);
      const one = { kind: "put", row: "one more", value: 0, condition: "any" } as const;
      await expect(table.batch(partition, [...writes, one])).rejects.toMatchObject({ reason: "malformed" });
    });

    it("refuses a row twice, and too much at once", async () => {
      const { table, partition } = fresh();
      const write: Write = { kind: "put", row: "r", value: 1, condition: "any" };
      await expect(
        table.batch(partition, [write, { kind: "delete", row: "r", condition: "any" }]),
      ).rejects.toMatchObject({ reason: "malformed" });
      const large = "x".repeat(MAX_ROW_CHARACTERS - 2);
      const count = Math.floor(MAX_BATCH_CHARACTERS / MAX_ROW_CHARACTERS) + 1;
      const writes = Array.from({ length: count }, (_, n): Write => ({ ...write, row: `r${n}`, value: large }));
      await expect(table.batch(partition, writes)).rejects.toMatchObject({ reason: "tooLarge" });
      await table.batch(partition, writes.slice(1));
      expect(await table.range(partition)).toHaveLength(count - 1);
    });
  });
}
