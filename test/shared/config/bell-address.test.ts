import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bellAddress } from "../../../shared/config/bell-address.ts";
import { ConfigError } from "../../../shared/config/config.ts";
import { loadConfig } from "../../../shared/config/load-config.ts";
import { readSettings } from "../../../shared/config/settings.ts";

const REAL = "https://graph.microsoft.com";
const LOCAL = "http://127.0.0.1:4010";

describe("where Graph rings", () => {
  it.each([
    ["https://dex.azurewebsites.net", REAL],
    ["https://dex.azurewebsites.net", LOCAL],
    ["http://127.0.0.1:7071", LOCAL],
    ["http://127.0.0.1:7071", "http://[::1]:4010"],
  ])("is %s for a Graph at %s", (publicUrl, graphUrl) => {
    expect(bellAddress(publicUrl, graphUrl).notificationUrl).toBe(`${publicUrl}/api/doorbell/graph`);
  });

  it.each([
    [undefined, REAL, /no public address/],
    [undefined, LOCAL, /no public address/],
    ["http://127.0.0.1:7071", REAL, /not https/],
    ["http://localhost:7071", "https://127.0.0.1.example.com", /not https/],
  ])("is nowhere where the app is at %s and Graph at %s", (publicUrl, graphUrl, reason) => {
    expect(bellAddress(publicUrl, graphUrl)).toMatchObject({
      notificationUrl: undefined,
      reason: expect.stringMatching(reason) as unknown,
    });
  });
});

describe("the address the environment knows", () => {
  it.each([
    ["dex.azurewebsites.net", "https://dex.azurewebsites.net"],
    ["localhost:7071", "http://localhost:7071"],
    ["127.0.0.1:7071", "http://127.0.0.1:7071"],
    ["", undefined],
    [undefined, undefined],
  ])("of the host name %s is %s", (hostName, publicUrl) => {
    expect(readSettings({ WEBSITE_HOSTNAME: hostName }).publicUrl).toBe(publicUrl);
  });
});

describe("the address of the configuration", () => {
  async function load(doorbells: unknown) {
    const folder = mkdtempSync(join(tmpdir(), "dex-sync-config-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "dex-sync.config.json");
    const tenants = [{ id: "cfcdbe43-297b-4c6b-ac7e-8d7f6befb514", credential: { kind: "managedIdentity" } }];
    const connectors = [{ id: "sentinel", kind: "sentinel", mode: "tag", subscriptionId: "s", resourceGroup: "g", workspace: "w" }]; // prettier-ignore
    writeFileSync(file, JSON.stringify({ tenants, connectors, doorbells }));
    return loadConfig(file);
  }

  it("is https, or of this machine, and is kept without its last slash", async () => {
    expect((await load({ publicUrl: "https://dex.contoso.com/" })).publicUrl).toBe("https://dex.contoso.com");
    expect((await load({ publicUrl: "http://localhost:7071" })).publicUrl).toBe("http://localhost:7071");
    expect(await load({})).toMatchObject({ graphResource: "security/incidents", publicUrl: undefined });
    expect((await load({ graphResource: "security/incidents" })).warnings).toEqual([]);
  });

  it.each([
    ["http://dex.contoso.com", "doorbells.publicUrl: must be https; http is only for an address of this machine"],
    ["ftp://dex.contoso.com", expect.stringContaining("doorbells.publicUrl: must be an address")],
    ["https://dex.contoso.com/path", expect.stringContaining("doorbells.publicUrl: must be an address")],
  ])("is refused as %s", async (publicUrl, problem) => {
    const refusal = await load({ publicUrl }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect((refusal as ConfigError).problems).toEqual([problem]);
  });
});
