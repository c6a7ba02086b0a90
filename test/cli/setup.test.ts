import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setupCommand } from "../../cli/setup-command.ts";
import { DEFAULT_QRADAR_TOKEN, type QRadarSimulator, startQRadar } from "../../local/simulators/qradar/start-qradar.ts";
import { TENANT } from "../build.ts";

let folder: string;
let simulator: QRadarSimulator;
let said: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dex-sync-setup-"));
  simulator = await startQRadar();
  said = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void said.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void said.push(line));
  vi.stubEnv("DEX_SYNC_CONFIG", undefined);
  vi.stubEnv("QRADAR_TOKEN", DEFAULT_QRADAR_TOKEN);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
  await simulator.close();
});

function fileWith(overrides: object = {}): string {
  const qradar = {
    id: "siem",
    kind: "qradar",
    url: simulator.url,
    auth: { kind: "token", secret: "QRADAR_TOKEN" },
    syslog: { host: "127.0.0.1", port: simulator.syslog.port },
    ...overrides,
  };
  const soar = { id: "soar", kind: "webhook", url: "https://soar.contoso.com/hooks", secret: "SOAR" };
  const file = join(folder, "config.json");
  writeFileSync(
    file,
    JSON.stringify({
      tenants: [{ id: TENANT, credential: { kind: "managedIdentity" } }],
      connectors: [qradar, soar],
      network: { allowPrivate: ["127.0.0.0/8"] },
    }),
  );
  return file;
}

describe("dex-sync setup qradar", () => {
  it("makes what is missing, says what is left, and may be run again", async () => {
    const config = fileWith();
    await expect(setupCommand(["qradar", "--config", config])).resolves.toBe(0);
    expect(simulator.store.logSources).toMatchObject([{ identifier: "dex-sync", coalesce_events: false }]);
    expect(said.join("\n")).toMatch(/made +log source/);
    expect(said.join("\n")).toContain("Index offense based on mdxKey");
    expect(said.join("\n")).not.toContain(DEFAULT_QRADAR_TOKEN);
    said.length = 0;
    await expect(setupCommand(["qradar", "--config", config, "--json"])).resolves.toBe(0);
    const report = JSON.parse(said.join("")) as { connector: string; done: Array<{ outcome: string }> };
    expect(report.connector).toBe("siem");
    expect(report.done.every(({ outcome }) => outcome === "was there")).toBe(true);
  });

  it("answers 1 where something could not be made, and says what", async () => {
    simulator.behaviour.admin = false;
    await expect(setupCommand(["qradar", "--config", fileWith()])).resolves.toBe(1);
    expect(said.join("\n")).toMatch(/failed +log source .*403/);
  });

  it("answers 1 where the token is refused, and tries nothing", async () => {
    vi.stubEnv("QRADAR_TOKEN", "withdrawn-token");
    await expect(setupCommand(["qradar", "--config", fileWith()])).resolves.toBe(1);
    expect(said.join("\n")).toContain("401");
    expect(said.join("\n")).not.toContain("withdrawn-token");
    expect(simulator.store.tables.size).toBe(0);
  });

  it("answers 2 where the call is wrong", async () => {
    const config = fileWith();
    await expect(setupCommand(["--config", config])).resolves.toBe(2);
    await expect(setupCommand(["jira", "--config", config])).resolves.toBe(2);
    await expect(setupCommand(["qradar", "--config", config, "--connector", "other"])).resolves.toBe(2);
    vi.stubEnv("SOAR", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    await expect(setupCommand(["webhook", "--config", config])).resolves.toBe(2);
    expect(said.join("\n")).toContain("needs no set-up from here");
  });
});
