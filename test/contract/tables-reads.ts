import { describe, expect, it } from "vitest";
import type { FreshPartition } from "./fresh-partition.ts";

export function describeReads(fresh: () => FreshPartition): void {
  describe("getMany", () => {
    it("answers what is there, in one map", async () => {
      const { table, partition } = fresh();
      const a = await table.put(partition, "a", 1, "any");
      const c = await table.put(partition, "c", { x: "y".repeat(70_000) }, "any");
      await table.put(partition, "d", 4, "any");
      const found = await table.getMany(partition, ["c", "b", "a", "a"]);
      expect(found).toEqual(
        new Map([
          ["a", { row: "a", value: 1, etag: a }],
          ["c", { row: "c", value: { x: "y".repeat(70_000) }, etag: c }],
        ]),
      );
      expect(await table.getMany(partition, [])).toEqual(new Map());
      expect(await table.getMany(`${partition}-empty`, ["a"])).toEqual(new Map());
    });

    it("takes 15 names, however long, and no more", async () => {
      const { table, partition } = fresh();
      const names = Array.from({ length: 15 }, (_, n) => `${n}`.padStart(512, "ä"));
      for (const name of names) await table.put(partition, name, name, "any");
      const found = await table.getMany(partition, names);
      expect(new Set([...found.values()].map((row) => row.value))).toEqual(new Set(names));
      await expect(table.getMany(partition, [...names, "more"])).rejects.toMatchObject({ reason: "malformed" });
    });
  });

  describe("range", () => {
    const rows = ["a", "link:", "link:a", "link:b", "link:ä", "link;", "z"];

    it.each([
      [{}, rows],
      [{ from: "link:", to: "link;" }, rows.slice(1, 5)],
      [{ from: "link:a" }, rows.slice(2)],
      [{ to: "link:b" }, rows.slice(0, 3)],
      [{ from: "link:", limit: 2 }, rows.slice(1, 3)],
      [{ limit: 0 }, []],
      [{ from: "z", to: "a" }, []],
      [{ from: "b", to: "b" }, []],
      [{ from: "", to: "\uffff" }, rows],
      [{ from: "link/", to: "link?" }, rows.slice(1, 6)],
    ])("%j", async (options, expected) => {
      const { table, partition } = fresh();
      await table.batch(
        partition,
        rows.toReversed().map((row) => ({ kind: "put", row, value: row, condition: "any" })),
      );
      await table.put(`${partition}0`, "link:a", "of another partition", "any");
      await table.put(partition.slice(0, -1), "link:a", "of another partition", "any");
      const found = await table.range(partition, options);
      expect(found.map((row) => row.row)).toEqual(expected);
      expect(found.map((row) => row.value)).toEqual(expected);
    });

    it("is empty where there is no such partition", async () => {
      const { table, partition } = fresh();
      expect(await table.range(partition)).toEqual([]);
    });

    it("answers at most 1,000 rows unless told, and more where asked", async () => {
      const { table, partition } = fresh();
      const names = Array.from({ length: 1_050 }, (_, n) => n.toString().padStart(5, "0"));
      for (let at = 0; at < names.length; at += 100) {
        const part = names.slice(at, at + 100);
        await table.batch(
          partition,
          part.map((row) => ({ kind: "put", row, value: 0, condition: "absent" })),
        );
      }
      expect((await table.range(partition)).map((row) => row.row)).toEqual(names.slice(0, 1_000));
      expect((await table.range(partition, { limit: 1_020 })).map((row) => row.row)).toEqual(names.slice(0, 1_020));
      expect(await table.range(partition, { limit: 5_000 })).toHaveLength(1_050);
      expect(await table.range(partition, { from: "01040" })).toHaveLength(10);
    });

    it.each([-1, 1.5, Number.NaN, Infinity])("refuses a limit of %d", async (limit) => {
      const { table, partition } = fresh();
      await expect(table.range(partition, { limit })).rejects.toMatchObject({ reason: "malformed" });
    });
  });
}
