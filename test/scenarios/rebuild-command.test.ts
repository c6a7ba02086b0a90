import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
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

const SOON_MS = 30_000;

let tenant: Tenant;
let folder: ReturnType<typeof temporaryFolder>;
let config: string;
let changed: string;
let dataFolder: string;
let env: Record<string, string>;

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 0, sentinel: { behaviour: { putLimit: 0 } } });
  folder = temporaryFolder();
  const simulators = simulatorsOf(tenant);
  config = writeConfig(folder.path, simulators);
  dataFolder = join(folder.path, "data");
  env = secretsOf(simulators);
  const file = JSON.parse(readFileSync(config, "utf8")) as { connectors: Record<string, unknown>[] };
  for (const connector of file.connectors) {
    if (connector["kind"] === "servicenow") connector["mapping"] = { category: "security" };
  }
  changed = join(folder.path, "changed.json");
  writeFileSync(changed, JSON.stringify(file));
}, SOON_MS);

afterAll(async () => {
  await tenant.close();
  folder.remove();
});

async function rebuild(file: string, ...args: readonly string[]) {
  const command = spawnProduct(["rebuild", "--config", file, "--data", dataFolder, ...args], env);
  return { code: await command.exited, said: command.output() };
}

/** Writes at ServiceNow so far. */
function writes(): number {
  return Object.entries(tenant.serviceNow.requests.read().byKind)
    .filter(([kind]) => /create|change/.test(kind))
    .reduce((sum, [, count]) => sum + count, 0);
}

function categories(): readonly (string | undefined)[] {
  return [...tenant.serviceNow.tickets.all()].map(({ fields }) => fields["category"]);
}

describe("dex-sync rebuild", { timeout: 3 * SOON_MS }, () => {
  it("beside the running product says how far it is; without a change it writes nothing", async () => {
    tenant.graph.incidents.create({ displayName: "Password spray" });
    tenant.graph.incidents.create({ displayName: "Impossible travel" });
    const product = await startProduct({ config, dataFolder, port: await freePort(), env });
    try {
      await eventually(() => Promise.resolve(categories().length === 2 ? true : undefined), SOON_MS);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const before = writes();
      const { code, said } = await rebuild(
        config,
        "--connector",
        "itsm",
        "--since",
        "2020-01-01",
        "--reason",
        "a test",
      );
      expect(said).toMatch(/itsm of \S+: 2 sent, 2 as they should be; done/);
      expect(code).toBe(0);
      expect(writes()).toBe(before);
    } finally {
      await product.stop();
    }
  });

  it("alone shows what a changed mapping would write, rolls it out, and has nothing to write after that", async () => {
    const before = writes();
    const dry = await rebuild(changed, "--connector", "itsm", "--since", "2020-01-01", "--dry-run");
    expect(dry.said).toMatch(/category: .*"security" +\[/);
    expect(dry.said).toContain("2 incidents looked at, 2 to be written; nothing was written");
    expect(dry.code).toBe(0);
    expect(writes()).toBe(before);

    const first = await rebuild(changed, "--connector", "itsm", "--since", "2020-01-01", "--json");
    expect(first.code).toBe(0);
    expect(categories()).toEqual(["security", "security"]);
    expect(writes()).toBe(before + 2);

    expect((await rebuild(changed, "--connector", "itsm", "--since", "2020-01-01")).code).toBe(0);
    expect(writes()).toBe(before + 2);
    const again = await rebuild(changed, "--connector", "itsm", "--since", "2020-01-01", "--dry-run");
    expect(again.said).toContain("2 incidents looked at, 0 to be written");
  });

  it.each([
    [[], "--connector says whose tickets"],
    [["--connector", "itsm"], "--since of which incidents"],
    [["--connector", "nobody", "--since", "2020-01-01", "--dry-run"], 'there is no connector "nobody"'],
    [["--connector", "itsm", "--since", "soon", "--dry-run"], "since: must be a moment"],
    [["--nonsense"], "--nonsense"],
  ])("is told what is wrong with %j", async (args, expected) => {
    const { code, said } = await rebuild(config, ...args);
    expect(said).toContain(expected);
    expect(said).not.toContain("    at ");
    expect(code).toBe(2);
  });
});
