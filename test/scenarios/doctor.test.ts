import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import type { Diagnosis } from "../../shared/pipeline/doctor/diagnosis.ts";
import {
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
afterEach(() => {
  tenant.serviceNow.faults.clear();
  tenant.graph.faults.clear();
  folder.remove();
});

interface Examined {
  readonly code: number | null;
  readonly diagnosis: Diagnosis;
  readonly output: string;
}

/** Runs the command to its end. A product that follows this configuration on the folder is asked. */
async function doctor(config: string, env: Record<string, string>): Promise<Examined> {
  const command = spawnProduct(["doctor", "--config", config, "--data", join(folder.path, "data"), "--json"], env);
  const code = await command.exited;
  const json = command
    .output()
    .split("\n")
    .find((line) => line.startsWith("{"));
  if (json === undefined) throw new Error(command.output());
  return { code, output: command.output(), diagnosis: JSON.parse(json) as Diagnosis };
}

const wrong = ({ diagnosis }: Examined) => diagnosis.findings.filter(({ verdict }) => verdict === "error");

describe("dex-sync doctor", () => {
  it("asks a product that runs, finds all well, and makes no ticket and no incident", async () => {
    const simulators = simulatorsOf(tenant);
    const env = secretsOf(simulators);
    const config = writeConfig(folder.path, simulators);
    const product = await startProduct({
      config,
      dataFolder: join(folder.path, "data"),
      port: await freePort(),
      env,
    });
    try {
      const before = [...tenant.serviceNow.tickets.all()].length;
      const examined = await doctor(config, env);
      expect(wrong(examined)).toEqual([]);
      expect(examined.code).toBe(0);
      const ok = examined.diagnosis.findings.filter(({ verdict }) => verdict === "ok");
      expect(new Set(ok.map(({ area }) => area))).toEqual(
        new Set(["configuration", "secrets", "graph", "connector", "tables", "bus", "clock"]),
      );
      expect(ok.filter(({ area }) => area === "tables").map(({ about }) => about)).toEqual(
        expect.arrayContaining(["incident", "open", "report", "parked", "control"]),
      );
      expect([...tenant.serviceNow.tickets.all()].length).toBe(before);
      for (const secret of Object.values(env)) expect(examined.output).not.toContain(secret);
      const bare = await fetch(`${product.url}/api/doctor`, { headers: { "x-forwarded-for": "203.0.113.9" } });
      expect(bare.status).toBe(401);
    } finally {
      expect(await product.stop()).toBe(0);
    }
  });

  it("examines a configuration from elsewhere, and says what it could not look at", async () => {
    const simulators = simulatorsOf(tenant);
    const examined = await doctor(writeConfig(folder.path, simulators), secretsOf(simulators));
    expect(examined.code).toBe(0);
    const skipped = examined.diagnosis.findings.filter(({ verdict }) => verdict === "notLooked");
    expect(skipped.map(({ area }) => area)).toEqual(["tables", "bus"]);
  });

  it("tells the mend for a secret that is not set, a reference that does not resolve, and a credential that is refused", async () => {
    const simulators = simulatorsOf(tenant);
    const config = writeConfig(folder.path, simulators, { doorbells: { graphResource: "", secrets: ["BELL"] } });
    const env = {
      ...secretsOf(simulators),
      GRAPH_TOKEN: "a-token-that-is-none",
      SERVICENOW_PASSWORD: "@Microsoft.KeyVault(SecretUri=https://vault.example.test/secrets/servicenow)",
    };
    const examined = await doctor(config, env);
    expect(examined.code).toBe(1);
    const found = wrong(examined);
    expect(found).toContainEqual(
      expect.objectContaining({ area: "secrets", about: "doorbells.secrets.0", mend: "set BELL" }),
    );
    expect(found.find(({ seen }) => seen.includes("does not resolve"))?.mend).toContain("Key Vault Secrets User");
    expect(found.find(({ area }) => area === "graph")?.mend).toContain("SecurityIncident.Read.All");
    // What cannot be signed in to is not asked further, and the others are.
    expect(found.find(({ about }) => about === "itsm")?.seen).toContain("SERVICENOW_PASSWORD");
    expect(examined.diagnosis.findings).toContainEqual(
      expect.objectContaining({ about: "sentinel", verdict: "ok", seen: "tickets can be looked up" }),
    );
  });

  it("goes on where one of them answers nonsense", async () => {
    const simulators = simulatorsOf(tenant);
    tenant.serviceNow.faults.add({ kind: "status", status: 503 });
    const examined = await doctor(writeConfig(folder.path, simulators), secretsOf(simulators));
    expect(examined.code).toBe(1);
    expect(wrong(examined).map(({ about }) => about)).toEqual(["itsm"]);
  });
});
