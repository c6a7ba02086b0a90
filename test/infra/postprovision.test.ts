import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isUsableSecret } from "../../shared/http/verify-signature.ts";
import { aConfig, azureRig } from "./azure-rig.ts";

const AZURE_ROLES: Readonly<Record<string, string>> = {
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
  "3e150937-b8fe-4cfb-8069-0eaf05ecd056": "Microsoft Sentinel Responder",
  "8d289c81-5878-46d4-8554-54e1e3d8b5cb": "Microsoft Sentinel Reader",
  "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
};

const GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-test/providers";
const WORKSPACE =
  "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/soc/providers/Microsoft.OperationalInsights/workspaces/sentinel";

function aSentinel(mode: string): Record<string, unknown> {
  const subscriptionId = "22222222-2222-2222-2222-222222222222";
  return { id: "soc", kind: "sentinel", mode, subscriptionId, resourceGroup: "soc", workspace: "sentinel" };
}

/** "who: role on what" of Resource Manager's assignments. */
function azureRolesIn(rig: ReturnType<typeof azureRig>): readonly string[] {
  return rig.state().azureRoles.map(({ properties: { principalId, roleDefinitionId, scope } }) => {
    const role = AZURE_ROLES[roleDefinitionId.split("/").at(-1) ?? ""] ?? roleDefinitionId;
    return `${principalId}: ${role} on ${scope.split("/").at(-1)}`;
  });
}

function rolesIn(rig: ReturnType<typeof azureRig>): readonly string[] {
  return rig.state().assignments.map(({ appRoleId }) => appRoleId.replace("id of ", ""));
}

describe("after the resources are there", () => {
  it.each([
    ["reads only by default", {}],
    [
      "reads only whatever inbound asks for, as long as nothing acts on it",
      { inbound: { comments: true, resolve: true, tasks: "execute" } },
    ],
  ])("%s, and a second run changes nothing", (_what, overrides) => {
    const rig = azureRig(aConfig(overrides), { secrets: { "servicenow-password": "kept" } });
    expect(rig.run("postprovision.mjs")).toMatchObject({ status: 0 });
    expect(rolesIn(rig)).toEqual(["SecurityIncident.Read.All", "SecurityAlert.Read.All"]);
    const first = rig.state();
    const { output } = rig.run("postprovision.mjs");
    expect(rig.state()).toEqual(first);
    expect(output).toContain("all is set");
    expect(output.includes("inbound.tasks: this version does not act on it")).toBe("inbound" in overrides);
  });

  it("takes back what an earlier configuration asked for, and nothing that somebody else granted", () => {
    const rig = azureRig(aConfig());
    rig.change((state) => {
      const endpoint = "service fc780465-2017-40d4-a0c5-307022471b92";
      const isolate = "id of Machine.Isolate";
      state.assignments.push(
        { id: `assignment of ${isolate}`, appRoleId: isolate, resourceId: endpoint, principalId: "principal" },
        { id: "another", appRoleId: "id of Mail.Read", resourceId: "another", principalId: "principal" },
      );
    });
    expect(rig.run("postprovision.mjs").output).toContain("Machine.Isolate: taken back");
    expect([...rolesIn(rig)].sort()).toEqual(["Mail.Read", "SecurityAlert.Read.All", "SecurityIncident.Read.All"]);
  });

  it("a tenant with a credential of its own gets no role of this identity", () => {
    const credential = { kind: "clientSecret", clientId: "app", secret: "GRAPH_SECRET" };
    const rig = azureRig(aConfig({ tenants: [{ id: "other-tenant", credential }] }));
    expect(rig.run("postprovision.mjs").output).toContain("tenant other-tenant signs in by a credential of its own");
    expect(rolesIn(rig)).toEqual([]);
  });

  it("takes its roles back when the last tenant that it reads has got a credential of its own", () => {
    const rig = azureRig(aConfig());
    rig.run("postprovision.mjs");
    const credential = { kind: "clientSecret", clientId: "app", secret: "GRAPH_SECRET" };
    rig.configure(aConfig({ tenants: [{ id: "other-tenant", credential }] }));
    rig.run("postprovision.mjs");
    expect(rolesIn(rig)).toEqual([]);
  });

  it("makes a doorbell secret that the doorbell takes, and takes others from the environment, never by an argument", () => {
    const rig = azureRig(aConfig());
    rig.run("postprovision.mjs", { SERVICENOW_PASSWORD: "hunter2-hunter2" });
    const { secrets } = rig.state();
    expect(isUsableSecret(secrets["doorbell-secret"] ?? "")).toBe(true);
    expect(secrets["servicenow-password"]).toBe("hunter2-hunter2");
    expect(rig.calls()).toContain("configreferences/appsettings/refresh");
    expect(rig.calls()).not.toContain("hunter2");
    expect(rig.calls()).not.toContain("whsec_");
  });

  it("leaves a secret that is there as it is, and names what is missing with its command", () => {
    const rig = azureRig(aConfig(), { secrets: { "doorbell-secret": "rotated" } });
    const { output, status } = rig.run("postprovision.mjs");
    expect(rig.state().secrets).toEqual({ "doorbell-secret": "rotated" });
    expect(output).toContain("npm run azure:secret -- SERVICENOW_PASSWORD");
    expect(status).toBe(0);
  });

  it("waits for a directory that does not know the new identity yet", () => {
    const rig = azureRig(aConfig(), { unknownFor: 3 });
    rig.run("postprovision.mjs");
    expect(rolesIn(rig)).toHaveLength(2);
  });

  it("without the right to grant roles it does the rest, and says who can", () => {
    const rig = azureRig(aConfig(), { isDenied: true });
    const { output, status } = rig.run("postprovision.mjs");
    expect(output).toContain("Privileged Role Administrator: azd hooks run postprovision");
    expect(rig.state().secrets).toHaveProperty("doorbell-secret");
    expect(status).toBe(0);
  });

  it("a directory without Defender for Endpoint is in nobody's way while nothing is executed there", () => {
    const rig = azureRig(aConfig(), { absentServices: ["fc780465-2017-40d4-a0c5-307022471b92"] });
    expect(rig.run("postprovision.mjs").output).not.toContain("Defender for Endpoint");
    expect(rolesIn(rig)).toHaveLength(2);
  });

  it("a directory without what it needs is named", () => {
    const rig = azureRig(aConfig(), { absentServices: ["00000003-0000-0000-c000-000000000000"] });
    expect(rig.run("postprovision.mjs").output).toContain("Microsoft Graph is not in this tenant");
  });

  it("may read a Sentinel workspace, or write there as the mode says, and loses it with the connector", () => {
    const rig = azureRig(aConfig({ connectors: [aSentinel("observe")] }));
    rig.change((state) => {
      // Somebody else's, above: inherited, and none of ours.
      const scope = "/subscriptions/22222222-2222-2222-2222-222222222222";
      const roleDefinitionId = `${scope}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
      state.azureRoles.push({ id: "above", properties: { scope, roleDefinitionId, principalId: "principal" } });
    });
    const inherited = "principal: Reader on 22222222-2222-2222-2222-222222222222";
    rig.run("postprovision.mjs");
    expect(azureRolesIn(rig)).toEqual([inherited, "principal: Microsoft Sentinel Reader on sentinel"]);
    expect(rig.state().azureRoles[1]?.properties.principalType).toBe("ServicePrincipal");
    rig.configure(aConfig({ connectors: [aSentinel("tag")] }));
    rig.run("postprovision.mjs", rig.state().azd);
    const first = rig.state();
    expect(azureRolesIn(rig)).toEqual([inherited, "principal: Microsoft Sentinel Responder on sentinel"]);
    rig.run("postprovision.mjs", rig.state().azd);
    expect(rig.state()).toEqual(first);
    rig.configure(aConfig());
    rig.run("postprovision.mjs", rig.state().azd);
    expect(azureRolesIn(rig)).toEqual([inherited]);
    expect(rig.state().azd["DEX_SYNC_SENTINEL_WORKSPACE_IDS"]).toBe("[]");
  });

  it("finds the role of a connector that is gone where the azd environment is a new one", () => {
    const rig = azureRig(aConfig());
    rig.change((state) => {
      const own = "/subscriptions/00000000-0000-0000-0000-000000000001";
      const scope = `${own}/resourceGroups/SOC/providers/Microsoft.OperationalInsights/workspaces/old`;
      const reader = `${own}/providers/Microsoft.Authorization/roleDefinitions/8d289c81-5878-46d4-8554-54e1e3d8b5cb`;
      const id = `${scope.toLowerCase()}/providers/Microsoft.Authorization/roleAssignments/made-before`;
      state.azureRoles.push({ id, properties: { scope, roleDefinitionId: reader, principalId: "principal" } });
    });
    const { output } = rig.run("postprovision.mjs");
    expect([output.includes("a role on old: taken back"), azureRolesIn(rig)]).toEqual([true, []]);
  });

  it("two connectors of one workspace get the wider of their roles", () => {
    const connectors = [aSentinel("tag"), { ...aSentinel("observe"), id: "soc-too" }];
    const rig = azureRig(aConfig({ connectors }));
    rig.run("postprovision.mjs");
    expect(azureRolesIn(rig)).toEqual(["principal: Microsoft Sentinel Responder on sentinel"]);
  });

  it("without the right on the workspace it does the rest, says who can, and knows later where it was to be", () => {
    const rig = azureRig(aConfig({ connectors: [aSentinel("observe")] }), { deniedScopes: [WORKSPACE] });
    const { output, status } = rig.run("postprovision.mjs");
    expect(output).toContain("It takes User Access Administrator there: azd hooks run postprovision");
    expect([status, rolesIn(rig).length]).toEqual([0, 2]);
    expect(rig.state().azd["DEX_SYNC_SENTINEL_WORKSPACE_IDS"]).toBe(JSON.stringify([WORKSPACE]));
  });

  it("lets a separate intake read the doorbells' secrets and no other, and no longer what is none of them", () => {
    const intake = { INTAKE_PRINCIPAL_ID: "intake", INTAKE_FUNCTION_NAME: "func-in-test" };
    const rig = azureRig(aConfig());
    rig.run("postprovision.mjs", { ...intake, SERVICENOW_PASSWORD: "hunter2-hunter2" });
    expect(azureRolesIn(rig)).toEqual(["intake: Key Vault Secrets User on doorbell-secret"]);
    expect(rig.state().azureRoles[0]?.id).toContain(
      `${GROUP}/Microsoft.KeyVault/vaults/kv-test/secrets/doorbell-secret/`,
    );
    expect(rig.calls()).toContain("func-in-test/config/configreferences/appsettings/refresh");
    const first = rig.state();
    rig.run("postprovision.mjs", intake);
    expect(rig.state()).toEqual(first);
    rig.configure(aConfig({ doorbells: { secrets: ["BELL_OF_JUNE"] } }));
    rig.run("postprovision.mjs", intake);
    expect(azureRolesIn(rig)).toEqual(["intake: Key Vault Secrets User on bell-of-june"]);
  });

  it("drops the empty queue of a connector that is gone; one with work stays", () => {
    const queue = (name: string, messageCount: number) => ({ name, properties: { messageCount } });
    const queues = [
      queue("poll-requests", 0),
      queue("incident-deltas-itsm", 0),
      queue("incident-deltas-old", 0),
      queue("incident-deltas-late", 3),
    ];
    const rig = azureRig(aConfig(), { queues });
    const { output } = rig.run("postprovision.mjs");
    expect(rig.state().queues.map(({ name }) => name)).toEqual([
      "poll-requests",
      "incident-deltas-itsm",
      "incident-deltas-late",
    ]);
    expect(output).toContain("holds 3 messages");
  });

  it("drops no queue of the last deployment: azd would not make it again", () => {
    const queues = [{ name: "incident-deltas-old", properties: { messageCount: 0 } }];
    const rig = azureRig(aConfig(), { queues });
    rig.run("postprovision.mjs", { DEX_SYNC_LANES: '["itsm","old"]' });
    expect(rig.state().queues).toHaveLength(1);
    rig.run("postprovision.mjs", { DEX_SYNC_LANES: '["itsm"]' });
    expect(rig.state().queues).toEqual([]);
  });
});

describe("after a deployment", () => {
  it("the intake gets the same package, where there is one", () => {
    mkdirSync(".package", { recursive: true });
    const rig = azureRig(aConfig());
    expect(rig.run("deploy-intake.mjs")).toEqual({ status: 0, output: "" });
    expect(rig.calls()).toBe("");
    expect(rig.run("deploy-intake.mjs", { INTAKE_FUNCTION_NAME: "func-in-test" }).status).toBe(0);
    expect(rig.calls()).toContain(
      '["func","azure","functionapp","publish","func-in-test","--javascript","--no-build"]',
    );
    expect(rig.calls()).toContain("func-in-test/config/configreferences/appsettings/refresh");
    rig.change((state) => {
      state.isAppGone = true;
    });
    const unread = rig.run("deploy-intake.mjs", { INTAKE_FUNCTION_NAME: "func-in-test" });
    expect([unread.status, unread.output]).toEqual([
      0,
      expect.stringContaining("az functionapp restart --resource-group rg-test --name func-in-test"),
    ]);
    rig.change((state) => {
      state.publishes = false;
    });
    const { status, output } = rig.run("deploy-intake.mjs", { INTAKE_FUNCTION_NAME: "func-in-test" });
    expect([status, output.includes("func-in-test runs what it ran before")]).toEqual([1, true]);
  });
});

describe("commands of an operator", () => {
  it("a secret comes from standard input into the vault", () => {
    const rig = azureRig(aConfig());
    const { status } = rig.run("azure-secret.mjs", {}, ["JIRA_TOKEN"], "abc123\n");
    expect(status).toBe(0);
    expect(rig.state().secrets).toEqual({ "jira-token": "abc123" });
    expect(rig.calls()).not.toContain("abc123");
    expect(rig.run("azure-secret.mjs", {}, ["JIRA_TOKEN"], "\n").status).toBe(1);
    expect(rig.run("azure-secret.mjs", {}, ["abc"], "x\n").status).toBe(2);
    expect(rig.state().secrets).toEqual({ "jira-token": "abc123" });
  });

  it("says how old each secret is, which is due, and no value", () => {
    const ago = (days: number): number => Math.floor(Date.now() / 1_000) - days * 86_400 - 60;
    const connectors = ["OLD", "YOUNG", "ENDING", "ABSENT"].map((secret) => ({
      id: secret.toLowerCase(),
      auth: { kind: "basic", username: "dex-sync", secret },
    }));
    const rig = azureRig(aConfig({ connectors }), {
      secrets: { old: "hunter2", young: "hunter2", ending: "hunter2", "doorbell-secret": "hunter2" },
      secretAttributes: {
        old: { updated: ago(200) },
        young: { updated: ago(3) },
        ending: { updated: ago(3), exp: ago(-10) },
      },
    });
    const { status, output } = rig.run("azure-secrets.mjs");
    expect(output.trim().split("\n")).toEqual([
      "DUE ABSENT: not in the vault: npm run azure:secret -- ABSENT",
      "ok  DOORBELL_SECRET: 0 days old",
      "DUE ENDING: ends in 9 days: make a new one in the tool, then npm run azure:secret -- ENDING",
      "DUE OLD: 200 days old: make a new one in the tool, then npm run azure:secret -- OLD",
      "ok  YOUNG: 3 days old",
    ]);
    expect(status).toBe(1);
  });

  it("takes back the subscription, while the app still has the right to, then every role", () => {
    const rig = azureRig(aConfig({ connectors: [aSentinel("observe")] }));
    rig.run("postprovision.mjs");
    expect(azureRolesIn(rig)).toHaveLength(1);
    // The connector went, and nobody ran the hook since.
    rig.configure(aConfig());
    const { output, status } = rig.run("azure-take-back.mjs", rig.state().azd);
    expect(output).toContain("2 application role(s) taken back");
    expect([status, rolesIn(rig), azureRolesIn(rig)]).toEqual([0, [], []]);
    // Without it azd skips a deployment of which nothing changed, and the setting stays off.
    expect(output).toContain("azd provision --no-state");
    const calls = rig.calls();
    expect(calls).toContain("DEX_SYNC_SUBSCRIBE=off");
    expect(calls.indexOf("DEX_SYNC_SUBSCRIBE=off")).toBeLessThan(calls.indexOf('"delete"'));
  });

  it("takes back the rules that ring, on any page, and names the playbooks; other rules it leaves", () => {
    const rule = (displayName: string) => ({
      id: `${WORKSPACE}/providers/Microsoft.SecurityInsights/automationRules/${displayName.replaceAll(" ", "-")}`,
      properties: {
        displayName,
        actions: [{ actionType: "RunPlaybook", actionConfiguration: { logicAppResourceId: `/logic-app/of/${displayName}` } }],
      },
    }); // prettier-ignore
    const rules = [rule("close noise"), rule("dex-sync doorbell"), rule("dex-sync doorbell of mine")];
    const rig = azureRig(aConfig({ connectors: [aSentinel("observe")] }), { rules });
    const { output } = rig.run("azure-take-back.mjs");
    expect(rig.state().rules.map(({ properties }) => properties.displayName)).toEqual([
      "close noise",
      "dex-sync doorbell of mine",
    ]);
    expect(output).toContain("az resource delete --ids /logic-app/of/dex-sync doorbell");
    expect(readFileSync("docs/doorbells.md", "utf8")).toContain("`dex-sync doorbell`");
  });

  it("says for each tool and tenant what is left to somebody else, and where", () => {
    const credential = { kind: "clientSecret", clientId: "app", secret: "GRAPH_SECRET" };
    const [itsm] = aConfig()["connectors"] as unknown[];
    const soar = { id: "soar", kind: "webhook", urlSecret: "SOAR_URL", secret: "SOAR_SECRET" };
    const rig = azureRig(aConfig({ tenants: [{ id: "other-tenant", credential }], connectors: [itsm, soar] }));
    const { output } = rig.run("azure-take-back.mjs");
    expect(output).toContain("the address in SOAR_URL (soar): the receiver, and what it checks SOAR_SECRET with");
    expect(output).toContain(
      "https://contoso.service-now.com (itsm): the account dex-sync and what is behind SERVICENOW_PASSWORD",
    );
    expect(output).toContain("whoever signs the doorbell with DOORBELL_SECRET");
    expect(output).toContain("tenant other-tenant: its administrator");
  });

  it("says in a line what it cannot begin without", () => {
    const rig = azureRig("{ no JSON");
    for (const script of ["azure-take-back.mjs", "azure-secrets.mjs"]) {
      const { status, output } = rig.run(script);
      expect([status, output.trim().split("\n").length]).toEqual([1, 1]);
      expect(output).toContain("nothing was done");
    }
    expect(rig.calls()).not.toContain("appsettings");
  });

  it("does the rest where the app is gone, and does not call it done", () => {
    const rig = azureRig(aConfig(), { isAppGone: true });
    rig.run("postprovision.mjs");
    const { status, output } = rig.run("azure-take-back.mjs");
    expect([status, rolesIn(rig)]).toEqual([1, []]);
    expect(output).toContain("WARNING: the subscription at Graph");
    expect(output).toContain("1 step(s) left; mend them before azd down");
  });
});
