import { readFileSync, readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { queuesOf } from "../../local/queues.ts";
import { readSettings } from "../../shared/config/settings.ts";
import { type Deployment, type Resource, SUBSCRIPTION, deploymentOf, run } from "./deployment.ts";
import { findBicep } from "./find-bicep.ts";
import { rolesIn } from "./roles-in.ts";

const bicep = findBicep();
const FILES = ["infra/main.bicep", ...readdirSync("infra/modules").map((name) => `infra/modules/${name}`)];

/** Set by the host for itself, by the platform, or for one machine alone: no code of ours asks the template for them. */
const HOSTS_OWN = /^(AzureWebJobs|ServiceBusConnection__(credential|clientId)$)/;
const NOT_ON_AZURE = ["ServiceBusConnection", "DEX_SYNC_DEMO", "WEBSITE_HOSTNAME", "WEBSITE_AUTH_ENABLED"];
const ONLY_HERE = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage", "AzureWebJobsDisableHomepage"];

const APP_ROLES = [
  "app: Azure Service Bus Data Receiver on bus",
  "app: Azure Service Bus Data Sender on bus",
  "app: Key Vault Secrets User on vault",
  "app: Monitoring Metrics Publisher on Application Insights",
  "app: Storage Blob Data Owner on account",
  "app: Storage Table Data Contributor on account",
];

if (bicep === undefined) {
  const missing = "the Bicep was not compiled: there is no compiler (BICEP, or bicep on the PATH)";
  process.stdout.write(`${missing}\n`);
  describe("infrastructure", () => {
    it("was compiled where the tools are required", () => {
      if (process.env["CI_REQUIRES_TOOLS"] === "1") throw new Error(missing);
    });
  });
} else {
  describe("infrastructure", () => {
    let minimal: Deployment;
    let full: Deployment;
    beforeAll(() => {
      minimal = deploymentOf(bicep, "test/infra/minimal.bicepparam");
      full = deploymentOf(bicep, "test/infra/full.bicepparam");
    }, 120_000);

    it("compiles without a word", () => {
      expect(FILES.length).toBeGreaterThan(5);
      expect(run(bicep, ["build", "infra/main.bicep", "--stdout"])).toEqual({ status: 0, said: "" });
      expect(run(bicep, ["lint", "infra/main.bicep"])).toEqual({ status: 0, said: "" });
    }, 60_000);

    it("sets every setting that the code reads, and none that it does not", () => {
      const read = settingsReadByCode().filter((name) => !NOT_ON_AZURE.includes(name));
      const ofMinimal = Object.keys(minimal.settingsOf("all")).filter((name) => !HOSTS_OWN.test(name));
      expect(ofMinimal.sort()).toEqual([...read, "SERVICENOW_PASSWORD"].sort());
      const ofWorker = Object.keys(full.settingsOf("worker")).filter((name) => !HOSTS_OWN.test(name));
      expect(ofWorker.sort()).toEqual([...read, "DOORBELL_SECRET", "JIRA_TOKEN", "SERVICENOW_PASSWORD"].sort());
      const ofIntake = Object.keys(full.settingsOf("intake")).filter((name) => !HOSTS_OWN.test(name));
      expect(ofIntake.sort()).toEqual([...read, "DOORBELL_SECRET"].sort());
      const { Values: sample } = JSON.parse(readFileSync("local.settings.sample.json", "utf8")) as {
        Values: Record<string, string>;
      };
      const ofSample = Object.keys(sample).filter((name) => !ONLY_HERE.includes(name));
      expect(ofSample.sort()).toEqual([...read, "DOORBELL_SECRET", "SERVICENOW_PASSWORD"].sort());
    });

    it("keeps every secret in the vault", () => {
      for (const name of ["DOORBELL_SECRET", "JIRA_TOKEN", "SERVICENOW_PASSWORD"]) {
        const value = full.settingsOf("worker")[name] ?? "";
        expect(value).toContain("@Microsoft.KeyVault(SecretUri=");
        expect(value).toContain(`'${name.toLowerCase().replaceAll("_", "-")}'`);
      }
      for (const { resources } of [minimal, full]) {
        expect(resources.filter(({ type }) => type.endsWith("/secrets"))).toEqual([]);
      }
    });

    it("has the queues of local/queues.ts, with the same settings, and none beside them", () => {
      for (const [deployment, lanes] of [
        [minimal, ["itsm"]],
        [full, ["itsm", "jira", "sentinel", "sentinel-dev"]],
      ] as const) {
        const queues = deployment.of("Microsoft.ServiceBus/namespaces/queues");
        expect(queues.map(asDefinition)).toEqual(queuesOf(lanes.map((lane) => `incident-deltas-${lane}`)).map(spelled));
      }
    });

    it("has the tables of shared/azure/azure-tables.ts", () => {
      const source = readFileSync("shared/azure/azure-tables.ts", "utf8");
      const used = [...source.matchAll(/createTable\(options, "(\w+)"\)/g)].map((match) => match[1]);
      expect(used.length).toBeGreaterThan(3);
      const made = minimal.of("Microsoft.Storage/storageAccounts/tableServices/tables").map(({ name }) => last(name));
      expect(made).toEqual(used);
    });

    it("gives nobody more than these roles", () => {
      expect(rolesIn(minimal)).toEqual(APP_ROLES);
      expect(rolesIn(full)).toEqual(
        [
          ...APP_ROLES,
          "intake: Azure Service Bus Data Sender on queue poll-requests",
          "intake: Monitoring Metrics Publisher on Application Insights",
          "intake: Storage Blob Data Owner on intake's account",
          "intake: Storage Table Data Contributor on intake's account",
          "intake: Storage Table Data Contributor on table control",
          "operator: Azure Service Bus Data Receiver on bus",
          "operator: Azure Service Bus Data Sender on bus",
          "operator: Key Vault Secrets Officer on vault",
          "operator: Storage Table Data Contributor on account",
        ].sort(),
      );
      for (const { properties } of full.of("Microsoft.Authorization/roleAssignments")) {
        expect(properties["principalType"]).toMatch(/^(User|ServicePrincipal)$/);
      }
    });

    it("touches no resource group but its own: azd down deletes every one that a deployment touched", () => {
      const known = full.resources.filter(({ id }) => id.startsWith("/"));
      expect(known.length).toBeGreaterThan(20);
      const own = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-test`.toLowerCase();
      expect(known.map(({ id }) => id.toLowerCase()).filter((id) => id !== own && !id.startsWith(`${own}/`))).toEqual(
        [],
      );
      const scopes = [...readFileSync("infra/main.bicep", "utf8").matchAll(/^ +scope: (.+)$/gm)].map(([, to]) => to);
      expect([...new Set(scopes)]).toEqual(["group"]);
    });

    it("lets portal metrics split the figures by their dimensions", () => {
      for (const deployment of [minimal, full]) {
        expect(only(deployment, "Microsoft.Insights/components")["CustomMetricsOptedInType"]).toBe("WithDimensions");
      }
    });

    it("signs in by Entra ID alone, over TLS 1.2 or later", () => {
      for (const deployment of [minimal, full]) {
        for (const account of deployment.of("Microsoft.Storage/storageAccounts")) {
          expect(account.properties).toMatchObject({
            allowSharedKeyAccess: false,
            allowBlobPublicAccess: false,
            minimumTlsVersion: "TLS1_2",
            supportsHttpsTrafficOnly: true,
          });
        }
        expect(only(deployment, "Microsoft.ServiceBus/namespaces")).toMatchObject({
          disableLocalAuth: true,
          minimumTlsVersion: "1.2",
        });
        expect(only(deployment, "Microsoft.KeyVault/vaults")).toMatchObject({
          enableRbacAuthorization: true,
          enablePurgeProtection: true,
          enableSoftDelete: true,
        });
        expect(only(deployment, "Microsoft.Insights/components")).toMatchObject({ DisableLocalAuth: true });
        expect(only(deployment, "Microsoft.OperationalInsights/workspaces")).toMatchObject({
          features: { disableLocalAuth: true },
        });
        for (const app of deployment.of("Microsoft.Web/sites")) {
          expect(app.properties).toMatchObject({
            httpsOnly: true,
            siteConfig: { minTlsVersion: "1.2", scmMinTlsVersion: "1.2", ftpsState: "Disabled" },
            functionAppConfig: { runtime: { name: "node", version: "22" } },
          });
        }
        const policies = deployment.of("Microsoft.Web/sites/basicPublishingCredentialsPolicies");
        expect(policies).toHaveLength(2 * deployment.of("Microsoft.Web/sites").length);
        for (const { properties } of policies) expect(properties).toEqual({ allow: false });
      }
    });

    it("logs what Service Bus, vault, storage and apps do, to one workspace", () => {
      const logged = full.of("Microsoft.Insights/diagnosticSettings").map(({ id }) => watched(id));
      expect(logged.sort()).toEqual([
        "blobServices",
        "blobServices",
        "namespaces",
        "sites",
        "sites",
        "tableServices",
        "tableServices",
        "vaults",
      ]);
    });

    it("tags whatever takes tags", () => {
      const own = minimal.resources.filter(({ location }) => location !== undefined);
      expect(own.length).toBeGreaterThan(7);
      for (const { type, tags } of own) expect([type, tags?.["azd-env-name"]]).toEqual([type, "test"]);
      for (const { type, tags } of full.resources.filter(({ location }) => location !== undefined)) {
        expect([type, tags?.["cost-center"]]).toEqual([type, "soc"]);
      }
    });

    it("puts no secret into an output", () => {
      for (const { outputs } of [minimal, full]) {
        expect(Object.keys(outputs).length).toBeGreaterThan(5);
        const text = JSON.stringify(outputs);
        expect(text).not.toMatch(/listKeys|listSecrets|connectionString|SharedAccessKey|instrumentationKey/i);
      }
    });

    it("opens nothing but the apps where networking is private, and the worker to operators alone", () => {
      for (const type of [
        "Microsoft.Storage/storageAccounts",
        "Microsoft.ServiceBus/namespaces",
        "Microsoft.KeyVault/vaults",
      ]) {
        for (const { properties } of full.of(type)) expect(properties["publicNetworkAccess"]).toBe("Disabled");
      }
      expect(full.of("Microsoft.ServiceBus/namespaces")[0]?.sku).toMatchObject({ name: "Premium" });
      expect(minimal.of("Microsoft.ServiceBus/namespaces")[0]?.sku).toMatchObject({ name: "Standard" });
      expect(full.of("Microsoft.Network/privateEndpoints")).toHaveLength(6);
      expect(minimal.resources.filter(({ type }) => type.startsWith("Microsoft.Network/"))).toEqual([]);
      expect(siteConfigOf(full, "worker")).toMatchObject({
        ipSecurityRestrictionsDefaultAction: "Deny",
        ipSecurityRestrictions: [{ action: "Allow", ipAddress: "198.51.100.0/24" }],
      });
      expect(siteConfigOf(full, "intake")).toMatchObject({ ipSecurityRestrictionsDefaultAction: "Allow" });
      expect(siteConfigOf(minimal, "all")).toMatchObject({ ipSecurityRestrictionsDefaultAction: "Allow" });
    });

    it("spreads over zones and keeps instances ready only where that is asked for", () => {
      const scaleOf = (deployment: Deployment, role: string) =>
        (siteOf(deployment, role).properties["functionAppConfig"] as { scaleAndConcurrency: Record<string, unknown> })
          .scaleAndConcurrency;
      expect(minimal.of("Microsoft.Storage/storageAccounts")[0]?.sku).toEqual({ name: "Standard_LRS" });
      expect(only(minimal, "Microsoft.Web/serverfarms")["zoneRedundant"]).toBe(false);
      expect(scaleOf(minimal, "all")["alwaysReady"]).toEqual([]);
      for (const { sku } of full.of("Microsoft.Storage/storageAccounts")) expect(sku).toEqual({ name: "Standard_ZRS" });
      for (const { properties } of full.of("Microsoft.Web/serverfarms")) expect(properties["zoneRedundant"]).toBe(true);
      expect(scaleOf(full, "worker")["alwaysReady"]).toEqual([{ name: "function:detect-changes", instanceCount: 1 }]);
      expect(scaleOf(full, "intake")["alwaysReady"]).toEqual([]);
    });

    it("is one app unless an intake is asked for, which reads the doorbells' secrets and no other", () => {
      expect(minimal.of("Microsoft.Web/sites")).toHaveLength(1);
      expect(siteOf(minimal, "all").properties["keyVaultReferenceIdentity"]).toContain("'identity-{0}'");
      expect(siteOf(full, "intake").properties["keyVaultReferenceIdentity"]).toContain("intakeIdentity-{0}");
      const referring = Object.entries(full.settingsOf("intake")).filter(([, value]) => value.includes("KeyVault"));
      expect(referring.map(([name]) => name)).toEqual(["DOORBELL_SECRET"]);
      expect(full.settingsOf("worker")["DEX_SYNC_PUBLIC_URL"]).toContain("intakeApp");
    });

    it("has every alert, each with its link to the runbook, and mail only where somebody is named", () => {
      const alerts = JSON.parse(readFileSync("infra/alerts.json", "utf8")) as readonly { readonly key: string }[];
      const rules = full.of("Microsoft.Insights/scheduledQueryRules");
      expect(rules.map(({ name }) => name)).toEqual(alerts.map(({ key }) => key));
      for (const { name, properties } of rules) {
        expect(properties["description"]).toContain(`docs/runbook.md#${name}`);
        expect(properties["skipQueryValidation"]).toBe(true);
      }
      expect(full.of("Microsoft.Insights/metricAlerts").map(({ name }) => name)).toEqual(
        expect.arrayContaining(["dead-letters", "backlog", "vault-availability"]),
      );
      const mailsOf = (deployment: Deployment): unknown =>
        deployment.of("Microsoft.Insights/actionGroups").map(({ properties }) => properties["emailReceivers"]);
      expect(mailsOf(minimal)).toEqual([[]]);
      expect(mailsOf(full)).toMatchObject([[{ emailAddress: "soc@contoso.example" }]]);
    });

    it("has the workbook, of which every placeholder is filled", () => {
      expect(minimal.of("Microsoft.Insights/workbooks").map(({ properties }) => properties["category"])).toEqual([
        "workbook",
      ]);
      const placeholders = readFileSync("infra/workbooks/operations.workbook.json", "utf8").match(/\{\{\w+\}\}/g) ?? [];
      const module = readFileSync("infra/modules/workbook.bicep", "utf8");
      expect([...new Set(placeholders)].filter((name) => !module.includes(`name: '${name}'`))).toEqual([]);
    });

    it("signs operators in only where an app registration is named, and lets doorbells through", () => {
      const signIn = (deployment: Deployment): readonly Resource[] =>
        deployment.of("Microsoft.Web/sites/config").filter(({ name }) => name.endsWith("authsettingsV2"));
      expect(signIn(minimal)).toEqual([]);
      expect(minimal.settingsOf("all")["DEX_SYNC_OPERATOR_ROLE"]).toBe("");
      expect(signIn(full)).toHaveLength(1);
      expect(signIn(full)[0]?.properties["globalValidation"]).toMatchObject({ requireAuthentication: false });
      expect(full.settingsOf("worker")["DEX_SYNC_OPERATOR_ROLE"]).toBe("operator");
      expect(full.settingsOf("intake")["DEX_SYNC_OPERATOR_ROLE"]).toBe("");
    });

    it("names the service of azure.yaml", () => {
      const [service] = /^ {2}(\w+):$/m.exec(readFileSync("azure.yaml", "utf8"))?.slice(1) ?? [];
      expect(siteOf(minimal, "all").tags?.["azd-service-name"]).toBe(service);
      const parameters = JSON.parse(readFileSync("infra/main.parameters.json", "utf8")) as { parameters: object };
      const declared = [...readFileSync("infra/main.bicep", "utf8").matchAll(/^param (\w+)/gm)].map(
        (match) => match[1] ?? "",
      );
      expect(Object.keys(parameters.parameters).sort()).toEqual(declared.sort());
    });
  });
}

/** Names that are asked for where settings are read: the one place that reads the environment (a layer rule). */
function settingsReadByCode(): readonly string[] {
  const names = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get(_target, name) {
        names.add(String(name));
        return undefined;
      },
    },
  );
  readSettings(env);
  return [...names];
}

function only(deployment: Deployment, type: string): Readonly<Record<string, unknown>> {
  const found = deployment.of(type);
  expect(found).toHaveLength(1);
  return found[0]?.properties ?? {};
}

function siteOf(deployment: Deployment, role: string): Resource {
  const found = deployment.of("Microsoft.Web/sites").find(({ tags }) => tags?.["dex-sync-role"] === role);
  if (found === undefined) throw new Error(`no app has the role ${role}`);
  return found;
}

function siteConfigOf(deployment: Deployment, role: string): unknown {
  return siteOf(deployment, role).properties["siteConfig"];
}

function asDefinition({ name, properties }: Resource): Record<string, unknown> {
  return {
    name: last(name),
    requiresSession: properties["requiresSession"],
    lockDuration: properties["lockDuration"],
    maxDeliveryCount: properties["maxDeliveryCount"],
    requiresDuplicateDetection: properties["requiresDuplicateDetection"],
    duplicateDetectionHistoryTimeWindow: properties["duplicateDetectionHistoryTimeWindow"],
    defaultMessageTimeToLive: properties["defaultMessageTimeToLive"],
    deadLetteringOnMessageExpiration: properties["deadLetteringOnMessageExpiration"],
  };
}

/** A definition of the bus on one machine in the words of the service. */
function spelled(queue: ReturnType<typeof queuesOf>[number]): Record<string, unknown> {
  return {
    name: queue.name,
    requiresSession: queue.requiresSession,
    lockDuration: `PT${queue.lockDurationMs / 60_000}M`,
    maxDeliveryCount: queue.maxDeliveryCount,
    requiresDuplicateDetection: queue.duplicateDetectionWindowMs > 0,
    duplicateDetectionHistoryTimeWindow: `PT${queue.duplicateDetectionWindowMs / 60_000}M`,
    defaultMessageTimeToLive: `P${(queue.defaultTimeToLiveMs ?? 0) / 86_400_000}D`,
    deadLetteringOnMessageExpiration: queue.deadLetterOnExpiration ?? false,
  };
}

function watched(id: string): string {
  return /\/(\w+)\/[^/]+\/providers\/Microsoft\.Insights\/diagnosticSettings/.exec(id)?.[1] ?? id;
}

function last(name: string): string {
  return name.split("/").at(-1) ?? name;
}
