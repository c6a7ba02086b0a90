import { existsSync, readdirSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import type { Preview } from "../../shared/pipeline/preview/previewed.ts";
import {
  type Product,
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
const ESCAPE = "\u001b[2J\u001b]0;owned\u0007";

let tenant: Tenant;
let folder: ReturnType<typeof temporaryFolder>;
let config: string;
let dataFolder: string;
let env: Record<string, string>;

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 0, sentinel: { behaviour: { putLimit: 0 } } });
  folder = temporaryFolder();
  const simulators = simulatorsOf(tenant);
  config = writeConfig(folder.path, simulators);
  dataFolder = join(folder.path, "data");
  env = secretsOf(simulators);
}, SOON_MS);

afterAll(async () => {
  await tenant.close();
  folder.remove();
});

async function preview(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const command = spawnProduct(["preview", "--data", dataFolder, ...args], env);
  return { code: await command.exited, said: command.output() };
}

/** What the tools were asked to write so far; they count by method and path. */
function writesAt(): number {
  return [tenant.serviceNow, tenant.sentinel]
    .flatMap(({ requests }) => Object.entries(requests.read().byKind))
    .filter(([kind]) => /create|change|PUT|DELETE/.test(kind))
    .reduce((sum, [, count]) => sum + count, 0);
}

describe("dex-sync preview", { timeout: 2 * SOON_MS }, () => {
  it("before the first start shows what would be made, and makes nothing: no ticket, no folder", async () => {
    const { id } = tenant.graph.incidents.create({ displayName: `Ransomware ${ESCAPE}`, severity: "high" });
    const { code, said } = await preview("--config", config, "--last", "5");
    expect(said).toContain(`${id}  active  high  Ransomware`);
    expect(said).toContain("itsm: create a ticket");
    expect(said).toMatch(/short_description: ".*Ransomware.*" +\[never written yet\]/);
    expect(said).toContain("1 incident looked at; nothing was written");
    expect(said).not.toContain("\u001b");
    expect(code).toBe(0);
    expect(existsSync(dataFolder)).toBe(false);
    expect(writesAt()).toBe(0);
    expect([...tenant.serviceNow.tickets.all()]).toEqual([]);
  });

  it("beside the running product asks it; by another configuration it reads the state beside it", async () => {
    const product: Product = await startProduct({ config, dataFolder, port: await freePort(), env });
    try {
      const [incident] = [...tenant.graph.incidents.all()];
      await eventually(async () => {
        const { said } = await preview("--config", config, "--json", "--connector", "itsm");
        const seen = JSON.parse(said) as Preview;
        return seen.incidents[0]?.tickets[0]?.action === "none" ? true : undefined;
      }, SOON_MS);
      const writes = writesAt();
      expect(writes).toBeGreaterThan(0);
      const changed = JSON.parse(readFileSync(config, "utf8")) as { connectors: Record<string, unknown>[] };
      for (const connector of changed.connectors) {
        if (connector["kind"] === "servicenow") connector["mapping"] = { category: "security" };
      }
      const draft = join(folder.path, "draft.json");
      writeFileSync(draft, JSON.stringify(changed));
      const files = readdirSync(join(dataFolder, "state"));
      const { code, said } = await preview("--config", draft, "--connector", "itsm");
      expect(said).toMatch(/category: .*"security" +\[/);
      expect(said).toContain(`${incident?.id}  active`);
      expect(code).toBe(0);
      expect(readdirSync(join(dataFolder, "state"))).toEqual(files);
      expect(writesAt()).toBe(writes);
      expect((await fetch(`${product.url}/api/health`)).status).toBe(200);
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });

  it("alone opens the state that the product left", async () => {
    const { code, said } = await preview("--config", config, "--json");
    const seen = JSON.parse(said) as Preview;
    expect(seen.incidents).toMatchObject([
      { readFrom: "state", tickets: [{ action: "none" }, { connector: "sentinel" }] },
    ]);
    expect(code).toBe(0);
  });

  it.each([
    [["--last", "0"], "last: must be a number from 1 to 200"],
    [["--connector", "nobody"], 'there is no connector "nobody"'],
    [["--nonsense"], "--nonsense"],
  ])("is told what is wrong with %j", async (args, expected) => {
    const { code, said } = await preview("--config", config, ...args);
    expect(said).toContain(expected);
    expect(said).not.toContain("    at ");
    expect(code).toBe(2);
  });

  it("wants a configuration where nothing runs", async () => {
    const { code, said } = await preview();
    expect(said).toContain("name the configuration with --config FILE");
    expect(code).toBe(2);
  });
});
