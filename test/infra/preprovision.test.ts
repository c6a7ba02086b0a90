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

describe("before anything is created", () => {
  it("gives Bicep the lanes, secrets and workspaces of the configuration, and nothing else", () => {
    const [itsm] = aConfig()["connectors"] as unknown[];
    const rig = azureRig(aConfig({ connectors: [itsm, SENTINEL, JIRA] }));
    const { status, output } = rig.run("preprovision.mjs");
    expect(output).toContain("lanes: itsm, soc, jira");
    expect(status).toBe(0);
    expect(Object.entries(rig.state().azd).map(([name, value]) => [name, JSON.parse(value) as unknown])).toEqual([
      ["DEX_SYNC_LANES", ["itsm", "soc", "jira"]],
      ["DEX_SYNC_SECRET_NAMES", ["DOORBELL_SECRET", "JIRA_TOKEN", "SERVICENOW_PASSWORD"]],
      [
        "DEX_SYNC_SENTINEL_WORKSPACES",
        [
          {
            subscriptionId: "22222222-2222-2222-2222-222222222222",
            resourceGroup: "soc",
            workspace: "sentinel",
            writes: false,
          },
        ],
      ],
    ]);
  });

  it("takes along both secrets of a webhook while one is changed", () => {
    const soar = { id: "soar", kind: "webhook", url: "https://soar.contoso.com/hooks", secret: "SOAR_NEW" };
    const rig = azureRig(aConfig({ connectors: [{ ...soar, previousSecret: "SOAR_OLD" }] }));
    const { status, output } = rig.run("preprovision.mjs");
    expect([status, output]).toEqual([0, expect.stringContaining("lanes: soar")]);
    expect(rig.state().azd["DEX_SYNC_SECRET_NAMES"]).toBe('["DOORBELL_SECRET","SOAR_NEW","SOAR_OLD"]');
  });

  it("leaves a workspace to the credential that the connector has of its own", () => {
    const own = { ...SENTINEL, credential: { kind: "clientSecret", clientId: "app", secret: "SENTINEL_SECRET" } };
    const rig = azureRig(aConfig({ connectors: [own] }));
    expect(rig.run("preprovision.mjs").status).toBe(0);
    expect(rig.state().azd["DEX_SYNC_SENTINEL_WORKSPACES"]).toBe("[]");
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

  it("Contributor and User Access Administrator together are enough", () => {
    const contributor = { actions: ["*"], notActions: ["Microsoft.Authorization/*/Write"] };
    const administrator = { actions: ["*/read", "Microsoft.Authorization/*"], notActions: [] };
    const rig = azureRig(aConfig(), { permissions: [contributor, administrator] });
    expect(rig.run("preprovision.mjs").status).toBe(0);
  });
});
