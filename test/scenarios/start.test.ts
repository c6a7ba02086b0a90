import { createServer } from "node:http";
import { once } from "node:events";
import { mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseFigures } from "../../page/data/parse-figures.ts";
import { openEnvironment } from "../../local/store/lmdb-environment.ts";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import type { Health } from "../../shared/pipeline/overview/health.ts";
import type { IncidentOverview, Overview } from "../../shared/pipeline/overview/overview.ts";
import {
  eventually,
  freePort,
  secretsOf,
  simulatorsOf,
  spawnProduct,
  startProduct,
  temporaryFolder,
  writeConfig,
} from "../product-process.ts";

let tenant: Tenant;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 200 });
});
afterAll(() => tenant.close());
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs the command to its end; what it says and how it ends. */
async function ended(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const product = spawnProduct(args, env);
  const code = await product.exited;
  return { code, output: product.output() };
}

function readLog(data: string): string {
  return readFileSync(join(data, "logs", "dex-sync.ndjson"), "utf8");
}

/** A state that was written, and has lost its second half. */
function cutOffState(data: string): void {
  const path = join(data, "state");
  const { root, close } = openEnvironment({ path, content: "dex-sync tables", version: 1 });
  root.openDB({ name: "incident" }).putSync("key", "x".repeat(100_000));
  void close();
  truncateSync(join(path, "data.mdb"), 40_000);
}

describe("a start that cannot go on", () => {
  it.each([
    ["no such file", undefined, "there is no such file; name the file with --config FILE"],
    ["no JSON", "{ tenants", "it is not JSON"],
    ["nothing in it", "{}", '"tenants" is missing; add it'],
    [
      "an unknown connector",
      JSON.stringify({
        tenants: [{ id: "t", credential: { kind: "managedIdentity" } }],
        connectors: [{ id: "x", kind: "remedy" }],
      }),
      'connectors.0.kind: must be one of "servicenow", "jira", "sentinel"',
    ],
  ])("with %s says so and ends with 2", async (_name, content, message) => {
    const file = join(folder.path, "config.json");
    if (content !== undefined) writeFileSync(file, content);
    const { code, output } = await ended([
      "start",
      "--config",
      file,
      "--data",
      join(folder.path, "data"),
      "--port",
      "0",
    ]);
    expect(output).toContain(message);
    expect(output).not.toContain("    at ");
    expect(code).toBe(2);
  });

  it("without a secret names the variable and the place that wants it", async () => {
    const config = writeConfig(folder.path, simulatorsOf(tenant));
    const { code, output } = await ended([
      "start",
      "--config",
      config,
      "--data",
      join(folder.path, "data"),
      "--port",
      "0",
    ]);
    expect(output).toContain(
      "connectors.0.auth.secret names the environment variable SERVICENOW_PASSWORD, which is not set",
    );
    expect(code).toBe(2);
  });

  it("because its port is taken names the port and the mend", async () => {
    const taken = createServer();
    taken.listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const { code, output } = await ended(
      ["start", "--config", config, "--data", join(folder.path, "data"), "--port", `${port}`],
      secretsOf(simulators),
    );
    taken.close();
    expect(output).toContain(`${port}`);
    expect(output).toContain("--port");
    expect(output).not.toContain("    at ");
    expect(code).toBe(1);
  });

  it.each([
    [
      "is no folder",
      (path: string) => writeFileSync(path, "a file"),
      "cannot be used: it is a file, or lies below one",
    ],
    [
      "is of another version",
      (path: string) => {
        mkdirSync(path);
        writeFileSync(join(path, "dex-sync-data.json"), JSON.stringify({ format: 99 }));
      },
      "was written by another version (format 99)",
    ],
  ])("because the data folder %s says so, with the mend", async (_name, make, message) => {
    const data = join(folder.path, "data");
    make(data);
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const { code, output } = await ended(
      ["start", "--config", config, "--data", data, "--port", "0"],
      secretsOf(simulators),
    );
    expect(output).toContain(message);
    expect(output).toContain("--data DIR");
    expect(code).toBe(1);
  });

  it.each([
    ["the marker of the data folder", (path: string) => writeFileSync(join(path, "dex-sync-data.json"), "null")],
    ["the keys of the host", (path: string) => writeFileSync(join(path, "host-keys.json"), "x")],
    ["the log", (path: string) => mkdirSync(join(path, "logs", "dex-sync.ndjson"), { recursive: true })],
    ["the state", (path: string) => cutOffState(path)],
  ])("because %s is damaged says so, with the mend", async (_name, damage) => {
    const data = join(folder.path, "data");
    mkdirSync(data);
    damage(data);
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const { code, output } = await ended(
      ["start", "--config", config, "--data", data, "--port", "0"],
      secretsOf(simulators),
    );
    expect(output).toContain("  mend: ");
    expect(output).not.toContain("    at ");
    expect(code).toBe(1);
  });

  it("because the demo's folder is somebody's says so, and leaves it alone", async () => {
    const thesis = join(folder.path, "demo", "thesis.txt");
    mkdirSync(join(folder.path, "demo"));
    writeFileSync(thesis, "years of work");
    const { code, output } = await ended(["start", "--data", folder.path, "--port", "0"]);
    expect(output).toContain("is not known to be a demo's");
    expect(readFileSync(thesis, "utf8")).toBe("years of work");
    expect(code).toBe(1);
  });

  it("because another one uses the data folder says so", async () => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const options = { config, dataFolder: join(folder.path, "data"), env: secretsOf(simulators) };
    const first = await startProduct({ ...options, port: await freePort() });
    const { code, output } = await ended(
      ["start", "--config", config, "--data", options.dataFolder, "--port", "0"],
      options.env,
    );
    expect(await first.stop()).toBe(0);
    expect(output).toMatch(/already|another/i);
    expect(output).not.toContain("    at ");
    expect(code).toBe(1);
  });

  it.each([
    [["fly"], 'there is no command "fly"'],
    [["start", "--colour", "red"], "--colour"],
    [["start", "--port", "many"], "--port takes a number"],
    [["start", "--tables", "garbage"], "--tables takes a connection string"],
  ])("called with %j tells how to call it", async (args, message) => {
    const { code, output } = await ended(args);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });
});

describe("the demo", () => {
  it("says what runs where, and shows each incident's tickets in each tool", async () => {
    const port = await freePort();
    const product = spawnProduct(["start", "--data", folder.path, "--port", `${port}`]);
    try {
      await product.greeted;
      const overview = await eventually(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/api/overview`);
        const answered = (await response.json()) as Overview;
        const isShown = ({ tickets }: IncidentOverview): boolean => tickets.every(({ state }) => state === "shown");
        return answered.incidents.some(isShown) ? answered : undefined;
      }, 40_000);
      const { tickets = [] } =
        overview.incidents.find(({ tickets: all }) => all.every(({ label }) => label !== "")) ?? {};
      expect(tickets.map(({ kind, label }) => [kind, label])).toEqual([
        ["servicenow", expect.stringMatching(/^INC\d+$/)],
        ["jira", expect.stringMatching(/^SEC-\d+$/)],
        ["sentinel", expect.stringMatching(/^\d+$/)],
        ["qradar", expect.stringMatching(/^\d+$/)],
        ["webhook", expect.stringMatching(/^[a-zA-Z]+ [0-9a-f]{8}$/)],
      ]);
      expect(overview.connectors.flatMap(({ findings = [] }) => findings)).toEqual([]);
      const issue = await fetch(tickets[1]?.url ?? "");
      expect([issue.status, await issue.text()]).toEqual([200, expect.stringContaining(tickets[1]?.label ?? "?")]);
      const page = await fetch(`http://127.0.0.1:${port}/preview`);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
      const operations = await fetch(`http://127.0.0.1:${port}/operations`);
      expect([operations.status, await operations.text()]).toEqual([200, await page.text()]);
      const figures = parseFigures(await (await fetch(`http://127.0.0.1:${port}/api/metrics`)).text());
      expect(figures.unread).toBe(0);
      expect(figures.points.get("dexsync.passes")?.length).toBeGreaterThan(0);
      expect(figures.spreads.get("dexsync.lag.written")?.length).toBeGreaterThan(0);
    } finally {
      expect(await product.stop()).toBe(0);
    }
    const config = JSON.parse(readFileSync(join(folder.path, "demo", "dex-sync.config.json"), "utf8")) as {
      connectors: readonly { id: string; writesPer5Minutes?: number }[];
    };
    // What Azure grants would hold up hours of story that pass in minutes.
    expect(config.connectors.find(({ id }) => id === "sentinel")?.writesPer5Minutes).toBe(2_000);
    expect(product.output()).toMatch(/writes {4}itsm: ServiceNow http:\/\/127\.0\.0\.1:\d+, table incident/);
    expect(product.output()).toMatch(/writes {4}jira: Jira Cloud http:\/\/127\.0\.0\.1:\d+, project SEC/);
    expect(product.output()).toMatch(/writes {4}sentinel: Sentinel workspace \S+ \(tag\)/);
    expect(product.output()).toMatch(/writes {4}qradar: QRadar http:\/\/127\.0\.0\.1:\d+, events to 127\.0\.0\.1:\d+/);
    expect(product.output()).toMatch(/writes {4}soar: signed events to 127\.0\.0\.1:\d+/);
    expect(product.output()).toContain(`previews  http://127.0.0.1:${port}/preview`);
    expect(product.output()).toContain(`figures   http://127.0.0.1:${port}/operations`);
  });
});

describe("a start that can go on", () => {
  it.each([
    ["401", "unauthorized"],
    ["403", "forbidden"],
    ["HTML", "html"],
  ] as const)("with a tenant that answers %s runs, and health says why nothing flows", async (_name, answer) => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    Object.assign(tenant.graph.behaviour, { answer });
    const product = await startProduct({
      config,
      dataFolder: join(folder.path, "data"),
      port: await freePort(),
      env: secretsOf(simulators),
    });
    try {
      const health = await eventually(async () => {
        const response = await fetch(`${product.url}/api/health`);
        const body = (await response.json()) as Health;
        return body.tenants[0]?.problems.some((problem) => problem.includes("unauthorized"))
          ? { status: response.status, body }
          : undefined;
      }, 20_000);
      expect(health.status).toBe(503);
      expect(health.body.status).toBe("failing");
      expect(product.output()).toContain(`Defender could not be read for tenant ${simulators.credentials.tenantId}`);
    } finally {
      Object.assign(tenant.graph.behaviour, { answer: "normal" });
      expect(await product.stop()).toBe(0);
    }
  });

  it("with a ticket system that is down keeps the work, and makes the ticket when it is back", async () => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const { id } = tenant.graph.incidents.create({ displayName: "While ServiceNow is down" });
    tenant.serviceNow.faults.add({ kind: "status", status: 503 });
    const product = await startProduct({
      config,
      dataFolder: join(folder.path, "data"),
      port: await freePort(),
      env: secretsOf(simulators),
    });
    const find = (): boolean =>
      [...tenant.serviceNow.tickets.all()].some((ticket) => ticket.fields["correlation_id"]?.endsWith(`:${id}`));
    try {
      await eventually(
        () =>
          Promise.resolve(/itsm: incident \S+ waits .* tried again in \d+ s/.test(product.output()) ? true : undefined),
        20_000,
      );
      expect(find()).toBe(false);
      tenant.serviceNow.faults.clear();
      await eventually(() => Promise.resolve(find() ? true : undefined), 30_000);
      // The ticket is there before the pass is over and counted.
      const figures = await eventually(async () => {
        const text = await (await fetch(`${product.url}/api/metrics`)).text();
        return text.includes('outcome="created"') ? text : undefined;
      }, 20_000);
      expect(figures).toMatch(/^dexsync_copies_total\{[^}]*connector="itsm"[^}]*reason="unavailable"[^}]*\} [1-9]/m);
      expect(figures).toMatch(/^dexsync_passes_total\{[^}]*connector="itsm"[^}]*outcome="created"[^}]*\} [1-9]/m);
      expect(figures).toMatch(/^dexsync_lag_written_count\{[^}]*connector="itsm"[^}]*\} [1-9]/m);
      expect(figures).toMatch(/^dexsync_breaker_open\{connector="sentinel"[^}]*\} 0/m);
      expect(figures).not.toContain("While ServiceNow is down");
    } finally {
      tenant.serviceNow.faults.clear();
      expect(await product.stop()).toBe(0);
    }
  });

  it("follows the configuration that the environment names, keeps to its account, and warns once", async () => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators, { inbound: { comments: false } });
    const data = join(folder.path, "data");
    const product = spawnProduct(["start", "--data", data, "--port", "0"], {
      ...secretsOf(simulators),
      DEX_SYNC_CONFIG: config,
    });
    await product.greeted;
    await eventually(() => Promise.resolve(readLog(data).includes("tenant polled") ? true : undefined), 20_000);
    expect(await product.stop()).toBe(0);
    expect(product.output()).toContain(`follows   ${config}`);
    expect(product.output().match(/does not act on it/g)).toHaveLength(1);
    expect(product.output()).toMatch(/stopping\s*$/);
    const open = readdirSync(data, { recursive: true, encoding: "utf8" }).filter(
      (name) => (statSync(join(data, name)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
  });

  it("goes on after Ctrl-C where it was, without a second ticket", async () => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators);
    const options = { config, dataFolder: join(folder.path, "data"), env: secretsOf(simulators) };
    const { id } = tenant.graph.incidents.create({ displayName: "Before the stop" });
    const stateOf = (): string | undefined => ticketsOf(id)[0]?.fields["state"];
    const ticketsOf = (incident: string) =>
      [...tenant.serviceNow.tickets.all()].filter((ticket) =>
        ticket.fields["correlation_id"]?.endsWith(`:${incident}`),
      );
    const first = await startProduct({ ...options, port: await freePort() });
    await eventually(() => Promise.resolve(stateOf() === "1" ? true : undefined), 30_000);
    expect(await first.stop()).toBe(0);
    tenant.graph.incidents.change(id, { status: "inProgress" });
    const second = await startProduct({ ...options, port: await freePort() });
    await eventually(() => Promise.resolve(stateOf() === "2" ? true : undefined), 30_000);
    expect(ticketsOf(id)).toHaveLength(1);
    expect(await second.stop()).toBe(0);
  });
});
