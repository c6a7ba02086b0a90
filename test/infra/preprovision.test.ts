import { describe, expect, it } from "vitest";
import { aConfig, azureRig } from "./azure-rig.ts";

const SENTINEL = {
  id: "soc",
  kind: "sentinel",
  mode: "observe",
  subscriptionId: "22222222-2222-2222-2222-222222222222",
  resourceGroup: "soc",
  workspace: "sentinel",
};
const JIRA = {
  id: "jira",
  kind: "jira",
  flavor: "cloud",
  url: "https://contoso.atlassian.net",
  project: "SEC",
  issueType: "Incident",
  auth: { kind: "basic", username: "soc@contoso.com", secret: "JIRA_TOKEN" },
};

const WORKSPACE =
  "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/sentinel";

describe("before anything is created", () => {
  it("gives Bicep the lanes and secrets of the configuration, and nothing else", () => {
    const [itsm] = aConfig()["connectors"] as unknown[];
    const rig = azureRig(aConfig({ connectors: [itsm, SENTINEL, JIRA] }), { workspaces: [WORKSPACE] });
    const { status, output } = rig.run("preprovision.mjs");
    expect(output).toContain("lanes: itsm, soc, jira");
    expect(status).toBe(0);
    expect(Object.entries(rig.state().azd).map(([name, value]) => [name, JSON.parse(value) as unknown])).toEqual([
      ["DEX_SYNC_LANES", ["itsm", "soc", "jira"]],
      ["DEX_SYNC_SECRET_NAMES", ["DOORBELL_SECRET", "JIRA_TOKEN", "SERVICENOW_PASSWORD"]],
      ["DEX_SYNC_DOORBELL_SECRET_NAMES", ["DOORBELL_SECRET"]],
    ]);
  });

  it("takes along both secrets of a webhook while one is changed", () => {
    const soar = { id: "soar", kind: "webhook", url: "https://soar.contoso.com/hooks", secret: "SOAR_NEW" };
    const rig = azureRig(aConfig({ connectors: [{ ...soar, previousSecret: "SOAR_OLD" }] }));
    const { status, output } = rig.run("preprovision.mjs");
    expect([status, output]).toEqual([0, expect.stringContaining("lanes: soar")]);
    expect(rig.state().azd["DEX_SYNC_SECRET_NAMES"]).toBe('["DOORBELL_SECRET","SOAR_NEW","SOAR_OLD"]');
  });

  it("takes along the address of a webhook that is itself a secret", () => {
    const soar = { id: "soar", kind: "webhook", urlSecret: "SOAR_URL", secret: "SOAR_SECRET" };
    const rig = azureRig(aConfig({ connectors: [soar] }));
    const { status, output } = rig.run("preprovision.mjs");
    expect([status, output]).toEqual([0, expect.stringContaining("lanes: soar")]);
    expect(rig.state().azd["DEX_SYNC_SECRET_NAMES"]).toBe('["DOORBELL_SECRET","SOAR_SECRET","SOAR_URL"]');
  });

  it("does not look for a workspace that the connector signs in to by a credential of its own", () => {
    const own = { ...SENTINEL, credential: { kind: "clientSecret", clientId: "app", secret: "SENTINEL_SECRET" } };
    const rig = azureRig(aConfig({ connectors: [own] }));
    expect(rig.run("preprovision.mjs").status).toBe(0);
    expect(rig.state().azd["DEX_SYNC_SECRET_NAMES"]).toBe('["DOORBELL_SECRET","SENTINEL_SECRET"]');
  });

  it.each([
    ["a configuration that is no JSON", "{ tenants", {}, {}, "is not JSON"],
    ["no connector", aConfig({ connectors: [] }), {}, {}, "has no connector"],
    ["what the product's own check refuses", aConfig({ poll: { interval: "PT7S" } }), {}, {}, "must divide a minute"],
    [
      "no right to assign roles",
      aConfig(),
      { permissions: [{ actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] }] },
      {},
      "you lack Microsoft.Authorization/roleAssignments/write",
    ],
    [
      "a region without Flex Consumption",
      aConfig(),
      {},
      { AZURE_LOCATION: "China North" },
      "swedencentral, westeurope",
    ],
    [
      "a tenant of another directory",
      aConfig(),
      { tenantId: "11111111-2222-3333-4444-555555555555" },
      {},
      "reads no incidents of cfcdbe43-297b-4c6b-ac7e-8d7f6befb514",
    ],
    [
      "a deleted vault that holds its name",
      aConfig(),
      {
        deletedVaults: [{ name: "kv-old", properties: { location: "West Europe", tags: { "azd-env-name": "test" } } }],
      },
      {},
      "az keyvault recover --name kv-old",
    ],
    [
      "a workspace that is not there",
      aConfig({ connectors: [SENTINEL] }),
      {},
      {},
      "there is no workspace sentinel in resource group soc",
    ],
    [
      "a provider that private networking needs",
      aConfig(),
      { provider: "NotRegistered" },
      { NETWORK_ISOLATION: "true" },
      "az provider register",
    ],
  ])("%s: nothing is created, and the mend is said", (_what, config, azure, env, said) => {
    const rig = azureRig(config, azure);
    const { status, output } = rig.run("preprovision.mjs", env);
    expect(output).toContain(said);
    expect(output).toContain("nothing was created");
    expect(status).toBe(1);
    expect(rig.state().azd).toEqual({});
  });

  it("asks about the subscription that azd deploys to, whichever the Azure CLI has selected", () => {
    const rig = azureRig(aConfig());
    rig.run("preprovision.mjs", { NETWORK_ISOLATION: "true" });
    const asked = rig
      .calls()
      .split("\n")
      .filter((call) => /"(functionapp|keyvault|account|provider)"/.test(call));
    expect(asked).toHaveLength(4);
    for (const call of asked) expect(call).toContain('"--subscription","00000000-0000-0000-0000-000000000001"');
  });

  it("says that nobody is told of alerts, until somebody is", () => {
    const rig = azureRig(aConfig());
    expect(rig.run("preprovision.mjs").output).toContain("nobody is told of alerts");
    expect(rig.run("preprovision.mjs", { ALERT_EMAILS: "[ ]" }).output).toContain("nobody is told of alerts");
    expect(rig.run("preprovision.mjs", { ALERT_EMAILS: '["a@b.example"]' }).output).not.toContain("nobody is told");
  });

  it("says that alerts have no link, until there is one", () => {
    const rig = azureRig(aConfig());
    expect(rig.run("preprovision.mjs").output).toContain("azd env set RUNBOOK_URL");
    const linked = rig.run("preprovision.mjs", { RUNBOOK_URL: "https://wiki.contoso.example/dex-sync" });
    expect(linked.output).not.toContain("RUNBOOK_URL");
  });

  it("before a subscription is chosen it says that nothing was checked, and goes on", () => {
    const rig = azureRig(aConfig(), { permissions: [] });
    const { status, output } = rig.run("preprovision.mjs", { AZURE_SUBSCRIPTION_ID: "" });
    expect([status, output]).toEqual([0, expect.stringContaining("no subscription and region are chosen yet")]);
  });

  it("Contributor and User Access Administrator together are enough", () => {
    const contributor = { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] };
    const administrator = { actions: ["*/read", "Microsoft.Authorization/*"], notActions: [] };
    const rig = azureRig(aConfig(), { permissions: [contributor, administrator] });
    expect(rig.run("preprovision.mjs").status).toBe(0);
  });
});
