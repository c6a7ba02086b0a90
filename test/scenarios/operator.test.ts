import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
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

let tenant: Tenant;
let folder: ReturnType<typeof temporaryFolder>;
let product: Product;
let place: readonly string[];

beforeAll(async () => {
  tenant = await startTenant({ twinDelayMs: 0, sentinel: { behaviour: { putLimit: 0 } } });
  folder = temporaryFolder();
  const simulators = simulatorsOf(tenant);
  const config = writeConfig(folder.path, simulators);
  const dataFolder = join(folder.path, "data");
  place = ["--config", config, "--data", dataFolder];
  product = await startProduct({ config, dataFolder, port: await freePort(), env: secretsOf(simulators) });
}, SOON_MS);

afterAll(async () => {
  await product.stop();
  await tenant.close();
  folder.remove();
});

/** What the command says, and its exit code. */
async function dexSync(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const command = spawnProduct([...args, ...place]);
  const code = await command.exited;
  return { code, said: command.output() };
}

function recordOf(id: string): Readonly<Record<string, string>> | undefined {
  return [...tenant.serviceNow.tickets.all()].find(
    ({ fields }) => fields["correlation_id"]?.endsWith(`:${id}`) === true,
  )?.fields;
}

describe("an operator at the command line, beside the running product", () => {
  it(
    "finds what is parked, mends the cause, replays it, and it is gone",
    async () => {
      const { id } = tenant.graph.incidents.create({ displayName: "Password spray" });
      await eventually(() => Promise.resolve(recordOf(id)), SOON_MS);
      expect(await dexSync("parked", "list")).toEqual({ code: 0, said: "nothing is parked\n" });
      tenant.serviceNow.faults.add({ match: "PATCH", kind: "status", status: 400 });
      tenant.graph.incidents.change(id, { status: "resolved", classification: "falsePositive" });
      const listed = await eventually(async () => {
        const { said } = await dexSync("parked", "list", "--json");
        const { parked } = JSON.parse(said) as { parked: { incidentId: string; mend: string; body?: unknown }[] };
        return parked.find(({ incidentId }) => incidentId === id);
      }, SOON_MS);
      expect(listed.mend).not.toBe("");
      expect(listed.body).toBeUndefined();
      const shown = await dexSync("parked", "show", "--incident", id);
      expect(shown).toMatchObject({ code: 0, said: expect.stringContaining(`"incidentId":"${id}"`) });
      // Whole: its body ends where JSON does.
      expect(JSON.parse(/^ {2}body: (.*)$/m.exec(shown.said)?.[1] ?? "")).toMatchObject({ seenAt: expect.any(Number) });

      tenant.serviceNow.faults.clear();
      expect(await dexSync("parked", "replay")).toMatchObject({ code: 2 });
      expect(await dexSync("parked", "replay", "--incident", id, "--reason", "the rule was mended")).toMatchObject({
        code: 0,
        said: expect.stringContaining("1 sent on their way again"),
      });
      await eventually(
        async () => ((await dexSync("parked", "list")).said === "nothing is parked\n" ? true : undefined),
        SOON_MS,
      );
      expect(recordOf(id)).toMatchObject({ state: "6" });
    },
    2 * SOON_MS,
  );

  it(
    "holds a tool and lets it go on",
    async () => {
      expect(await dexSync("pause", "--connector", "itsm", "--reason", "an upgrade")).toMatchObject({ code: 0 });
      const health = await (await fetch(`${product.url}/api/health`)).json();
      expect(JSON.stringify(health)).toContain("paused by an operator");
      expect(JSON.stringify(health)).toContain("an upgrade");
      expect(await dexSync("resume", "--connector", "itsm")).toMatchObject({ code: 0 });
      expect(JSON.stringify(await (await fetch(`${product.url}/api/health`)).json())).not.toContain("paused");
    },
    SOON_MS,
  );

  it(
    "compares everything, and is told what is left for a person by the exit code",
    async () => {
      const { id } = tenant.graph.incidents.create({ displayName: "Impossible travel" });
      const record = await eventually(() => Promise.resolve(recordOf(id)), SOON_MS);
      await eventually(async () => {
        const { code } = await dexSync("reconcile", "--window", "1h");
        return code === 0 ? true : undefined;
      }, SOON_MS);
      tenant.serviceNow.changeAsAdmin(record["sys_id"] ?? "", { short_description: "in my own words" });
      const { differences } = JSON.parse((await dexSync("reconcile", "--window", "1h", "--json")).said) as {
        differences: readonly unknown[];
      };
      expect(differences).toContainEqual(expect.objectContaining({ kind: "drifted", incidentId: id }));
      const { code, said } = await dexSync("reconcile", "--window", "1h");
      expect(said).toMatch(new RegExp(`drifted: incident ${id} of \\S+ in itsm: short_description`));
      expect(code).toBe(1);
    },
    2 * SOON_MS,
  );

  it.each([
    [["reconcile", "--window", "soon"], "--window takes a span"],
    [["parked", "eat"], "list, show, replay or drop"],
    [["parked", "drop"], "name a tenant, an incident or a connector"],
    [["pause"], "name a tenant or a connector"],
    [["poll", "--tenant", "nobody"], 'no tenant "nobody"'],
    [["resume", "--connector", "nobody"], 'no connector "nobody"'],
    [["poll", "--url", "http://127.0.0.1:1"], "--key names the environment variable"],
    [["sweep", "--nonsense"], "--nonsense"],
  ])("is told what is wrong with %j", async (args, expected) => {
    const { code, said } = await dexSync(...args);
    expect(said).toContain(expected);
    expect(said).not.toContain("    at ");
    expect(code).toBe(2);
  });
});
