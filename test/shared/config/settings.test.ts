import { describe, expect, it } from "vitest";
import { readSettings } from "../../../shared/config/settings.ts";

const REFERENCE = "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/jira-token)";

describe("settings", () => {
  it("a secret that is set is told", () => {
    expect(readSettings({ JIRA_TOKEN: "abc" }).secret("JIRA_TOKEN")).toBe("abc");
  });

  it.each([
    ["not set", undefined, "is not set"],
    ["empty", "", "is not set"],
    ["a Key Vault reference that was not resolved", REFERENCE, "Key Vault reference that was not resolved"],
  ])("a secret that is %s", (_what, value, why) => {
    const settings = readSettings({ JIRA_TOKEN: value });
    expect(settings.secret("JIRA_TOKEN")).toBeUndefined();
    expect(settings.whyNoSecret("JIRA_TOKEN").detail).toContain(why);
    expect(settings.whyNoSecret("JIRA_TOKEN").detail).not.toContain("vault.azure.net");
  });

  it.each([
    [{ WEBSITE_HOSTNAME: "func.azurewebsites.net" }, "https://func.azurewebsites.net"],
    [{ WEBSITE_HOSTNAME: "localhost:7071" }, "http://localhost:7071"],
    [
      { WEBSITE_HOSTNAME: "func.azurewebsites.net", DEX_SYNC_PUBLIC_URL: "https://in.example.com" },
      "https://in.example.com",
    ],
    [{ WEBSITE_HOSTNAME: "func.azurewebsites.net", DEX_SYNC_PUBLIC_URL: "" }, "https://func.azurewebsites.net"],
    [{}, undefined],
  ])("%o is reached at %s", (env, url) => {
    expect(readSettings(env).publicUrl).toBe(url);
  });

  it.each([
    [undefined, "all"],
    ["intake", "intake"],
    ["worker", "worker"],
    ["Intake", "all"],
  ])("role %s means %s", (text, role) => {
    expect(readSettings({ DEX_SYNC_ROLE: text }).role).toBe(role);
  });
});
