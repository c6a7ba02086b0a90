import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Settings, readSettings } from "../../shared/config/settings.ts";
import { WAITING } from "./jira-workflow.ts";
import type { Plan } from "./plan.ts";
import type { ReceiverPlan } from "./receiver-plan.ts";
import { RECEIVER_SECRET } from "./receiver-service.ts";

const PORTS = { a: 0, b: 1 } as const;
const BASES = { graph: 9_000, servicenow: 9_010, sentinel: 9_020, jira: 9_030, receiver: 9_040 } as const;
export type TenantName = keyof typeof PORTS;

export function tenantIdOf(tenant: TenantName): string {
  return `${tenant.repeat(8)}-0000-4000-8000-000000000000`;
}

/** Host and port that a tenant's services have in the configuration; nobody listens there. */
export function hostOf(kind: keyof typeof BASES, tenant: TenantName): string {
  return `127.0.0.1:${BASES[kind] + PORTS[tenant]}`;
}

/** The connector that tells a tenant's receiver. */
export function receiverIdOf(tenant: TenantName): string {
  return `soar-${tenant}`;
}

const files = new Map<string, string>();
let folder: string | undefined;

/** Written once for all histories that are configured alike. */
export function settingsOf(plan: Plan): Settings {
  const text = JSON.stringify(configOf(plan));
  let file = files.get(text);
  if (file === undefined) {
    folder ??= mkdtempSync(join(tmpdir(), "dex-sync-simulation-"));
    file = join(folder, `${files.size}.json`);
    writeFileSync(file, text);
    files.set(text, file);
  }
  return readSettings({ DEX_SYNC_CONFIG: file, TOKEN: "token", PASSWORD: "password", SOAR_SECRET: RECEIVER_SECRET });
}

function configOf(plan: Plan): unknown {
  return {
    tenants: plan.tenants.map((tenant) => ({
      id: tenantIdOf(tenant),
      name: `tenant-${tenant}`,
      graphUrl: `http://${hostOf("graph", tenant)}`,
      credential: { kind: "token", secret: "TOKEN" },
    })),
    scope: { experts: plan.experts, createdAfter: "2026-01-01T00:00:00Z" },
    poll: { interval: `PT${plan.intervalMs / 1_000}S`, requestsPerMinute: plan.requestsPerMinute },
    connectors: plan.tenants.flatMap((tenant) => [
      ...plan.ticketTools[tenant].map((tool) =>
        tool === "jira" ? jiraConfig(plan, tenant) : itsmConfig(plan, tenant),
      ),
      ...(plan.hasSentinel
        ? [
            {
              id: `sentinel-${tenant}`,
              kind: "sentinel",
              tenants: [tenantIdOf(tenant)],
              mode: "tag",
              subscriptionId: "00000000-0000-0000-0000-000000000000",
              resourceGroup: "soc",
              workspace: `workspace-${tenant}`,
              armUrl: `http://${hostOf("sentinel", tenant)}`,
              credential: { kind: "token", secret: "TOKEN" },
            },
          ]
        : []),
      ...(plan.receiver === undefined ? [] : [soarConfig(plan.receiver, tenant)]),
    ]),
    network: { allowPrivate: ["127.0.0.0/8"] },
  };
}

function soarConfig({ severities }: ReceiverPlan, tenant: TenantName): unknown {
  return {
    id: receiverIdOf(tenant),
    kind: "webhook",
    tenants: [tenantIdOf(tenant)],
    url: `http://${hostOf("receiver", tenant)}/hooks/dex`,
    secret: "SOAR_SECRET",
    ...(severities === undefined ? {} : { route: { severities } }),
  };
}

function itsmConfig(plan: Plan, tenant: TenantName): unknown {
  return {
    id: `itsm-${tenant}`,
    kind: "servicenow",
    tenants: [tenantIdOf(tenant)],
    url: `http://${hostOf("servicenow", tenant)}`,
    auth: { kind: "basic", username: "dex-sync", secret: "PASSWORD" },
    mapping: { onHold: plan.onHold, assignmentGroup: "SOC" },
  };
}

function jiraConfig({ jira }: Plan, tenant: TenantName): unknown {
  return {
    id: `jira-${tenant}`,
    kind: "jira",
    tenants: [tenantIdOf(tenant)],
    url: `http://${hostOf("jira", tenant)}`,
    flavor: jira.flavor,
    project: "SEC",
    issueType: "Incident",
    serviceManagement: jira.isServiceProject,
    auth:
      jira.flavor === "cloud"
        ? { kind: "basic", username: "soc@contoso.com", secret: "PASSWORD" }
        : { kind: "pat", secret: "TOKEN" },
    mapping: jira.workflow === "simple" ? {} : { statuses: { awaitingCustomerAction: WAITING } },
    ...(jira.settleMs === undefined ? {} : { settle: `PT${jira.settleMs / 1_000}S` }),
  };
}
