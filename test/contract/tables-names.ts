import { describe, expect, it } from "vitest";
import type { Write } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";

export function describeNames(fresh: () => FreshPartition): void {
  describe("names", () => {
    const odd = [
      ...Array.from(" !\"$%&'()*+,-.:;<=>@[]^_`{|}~"),
      " lead",
      "trail ",
      "  ",
      "..",
      "%2F",
      "%00",
      "a''b",
      "it's",
      "a%27b",
      "__proto__",
      "constructor",
      "null",
      "a,b=c&d=e",
      "mdx:0f:1",
      "é",
      "e\u0301",
      "日本語",
      "🦊",
      "\u200B",
      "\uFB01",
      "\uFFFD",
      "ß",
      "K",
      "x".repeat(512),
      "ä".repeat(512),
    ];
    it.each(odd)("%j is a name as any other", async (name) => {
      const { table, partition } = fresh();
      await table.put(partition, "neighbour", "neighbour", "any");
      const etag = await table.put(partition, name, name, "absent");
      expect(await table.get(partition, name)).toEqual({ row: name, value: name, etag });
      expect([...(await table.getMany(partition, [name])).values()]).toEqual([{ row: name, value: name, etag }]);
      expect((await table.range(partition, { from: name, to: `${name.slice(0, 511)}\uffff` }))[0]?.row).toBe(name);
      const [next] = await table.batch(partition, [{ kind: "put", row: name, value: 2, condition: { etag } }]);
      await table.delete(partition, name, next ?? "");
      expect(await table.get(partition, name)).toBeUndefined();
      expect(await table.range(partition)).toHaveLength(1);
    });

    it.each(odd.filter((name) => name.length < 400))("%j is a partition as any other", async (name) => {
      const { table, partition } = fresh();
      const own = `${partition}${name}`;
      const etag = await table.put(own, "r", name, "absent");
      expect(await table.range(own)).toEqual([{ row: "r", value: name, etag }]);
      expect(await table.get(own, "r")).toEqual({ row: "r", value: name, etag });
      expect(await table.get(partition, "r")).toBeUndefined();
      await table.batch(own, [{ kind: "delete", row: "r", condition: etag }]);
      expect(await table.range(own)).toEqual([]);
    });

    it.each([
      "",
      "a/b",
      "a\\b",
      "#",
      "?",
      "\0",
      "a\nb",
      "\t",
      "\u007f",
      "\u0085",
      "\ud800",
      "a\udc00",
      "x".repeat(513),
    ])("refuses %j", async (name) => {
      const { table, partition } = fresh();
      const refused = { name: "PermanentError", reason: "malformed" };
      const put: Write = { kind: "put", row: name, value: 1, condition: "any" };
      await expect(table.put(partition, name, 1, "any")).rejects.toMatchObject(refused);
      await expect(table.put(name, "r", 1, "any")).rejects.toMatchObject(refused);
      await expect(table.get(partition, name)).rejects.toMatchObject(refused);
      await expect(table.get(name, "r")).rejects.toMatchObject(refused);
      await expect(table.getMany(partition, [name])).rejects.toMatchObject(refused);
      await expect(table.range(name)).rejects.toMatchObject(refused);
      await expect(table.delete(partition, name, "any")).rejects.toMatchObject(refused);
      await expect(table.batch(partition, [put])).rejects.toMatchObject(refused);
      expect(await table.range(partition)).toEqual([]);
    });

    it("sorts by UTF-16 code unit", async () => {
      const { table, partition } = fresh();
      const names = ["Z", "a", "ä", "\uFB01", "🦊", "aa", "a!", "a~"];
      await table.batch(
        partition,
        names.map((row) => ({ kind: "put", row, value: 0, condition: "any" })),
      );
      expect((await table.range(partition)).map((row) => row.row)).toEqual(names.toSorted());
    });
  });
}
