import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLmdbTables } from "../../../local/store/lmdb-tables.ts";
import { startStoreProcess } from "./start-store-process.ts";

describe("a killed process", () => {
  let path: string;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), "dex-sync-killed-"));
  });
  afterEach(async () => {
    await rm(path, { recursive: true, force: true });
  });

  it("leaves every write that was acknowledged, whole batches only, and a folder that opens", async () => {
    for (let round = 0; round < 3; round += 1) {
      const folder = join(path, `round-${round}`);
      const child = startStoreProcess("write", folder);
      await child.line("batch ");
      await sleep(Math.random() * 300);
      await child.kill();
      await checkSurvivors(folder, child.lines);
    }
  });
});

async function checkSurvivors(folder: string, lines: readonly string[]): Promise<void> {
  const { tables, close } = await openLmdbTables({ path: folder });
  const writers = new Map<string, { readonly rows: ReadonlySet<string>; readonly count: number }>();
  for (let writer = 0; writer < 16; writer += 1) {
    const rows = await tables.incident.range(`writer:${writer}`, { limit: 1_000_000 });
    const count = rows.find(({ row }) => row === "count")?.value as { n: number } | undefined;
    writers.set(`${writer}`, { rows: new Set(rows.map(({ row }) => row)), count: count?.n ?? -1 });
    const as = rows.filter(({ row }) => row.startsWith("a:")).length;
    const bs = rows.filter(({ row }) => row.startsWith("b:")).length;
    expect(as).toBe(bs);
  }
  const acknowledged = lines.filter((line) => line !== "open").map((line) => line.split(" "));
  // The last line may have been cut by the kill.
  const missing = acknowledged.slice(0, -1).filter(([kind, writer = "", n = ""]) => {
    const kept = writers.get(writer);
    if (kept === undefined) return true;
    return kind === "put" ? kept.count < Number(n) : !kept.rows.has(`a:${n}`) || !kept.rows.has(`b:${n}`);
  });
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
  const highest = Math.max(...acknowledged.filter(([kind]) => kind === "put").map(([, , , etag]) => Number(etag ?? 0)));
  expect(Number(await tables.incident.put("after", "r", 1, "absent"))).toBeGreaterThan(highest);
  await close();
}
