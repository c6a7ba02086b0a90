import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLmdbTables } from "../../../local/store/lmdb-tables.ts";
import { RetryableError } from "../../../shared/errors.ts";
import { describeTables } from "../../contract/tables.ts";

describe("embedded tables", () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), "dex-sync-tables-"));
  });
  afterEach(async () => {
    await rm(path, { recursive: true, force: true });
  });

  it("keeps rows and goes on counting versions over a restart", async () => {
    const first = await openLmdbTables({ path });
    const etag = await first.tables.incident.put("p", "r", { a: "ä" }, "absent");
    await first.tables.incident.put("p", "gone", 1, "absent");
    await first.tables.control.put("p", "last", 1, "absent");
    await first.tables.incident.delete("p", "gone", "any");
    await first.close();
    const second = await openLmdbTables({ path });
    expect(await second.tables.incident.get("p", "r")).toEqual({ row: "r", value: { a: "ä" }, etag });
    expect(await second.tables.incident.get("p", "gone")).toBeUndefined();
    expect(Number(await second.tables.incident.put("p", "gone", 1, "absent"))).toBe(Number(etag) + 3);
    await second.close();
  });

  it("finishes what is under way before it closes, and refuses what comes later", async () => {
    const { tables, close } = await openLmdbTables({ path });
    const writes = Array.from({ length: 50 }, (_, n) => tables.open.put("p", `r${n}`, n, "absent"));
    const closing = close();
    const late = tables.open.put("p", "late", 1, "any").catch((error: unknown) => error);
    expect(await Promise.all(writes)).toHaveLength(50);
    expect(await late).toBeInstanceOf(RetryableError);
    await closing;
    await close();
    await expect(tables.open.get("p", "r1")).rejects.toMatchObject({ reason: "unavailable" });
    await expect(tables.open.getMany("p", ["r1"])).rejects.toMatchObject({ reason: "unavailable" });
    await expect(tables.open.range("p")).rejects.toMatchObject({ reason: "unavailable" });
    const again = await openLmdbTables({ path });
    expect(await again.tables.open.range("p")).toHaveLength(50);
    await again.close();
  });
});

describe("embedded tables, as tables", () => {
  describeTables(
    async () => {
      const path = await mkdtemp(join(tmpdir(), "dex-sync-tables-"));
      const { tables, close } = await openLmdbTables({ path });
      return {
        tables,
        async close() {
          await close();
          await rm(path, { recursive: true, force: true });
        },
      };
    },
    { modelRuns: 100 },
  );
});
