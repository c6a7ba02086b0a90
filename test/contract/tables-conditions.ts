import { describe, expect, it } from "vitest";
import { type Condition, ConflictError, type Tables, type Write } from "../../shared/pipeline/ports/table.ts";
import type { FreshPartition } from "./fresh-partition.ts";

export function describeConditions(fresh: () => FreshPartition, tables: () => Tables): void {
  describe("conditions", () => {
    it("keeps what was put, and nothing else", async () => {
      const { table, partition } = fresh();
      const etag = await table.put(partition, "snapshot", { seq: 1, text: "ä" }, "absent");
      expect(await table.get(partition, "snapshot")).toEqual({
        row: "snapshot",
        value: { seq: 1, text: "ä" },
        etag,
      });
      expect(await table.get(partition, "Snapshot")).toBeUndefined();
      expect(await table.get(`${partition}0`, "snapshot")).toBeUndefined();
      expect(await tables().open.get(partition, "snapshot")).toBeUndefined();
    });

    it("puts over exactly the version named", async () => {
      const { table, partition } = fresh();
      const first = await table.put(partition, "r", 1, "absent");
      const second = await table.put(partition, "r", 2, { etag: first });
      expect(second).not.toBe(first);
      await expect(table.put(partition, "r", 3, { etag: first })).rejects.toBeInstanceOf(ConflictError);
      expect(await table.get(partition, "r")).toEqual({ row: "r", value: 2, etag: second });
    });

    it("makes a new version even where the value is the same", async () => {
      const { table, partition } = fresh();
      const first = await table.put(partition, "r", 1, "any");
      expect(await table.put(partition, "r", 1, "any")).not.toBe(first);
    });

    it("absent: refuses where there is a row", async () => {
      const { table, partition } = fresh();
      await table.put(partition, "r", 1, "absent");
      await expect(table.put(partition, "r", 2, "absent")).rejects.toBeInstanceOf(ConflictError);
      expect((await table.get(partition, "r"))?.value).toBe(1);
    });

    it("any: replaces the whole value, whatever is there", async () => {
      const { table, partition } = fresh();
      await table.put(partition, "r", { a: 1, b: "x".repeat(100_000) }, "any");
      await table.put(partition, "r", { c: 2 }, "any");
      expect((await table.get(partition, "r"))?.value).toEqual({ c: 2 });
    });

    it("a version of a row that is gone is lost, also when the row is made again", async () => {
      const { table, partition } = fresh();
      const etag = await table.put(partition, "r", 1, "absent");
      await table.delete(partition, "r", etag);
      await expect(table.put(partition, "r", 2, { etag })).rejects.toBeInstanceOf(ConflictError);
      await expect(table.delete(partition, "r", etag)).rejects.toBeInstanceOf(ConflictError);
      expect(await table.put(partition, "r", 1, "absent")).not.toBe(etag);
      await expect(table.put(partition, "r", 2, { etag })).rejects.toBeInstanceOf(ConflictError);
    });

    it.each(["", "*", "any", "0", "W/*", "W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\"", "x\r\ny"])(
      "the made-up version %j matches nothing",
      async (etag) => {
        const { table, partition } = fresh();
        const kept = await table.put(partition, "r", 1, "absent");
        await expect(table.put(partition, "r", 2, { etag })).rejects.toBeInstanceOf(ConflictError);
        const write: Write = { kind: "put", row: "r", value: 2, condition: { etag } };
        await expect(table.batch(partition, [write])).rejects.toBeInstanceOf(ConflictError);
        expect((await table.get(partition, "r"))?.etag).toBe(kept);
      },
    );

    it("loses no increment among concurrent writers", async () => {
      const { table, partition } = fresh();
      const increment = async (): Promise<void> => {
        for (;;) {
          const row = await table.get(partition, "count");
          const condition: Condition = row === undefined ? "absent" : { etag: row.etag };
          try {
            await table.put(partition, "count", Number(row?.value ?? 0) + 1, condition);
            return;
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
          }
        }
      };
      const worker = async (): Promise<void> => {
        for (let n = 0; n < 5; n += 1) await increment();
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      expect((await table.get(partition, "count"))?.value).toBe(40);
    });
  });

  describe("delete", () => {
    it.each(["", "*", "0", "W/*", "x\r\ny"])("the made-up version %j matches nothing", async (etag) => {
      const { table, partition } = fresh();
      const kept = await table.put(partition, "r", 1, "absent");
      const write: Write = { kind: "delete", row: "r", condition: etag };
      await expect(table.delete(partition, "r", etag)).rejects.toBeInstanceOf(ConflictError);
      await expect(table.batch(partition, [write])).rejects.toBeInstanceOf(ConflictError);
      expect((await table.get(partition, "r"))?.etag).toBe(kept);
    });

    it("any: is done, however often", async () => {
      const { table, partition } = fresh();
      await table.put(partition, "r", 1, "any");
      await table.delete(partition, "r", "any");
      await table.delete(partition, "r", "any");
      await table.delete(partition, "never", "any");
      expect(await table.get(partition, "r")).toBeUndefined();
    });

    it("with a version: only that version", async () => {
      const { table, partition } = fresh();
      const first = await table.put(partition, "r", 1, "any");
      const second = await table.put(partition, "r", 2, "any");
      await expect(table.delete(partition, "r", first)).rejects.toBeInstanceOf(ConflictError);
      expect((await table.get(partition, "r"))?.value).toBe(2);
      await table.delete(partition, "r", second);
      expect(await table.get(partition, "r")).toBeUndefined();
    });
  });
}
