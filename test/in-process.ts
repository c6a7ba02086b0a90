import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_GRAPH_TOKEN } from "../local/simulators/graph/start-graph.ts";
import { DEFAULT_QRADAR_TOKEN } from "../local/simulators/qradar/start-qradar.ts";
import { DEFAULT_SENTINEL_TOKEN } from "../local/simulators/sentinel/start-sentinel.ts";
import type { Issue } from "../local/simulators/jira/issue-store.ts";
import { type Tenant, type TenantOptions, startTenant } from "../local/simulators/start-tenant.ts";
import { createMemoryTables } from "../local/store/memory-tables.ts";
import { type Composition, compose } from "../shared/composition.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { readSettings } from "../shared/config/settings.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import { handleDelta } from "../shared/pipeline/lane/handle-delta.ts";
import { handlePollMessage } from "../shared/pipeline/handle-poll-request.ts";
import { type Link, unpackLink } from "../shared/pipeline/link.ts";
import type { LogFields } from "../shared/pipeline/ports/log.ts";
import type { Tables } from "../shared/pipeline/ports/table.ts";
import { temporaryFolder } from "./product-process.ts";
import { type LoopBus, createLoopBus } from "./loop-bus.ts";

export interface InProcess {
  readonly tenant: Tenant;
  readonly bus: LoopBus;
  readonly tables: Tables;
  readonly composition: Composition;
  readonly lines: { readonly message: string; readonly fields: LogFields }[];
  /** Operations on tables, by "table.method". */
  readonly operations: Map<string, number>;
  /** All that was ever given to a table or to the bus to keep. */
  kept(): readonly unknown[];
  /** One poll of the tenant, and all that follows from it within `horizonMs`. */
  poll(horizonMs?: number): Promise<void>;
  link(incidentId: string, connector: string): Promise<Link | undefined>;
  /** The ServiceNow records that carry this incident's key. */
  records(incidentId: string): readonly Readonly<Record<string, string>>[];
  workNotes(incidentId: string): string;
  twinTags(incidentId: string): readonly string[];
  /** The Jira issues that carry this incident's label. */
  issues(incidentId: string): readonly Issue[];
  close(): Promise<void>;
}

/** The whole product but host and broker, against a simulated tenant over real HTTP. */
export async function startInProcess(
  overrides: Record<string, unknown> | ((tenant: Tenant) => Record<string, unknown>) = {},
  options: Pick<TenantOptions, "jira" | "qradar" | "sentinel"> & {
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<InProcess> {
  const folder = temporaryFolder();
  const tenant = await startTenant({ twinDelayMs: 0, sentinel: { behaviour: { putLimit: 0 } }, ...options });
  const file = join(folder.path, "config.json");
  const changes = typeof overrides === "function" ? overrides(tenant) : overrides;
  writeFileSync(file, JSON.stringify({ ...configOf(tenant), ...changes }));
  const lines: InProcess["lines"] = [];
  const note = (message: string, fields: LogFields = {}): void => void lines.push({ message, fields });
  const operations = new Map<string, number>();
  const kept: unknown[] = [];
  const tables = counted(createMemoryTables(), operations, kept);
  const bus = createLoopBus((error) => {
    throw error;
  });
  const { send } = bus;
  bus.send = (queue, messages) => {
    kept.push(...messages);
    return send(queue, messages);
  };
  const composition = await compose(
    { tables, bus, isOneMachine: true, log: { info: note, warn: note, error: note } },
    readSettings({
      DEX_SYNC_CONFIG: file,
      GRAPH_TOKEN: DEFAULT_GRAPH_TOKEN,
      SENTINEL_TOKEN: DEFAULT_SENTINEL_TOKEN,
      SERVICENOW_PASSWORD: tenant.serviceNow.credentials.password,
      JIRA_TOKEN: tenant.jira.credentials.token,
      QRADAR_TOKEN: DEFAULT_QRADAR_TOKEN,
      QRADAR_CA: tenant.qradar.authority,
      QRADAR_CLIENT: tenant.qradar.clientCertificate,
      SOAR_SECRET: tenant.webhook.secrets[0],
      ...options.env,
    }),
  );
  bus.on("poll-requests", (body) => handlePollMessage(composition, body, Date.now()));
  for (const { id } of composition.config.connectors) {
    bus.on(`incident-deltas-${id}`, (body) => handleDelta(composition, id as ConnectorId, body, Date.now()));
  }
  const tenantId = tenant.graph.tenantId as TenantId;
  let polls = 0;
  const ticketsOf = (incidentId: string) =>
    [...tenant.serviceNow.tickets.all()].filter(
      (ticket) => ticket.fields["correlation_id"] === `mdx:${tenantId}:${incidentId}`,
    );
  return {
    tenant,
    bus,
    tables,
    composition,
    lines,
    operations,
    kept: () => kept,
    async poll(horizonMs = 1_500) {
      polls += 1;
      const body = { v: 1, tenantId, cause: "timer", requestedAt: Date.now() };
      await bus.send("poll-requests", [{ messageId: `poll-${polls}`, body }]);
      await bus.idle(horizonMs);
    },
    async link(incidentId, connector) {
      const row = await tables.incident.get(`${tenantId}:${incidentId}`, `link:${connector}`);
      return row === undefined ? undefined : unpackLink(row.value);
    },
    records: (incidentId) => ticketsOf(incidentId).map((ticket) => ticket.fields),
    workNotes: (incidentId) =>
      ticketsOf(incidentId)
        .flatMap((ticket) => tenant.serviceNow.tickets.journal(ticket.sysId))
        .filter((entry) => entry.element === "work_notes")
        .map((entry) => entry.value)
        .join("\n"),
    twinTags: (incidentId) =>
      [...(tenant.sentinel.twinOf(incidentId)?.labels ?? [])].map((label) => label.labelName).toSorted(),
    issues: (incidentId) => tenant.jira.issues.labelled(`mdx_${tenantId}_${incidentId}`),
    async close() {
      bus.close();
      await composition.close();
      await tenant.close();
      folder.remove();
    },
  };
}

/** A connector to the tenant's receiver of webhooks, beside those of `configOf`. */
export function webhookConfigOf({ webhook }: Tenant): Record<string, unknown> {
  return { id: "soar", kind: "webhook", url: webhook.url, secret: "SOAR_SECRET" };
}

/** A connector to the tenant's QRadar, beside those of `configOf`. */
export function qradarConfigOf({ qradar }: Tenant, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: "qradar",
    kind: "qradar",
    url: qradar.url,
    ca: "QRADAR_CA",
    auth: { kind: "token", secret: "QRADAR_TOKEN" },
    syslog: { host: "127.0.0.1", port: qradar.syslog.port, certificate: "QRADAR_CLIENT" },
    ...overrides,
  };
}

/** A connector to the tenant's Jira, beside those of `configOf`. */
export function jiraConfigOf({ jira }: Tenant, mapping: Record<string, unknown> = {}): Record<string, unknown> {
  const { credentials, flavor, project } = jira;
  const isCloud = flavor === "cloud";
  const secret = "JIRA_TOKEN";
  return {
    id: "jira",
    kind: "jira",
    url: jira.url,
    flavor,
    project: project.key,
    issueType: "Incident",
    auth: isCloud ? { kind: "basic", username: credentials.username, secret } : { kind: "pat", secret },
    mapping: { statuses: { awaitingCustomerAction: "Waiting for SOC" }, ...mapping },
    settle: "PT0S",
  };
}

export function configOf(tenant: Tenant): Record<string, unknown> {
  return {
    tenants: [
      { id: tenant.graph.tenantId, graphUrl: tenant.graph.url, credential: { kind: "token", secret: "GRAPH_TOKEN" } },
    ],
    scope: { experts: "all", createdAfter: "2020-01-01T00:00:00Z" },
    poll: { interval: "PT1S", requestsPerMinute: 10_000 },
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: tenant.serviceNow.url,
        auth: { kind: "basic", username: tenant.serviceNow.credentials.username, secret: "SERVICENOW_PASSWORD" },
        settle: "PT0S",
      },
      {
        id: "sentinel",
        kind: "sentinel",
        mode: "tag",
        ...tenant.sentinel.workspace,
        armUrl: tenant.sentinel.url,
        writesPer5Minutes: 100_000,
        credential: { kind: "token", secret: "SENTINEL_TOKEN" },
      },
    ],
    network: { allowPrivate: ["127.0.0.0/8"] },
  };
}

function counted(tables: Tables, operations: Map<string, number>, kept: unknown[]): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      new Proxy(table as object, {
        get(target, method) {
          const value: unknown = Reflect.get(target, method);
          if (typeof value !== "function") return value;
          return (...args: unknown[]): unknown => {
            const key = `${name}.${String(method)}`;
            operations.set(key, (operations.get(key) ?? 0) + 1);
            kept.push(args);
            return Reflect.apply(value, target, args);
          };
        },
      }),
    ]),
  ) as unknown as Tables;
}
