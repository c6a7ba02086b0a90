import { createServer } from "node:http";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import type { Health } from "../../shared/pipeline/health.ts";
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

describe("a start that cannot go on", () => {
  it.each([
    ["no such file", undefined, "there is no such file; name the file with --config FILE"],
    ["no JSON", "{ tenants", "it is not JSON"],
    ["nothing in it", "{}", "must have required property 'tenants'"],
    [
      "an unknown connector",
      JSON.stringify({
        tenants: [{ id: "t", credential: { kind: "managedIdentity" } }],
        connectors: [{ id: "x", kind: "remedy" }],
      }),
      'connectors.0.kind: must be one of "servicenow", "sentinel"',
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
    ["is no folder", (path: string) => writeFileSync(path, "a file"), "cannot be used"],
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
  ])("called with %j tells how to call it", async (args, message) => {
    const { code, output } = await ended(args);
    expect(output).toContain(message);
    expect(code).toBe(2);
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
      expect(product.output()).toContain("poll failed");
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
        () => Promise.resolve(product.output().includes("a copy is scheduled") ? true : undefined),
        20_000,
      );
      expect(find()).toBe(false);
      tenant.serviceNow.faults.clear();
      await eventually(() => Promise.resolve(find() ? true : undefined), 30_000);
    } finally {
      tenant.serviceNow.faults.clear();
      expect(await product.stop()).toBe(0);
    }
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
