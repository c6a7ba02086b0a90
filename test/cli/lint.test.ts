import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lintCommand } from "../../cli/lint-command.ts";
import { DEFAULT_SENTINEL_TOKEN } from "../../local/simulators/sentinel/start-sentinel.ts";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import { TENANT } from "../build.ts";
import { SECURITY_CODES } from "../contract/servicenow-bench.ts";

let folder: string;
let tenant: Tenant;
let said: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dex-sync-lint-"));
  tenant = await startTenant();
  said = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void said.push(line));
  vi.stubEnv("DEX_SYNC_CONFIG", undefined);
  vi.stubEnv("SERVICENOW_PASSWORD", tenant.serviceNow.credentials.password);
  vi.stubEnv("TOKEN", DEFAULT_SENTINEL_TOKEN);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await tenant.close();
});

function fileWith(serviceNow: object = {}, more: object = {}): string {
  const itsm = {
    id: "itsm",
    kind: "servicenow",
    url: tenant.serviceNow.url,
    auth: { kind: "basic", username: "dex-sync", secret: "SERVICENOW_PASSWORD" },
    ...serviceNow,
  };
  const credential = { kind: "token", secret: "TOKEN" };
  const { workspace, url: armUrl } = tenant.sentinel;
  const sentinel = { id: "sentinel", kind: "sentinel", mode: "tag", armUrl, credential, ...workspace };
  const file = join(folder, "config.json");
  const config = {
    tenants: [{ id: TENANT, graphUrl: tenant.graph.url, credential }],
    connectors: [itsm, sentinel],
    network: { allowPrivate: ["127.0.0.0/8"] },
    ...more,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe("dex-sync lint", () => {
  it("finds nothing where everything fits, and says what it was compared with", async () => {
    await expect(lintCommand(["--config", fileWith({ mapping: { assignmentGroup: "SOC" } })])).resolves.toBe(0);
    expect(said.join("\n")).toContain("0 errors, 0 warnings");
    expect(said.join("\n")).toContain("compared with the tools: itsm, sentinel");
    const security = { table: "sn_si_incident", mapping: SECURITY_CODES };
    await expect(lintCommand(["--config", fileWith(security)])).resolves.toBe(0);
  });

  it("asks for a webhook's secret only where it is not on paper, and says where it cannot be used", async () => {
    const soar = { id: "soar", kind: "webhook", url: tenant.webhook.url, secret: "SOAR_SECRET" };
    const file = fileWith({}, { connectors: [soar] });
    await expect(lintCommand(["--config", file, "--offline"])).resolves.toBe(0);
    vi.stubEnv("SOAR_SECRET", "changeme");
    await expect(lintCommand(["--config", file])).resolves.toBe(1);
    expect(said.join("\n")).toContain("the secret of the signatures cannot be used");
    vi.stubEnv("SOAR_SECRET", tenant.webhook.secrets[0]);
    await expect(lintCommand(["--config", file])).resolves.toBe(0);
    expect(tenant.webhook.requests.read().total).toBe(0);
  });

  it("needs a secret address only off paper, and says where it cannot be used, without it", async () => {
    const soar = { id: "soar", kind: "webhook", urlSecret: "SOAR_URL", secret: "SOAR_SECRET" };
    const file = fileWith({}, { connectors: [soar] });
    await expect(lintCommand(["--config", file, "--offline"])).resolves.toBe(0);
    vi.stubEnv("SOAR_SECRET", tenant.webhook.secrets[0]);
    vi.stubEnv("SOAR_URL", "https://soar.contoso.com/?sig=s3cret#");
    await expect(lintCommand(["--config", file])).resolves.toBe(1);
    expect(said.join("\n")).toContain("the address in SOAR_URL cannot be used: it must not hold a fragment");
    vi.stubEnv("SOAR_URL", `${tenant.webhook.url}?sig=s3cret`);
    await expect(lintCommand(["--config", file])).resolves.toBe(0);
    expect(said.join("\n")).not.toContain("s3cret");
  });

  it("prints a line for each finding: severity, connector, place, problem and mend", async () => {
    tenant.sentinel.behaviour.role = "reader";
    const mapping = { closeCodes: { truePositive: "No such code" }, assignmentGroup: "Nobody" };
    await expect(lintCommand(["--config", fileWith({ mapping })])).resolves.toBe(1);
    const lines = said.filter((line) => line.startsWith("error"));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^error {4}itsm {2}connectors\.0\.mapping\.closeCodes\.truePositive: the instance has no .*; mend: set /,
    );
    expect(lines[2]).toContain("sentinel  connectors.1.mode: this identity may not do");
  });

  it("answers the same as JSON, warnings alone with 0", async () => {
    tenant.serviceNow.behaviour.choicesReadable = false;
    await expect(lintCommand(["--config", fileWith({}, { inbound: {} }), "--json"])).resolves.toBe(0);
    expect(said).toHaveLength(1);
    expect(JSON.parse(said[0] ?? "")).toMatchObject({
      isOffline: false,
      compared: ["itsm", "sentinel"],
      unreachable: [],
      findings: [
        { severity: "warning", connector: "", place: "inbound", mend: expect.any(String) },
        { severity: "warning", connector: "itsm", place: "connectors.0.mapping", problem: expect.any(String) },
      ],
    });
  });

  it("names every classification without a close code where the table has no default, offline too and without a secret", async () => {
    vi.stubEnv("SERVICENOW_PASSWORD", undefined);
    tenant.serviceNow.faults.add({ kind: "cut" });
    const file = fileWith({ table: "sn_si_incident", mapping: { closeCodes: { truePositive: "x" } } });
    await expect(lintCommand(["--config", file, "--offline", "--json"])).resolves.toBe(1);
    const { findings, compared } = JSON.parse(said[0] ?? "") as { findings: { place: string }[]; compared: string[] };
    expect(compared).toEqual([]);
    expect(findings.map(({ place }) => place.replace("connectors.0.mapping.", "")).toSorted()).toEqual([
      "closeCodes.falsePositive",
      "closeCodes.informationalExpectedActivity",
      "closeCodes.unknown",
      "closeCodes.unrecognised",
      "duplicateCloseCode",
    ]);
    expect(tenant.serviceNow.requests.read().total).toBe(0);
    said = [];
    await expect(lintCommand(["--config", fileWith(), "--offline"])).resolves.toBe(0);
    expect(said.at(-1)).toBe("offline: nothing was compared with the tools");
  });

  it("says that a tool gave no answer, or that a secret is not set", async () => {
    tenant.serviceNow.faults.add({ kind: "status", status: 503 });
    await expect(lintCommand(["--config", fileWith()])).resolves.toBe(1);
    expect(said.join("\n")).toContain("not compared, for the tool gave no answer: itsm");
    expect(said.join("\n")).toContain("compared with the tools: sentinel");
    vi.stubEnv("SERVICENOW_PASSWORD", undefined);
    await expect(lintCommand(["--config", fileWith()])).resolves.toBe(1);
    expect(said.join("\n")).toContain("error    itsm  connectors.0: the environment variable SERVICENOW_PASSWORD");
  });

  it.each([
    ["no file is named", []],
    ["the file is not there", ["--config", "/nowhere/config.json"]],
    ["the call has an option that there is not", ["--config", "x", "--fix"]],
  ])("answers 2 where %s", async (_name, args) => {
    await expect(lintCommand(args)).resolves.toBe(2);
    expect(said.join("\n")).toContain("dex-sync lint");
  });

  it.each([
    ["On Hold in sn_si_incident", { table: "sn_si_incident", mapping: { onHold: true } }, "mapping.onHold"],
    ["Closed as a state", { mapping: { states: { redirected: "7" } } }, "mapping.states.redirected"],
    ["a column of ours among the user's own", { mapping: { fields: { state: "6" } } }, "mapping.fields.state"],
    ["a column that is none", { mapping: { fields: { "A B": "6" } } }, "fields"],
  ])("answers 2 for %s", async (_name, serviceNow, place) => {
    await expect(lintCommand(["--config", fileWith(serviceNow)])).resolves.toBe(2);
    expect(said.join("\n")).toContain(place);
  });
});
