import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryJournal } from "../../local/bus/memory-journal.ts";
import { startBus } from "../../local/bus/start-bus.ts";
import { startHost } from "../../local/host/start-host.ts";
import { queuesOf } from "../../local/queues.ts";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import type { Provided } from "../../shared/composition.ts";
import type { Health } from "../../shared/pipeline/overview/health.ts";
import { createRecordingLog } from "../recording-log.ts";
import { eventually, secretsOf, simulatorsOf, temporaryFolder, writeConfig } from "../product-process.ts";

const LANES = ["incident-deltas-itsm", "incident-deltas-sentinel", "incident-deltas-soar"];
/** What a host on Azure registers besides the HTTP functions. */
const TRIGGERED = [
  "measure",
  "request-polls",
  "renew-subscriptions",
  "detect-changes",
  "reconcile",
  "drain-dead-letters-poll-requests",
  "sync-ticket-itsm",
  "drain-dead-letters-itsm",
  "tag-incident-sentinel",
  "drain-dead-letters-sentinel",
  "send-event-soar",
  "drain-dead-letters-soar",
];
const BELLS = ["ring-doorbell", "ring-doorbell-graph", "ring-doorbell-sentinel"];
const PAGES = [
  "doctor",
  "operate-signed-in",
  "report-metrics",
  "serve-page",
  "report-health",
  "report-overview",
  "preview",
  "operate",
];

let tenant: Tenant;
let staged: string;
const work = temporaryFolder();
const environment = { ...process.env };

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 200 });
  const config = writeConfig(work.path, simulatorsOf(tenant));
  const { connectors, ...rest } = JSON.parse(readFileSync(config, "utf8")) as { connectors: readonly object[] };
  const soar = { id: "soar", kind: "webhook", url: tenant.webhook.url, secret: "SOAR_SECRET" };
  writeFileSync(config, JSON.stringify({ ...rest, connectors: [...connectors, soar] }));
  const out = join(work.path, "out");
  const made = spawnSync(process.execPath, ["scripts/package.mjs", "--config", config, "--out", out], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(made.stderr);
  // Away from this repository: nothing that lies around it can help.
  staged = mkdtempSync(join(tmpdir(), "dex-sync-package-"));
  cpSync(out, staged, { recursive: true });
});
afterAll(async () => {
  await tenant.close();
  rmSync(staged, { recursive: true, force: true });
  work.remove();
});

/** The staged folder in a host, as Azure starts it; the environment is what app settings are there. */
async function startStaged(settings: Record<string, string>) {
  const bus = await startBus({ queues: queuesOf(LANES), journal: createMemoryJournal() });
  Object.assign(process.env, secretsOf(simulatorsOf(tenant)), { SOAR_SECRET: tenant.webhook.secrets[0] }, settings, {
    DEX_SYNC_CONFIG: join(staged, "dex-sync.config.json"),
    ServiceBusConnection: bus.connectionString,
  });
  const { main } = JSON.parse(readFileSync(join(staged, "package.json"), "utf8")) as { main: string };
  const load = createRequire(join(staged, "package.json"));
  const log = createRecordingLog();
  const host = await startHost({
    load() {
      for (const file of Object.keys(load.cache)) if (file.startsWith(staged)) Reflect.deleteProperty(load.cache, file);
      const app = load(`./${main}`) as { provide(parts: Provided): void };
      app.provide({ tables: createMemoryTables(), log, isOneMachine: true });
    },
    hostJson: JSON.parse(readFileSync(join(staged, "host.json"), "utf8")),
    httpPort: 0,
    settings: {},
    serviceBusConnection: bus.connectionString,
    keys: { master: "the-master-key", functions: { default: "the-function-key" } },
    authorization: "keys",
    log: () => undefined,
  });
  return {
    url: host.url,
    functions: host.functions.map(({ name }) => name).sort(),
    async stop() {
      await host.stop();
      await bus.close();
      for (const name of Object.keys(process.env)) {
        if (!(name in environment)) Reflect.deleteProperty(process.env, name);
      }
    },
  };
}

describe("what npm run package stages", () => {
  it("is this and nothing else: no node_modules, no sources, no secret", () => {
    const files = readdirSync(staged, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(staged.length + 1));
    expect(files.sort()).toEqual([
      "LICENSE",
      "THIRD-PARTY-NOTICES.txt",
      "dex-sync.config.json",
      "dist/functions.cjs",
      "dist/work.cjs",
      "host.json",
      "package.json",
    ]);
    const manifest = JSON.parse(readFileSync(join(staged, "package.json"), "utf8")) as Record<string, unknown>;
    expect(Object.keys(manifest).sort()).toEqual(["license", "main", "name", "private", "version"]);
    const notices = readFileSync(join(staged, "THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["@azure/service-bus", "@azure/identity", "undici", "preact"]) expect(notices).toContain(name);
  });

  it("azd and func are told to ship it as it is", () => {
    const azure = readFileSync("azure.yaml", "utf8");
    expect(azure).toContain("dist: .package");
    expect(azure).toContain("remoteBuild: false");
    for (const file of ["docs/azure.md", "docs/runbook.md"]) {
      const published = [...readFileSync(file, "utf8").matchAll(/func azure functionapp publish ([^`]*)`/g)];
      expect(published.map(([, args = ""]) => args.replace(/^\w+ /, ""))).toEqual(["--javascript --no-build"]);
    }
    // With one that names node_modules, azd would refuse `remoteBuild: false`; anything else it names would be missing on Azure.
    expect(existsSync(".funcignore")).toBe(false);
  });

  it("makes a ticket of an incident, with nothing around it", async () => {
    const running = await startStaged({});
    try {
      expect(running.functions).toEqual([...TRIGGERED, ...BELLS, ...PAGES].sort());
      const incident = tenant.graph.incidents.create({ displayName: "Staged" });
      const key = `mdx:${tenant.graph.tenantId}:${incident.id}`;
      const ticket = await eventually(() => Promise.resolve(tenant.serviceNow.tickets.byCorrelation(key)[0]), 25_000);
      expect(ticket).toBeDefined();
      const isTold = () => tenant.webhook.deliveries.find(({ subject }) => subject === key);
      expect(await eventually(() => Promise.resolve(isTold()), 25_000)).toMatchObject({
        type: "dexsync.incident.opened",
      });
      const response = await fetch(`${running.url}/api/health?code=the-function-key`);
      expect(((await response.json()) as Health).status).toBe("ok");
      const page = await fetch(`${running.url}/`);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    } finally {
      await running.stop();
    }
  });

  it.each([
    ["intake", BELLS],
    ["worker", [...TRIGGERED, ...PAGES]],
  ])("as %s it has no other function than its own", async (role, functions) => {
    const running = await startStaged({ DEX_SYNC_ROLE: role });
    try {
      expect(running.functions).toEqual([...functions].sort());
      expect((await fetch(`${running.url}/api/health?code=the-function-key`)).status).toBe(
        role === "intake" ? 404 : 200,
      );
    } finally {
      await running.stop();
    }
  });

  it("without a configuration nothing is staged", () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ["scripts/package.mjs", "--config", join(work.path, "none.json"), "--out", join(work.path, "not-made")],
      { encoding: "utf8" },
    );
    expect([status, existsSync(join(work.path, "not-made"))]).toEqual([1, false]);
    expect(stderr).toContain("nothing was staged: there is no");
  });
});
