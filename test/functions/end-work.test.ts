import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { composition, provide } from "../../functions/compose-once.ts";
import { registerEndWork } from "../../functions/end-work.ts";
import { registerReportHealth } from "../../functions/report-health.ts";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import { startTestHost } from "../local/host/start-test-host.ts";
import { temporaryFolder } from "../product-process.ts";

function load(): void {
  registerReportHealth();
  registerEndWork();
}

afterEach(() => {
  vi.unstubAllEnvs();
  provide({});
});

it("a host that stops has the work ended, once, before it goes down", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "dex-sync.config.json");
  const tenants = [{ id: "t1", credential: { kind: "managedIdentity" } }];
  const connectors = [{ id: "soar", kind: "webhook", url: "https://soar.contoso.com/hooks", secret: "SOAR" }];
  writeFileSync(file, JSON.stringify({ tenants, connectors }));
  vi.stubEnv("DEX_SYNC_CONFIG", file);
  provide({ tables: createMemoryTables(), bus: { send: () => Promise.resolve() }, isOneMachine: true });
  const host = await startTestHost({ load });
  const endWork = vi.spyOn(await composition(), "endWork");
  await host.stop();
  expect(endWork).toHaveBeenCalledTimes(1);
  await expect(endWork.mock.results[0]?.value).resolves.toBeUndefined();
});

it("a host that stops before any work composes nothing for that", async () => {
  vi.stubEnv("DEX_SYNC_CONFIG", "/nowhere/dex-sync.config.json");
  const host = await startTestHost({ load });
  await host.stop();
  expect(host.lines.filter((line) => line.includes("appTerminate"))).toEqual([]);
});
