import { isIP } from "node:net";
import { DEFAULT_ASSIGNEE_NAMES } from "../incident/ball.ts";
import type { TenantId } from "../incident/incident.ts";
import { revisionOf } from "../incident/revision.ts";
import { loadSchemaCheck } from "../schema-check.ts";
import { CLOUDS } from "./clouds.ts";
import { type Config, ConfigError, type TenantSettings } from "./config.ts";
import { CONNECTOR_KINDS, PLANNED_KINDS } from "./connector-kinds.ts";
import { durationMs } from "./duration.ts";
import { jiraProblems } from "./jira-problems.ts";
import { isLoopbackUrl } from "./loopback-url.ts";
import { qradarProblems } from "./qradar-problems.ts";
import { readJson } from "./read-json.ts";
import { DEFAULT_INTERVAL_MS } from "./read-lanes.ts";
import { type ConfigFile, ConfigSchema } from "./schema.ts";
import { sentinelProblems } from "./sentinel-problems.ts";
import { serviceNowProblems } from "./servicenow-problems.ts";
import { urlProblems } from "./url-problems.ts";

const DEFAULT_OVERLAP_MS = 120_000;
/** Refused today; the day Graph sends notifications for it, it rings without a change here. "" in the configuration: not asked for. */
const DEFAULT_GRAPH_RESOURCE = "security/incidents";
/** Half of the documented 50 a minute of the same back end. */
const DEFAULT_REQUESTS_PER_MINUTE = 25;
/** Above this the documented quota (50 a minute, 1,500 an hour) is exceeded. */
const DOCUMENTED_REQUESTS_PER_MINUTE = 50;

/** Reads and checks the configuration, or throws `ConfigError` with every problem at once. */
export async function loadConfig(file: string): Promise<Config> {
  const value = readJson(file);
  const planned = plannedKinds(value);
  if (planned.length > 0) throw new ConfigError(file, planned);
  const check = await loadSchemaCheck(ConfigSchema);
  const checked = check(value);
  if ("problems" in checked) throw new ConfigError(file, checked.problems);
  const problems = ruleProblems(checked.value);
  if (problems.length > 0) throw new ConfigError(file, problems);
  return configOf(checked.value);
}

function plannedKinds(value: unknown): readonly string[] {
  const connectors = (value as { connectors?: unknown } | null)?.connectors;
  if (!Array.isArray(connectors)) return [];
  return connectors.flatMap((connector: { kind?: unknown } | null, index) =>
    typeof connector?.kind === "string" && PLANNED_KINDS.some((kind) => kind === connector.kind)
      ? [
          `connectors.${index}.kind: "${connector.kind}" is not in this version; remove this connector (there are ${CONNECTOR_KINDS.slice(0, -1).join(", ")} and ${CONNECTOR_KINDS.at(-1)})`,
        ]
      : [],
  );
}

function ruleProblems(file: ConfigFile): readonly string[] {
  return [
    ...urlProblems(file),
    ...doubles("tenants", file.tenants),
    ...doubles("connectors", file.connectors),
    ...tenantProblems(file),
    ...routeProblems(file),
    ...pollProblems(file),
    ...networkProblems(file),
    ...doorbellProblems(file),
    ...jiraProblems(file),
    ...sentinelProblems(file),
    ...qradarProblems(file),
    ...serviceNowProblems(file),
  ];
}

function doubles(name: string, items: readonly { readonly id: string }[]): readonly string[] {
  return items.flatMap((item, index) =>
    items.findIndex(({ id }) => id === item.id) < index
      ? [`${name}.${index}.id: "${item.id}" is used twice; every id must be its own`]
      : [],
  );
}

function tenantProblems(file: ConfigFile): readonly string[] {
  return file.tenants.flatMap((tenant, index) => {
    const isLoopback = tenant.graphUrl !== undefined && isLoopbackUrl(tenant.graphUrl);
    const problems: string[] = [];
    if (tenant.credential.kind === "token" && !isLoopback) {
      problems.push(
        `tenants.${index}.credential.kind: "token" is only for a graphUrl on this machine; use managedIdentity, clientSecret or certificate`,
      );
    }
    if (tenant.graphUrl !== undefined && !isLoopback && !tenant.graphUrl.startsWith("https:")) {
      problems.push(`tenants.${index}.graphUrl: must be https`);
    }
    return problems;
  });
}

function routeProblems(file: ConfigFile): readonly string[] {
  const known = new Set(file.tenants.map((tenant) => tenant.id));
  return file.connectors.flatMap((connector, index) => {
    if (connector.tenants === undefined && file.tenants.length > 1) {
      return [
        `connectors.${index}.tenants: with two tenants or more every connector names its own, so that no tenant's incident reaches another's tool`,
      ];
    }
    return (connector.tenants ?? [])
      .filter((id) => !known.has(id))
      .map((id) => `connectors.${index}.tenants: there is no tenant "${id}"`);
  });
}

function pollProblems(file: ConfigFile): readonly string[] {
  const problems: string[] = [];
  const intervalMs = durationMs(file.poll?.interval ?? "PT15S") ?? 0;
  const dividesAMinute = intervalMs >= 1_000 && intervalMs <= 60_000 && 60_000 % intervalMs === 0;
  const dividesAnHour = intervalMs > 60_000 && intervalMs % 60_000 === 0 && 3_600_000 % intervalMs === 0;
  if (!dividesAMinute && !dividesAnHour) {
    problems.push(
      "poll.interval: must divide a minute (PT1S, PT2S, PT5S, PT10S, PT15S, PT20S, PT30S, PT1M) or an hour in whole minutes",
    );
  }
  const after = file.scope?.createdAfter;
  if (after !== undefined && after !== "" && revisionOf(after) === undefined) {
    problems.push("scope.createdAfter: must be a moment like 2026-01-01T00:00:00Z");
  }
  return problems;
}

function networkProblems(file: ConfigFile): readonly string[] {
  const allowed = file.network?.allowPrivate ?? [];
  const bad = allowed.flatMap((cidr, index) =>
    isCidr(cidr) ? [] : [`network.allowPrivate.${index}: "${cidr}" is no range like 10.0.0.0/8`],
  );
  const plain = file.connectors.flatMap((connector, index) => {
    const name = connector.kind === "sentinel" ? "armUrl" : "url";
    const url = connector.kind === "sentinel" ? connector.armUrl : connector.url;
    return url?.startsWith("http:") === true && allowed.length === 0
      ? [`connectors.${index}.${name}: plain http goes only to addresses inside network.allowPrivate; use https`]
      : [];
  });
  return [...bad, ...plain];
}

function doorbellProblems(file: ConfigFile): readonly string[] {
  const url = file.doorbells?.publicUrl;
  if (url === undefined || url.startsWith("https:") || isLoopbackUrl(url)) return [];
  return ["doorbells.publicUrl: must be https; http is only for an address of this machine"];
}

function isCidr(text: string): boolean {
  const [address, prefix, ...more] = text.split("/");
  const family = isIP(address ?? "");
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix ?? "")) return false;
  return Number(prefix) <= (family === 4 ? 32 : 128);
}

function configOf(file: ConfigFile): Config {
  const tenants = file.tenants.map((tenant): TenantSettings => {
    const cloud = CLOUDS[tenant.cloud ?? "global"];
    return {
      id: tenant.id as TenantId,
      name: tenant.name ?? tenant.id,
      cloud,
      graphUrl: tenant.graphUrl ?? cloud.graphUrl,
      credential: tenant.credential,
      assignees: {
        experts: tenant.assignees?.experts ?? DEFAULT_ASSIGNEE_NAMES.experts,
        customer: tenant.assignees?.customer ?? DEFAULT_ASSIGNEE_NAMES.customer,
      },
    };
  });
  return {
    tenants,
    scope: {
      experts: file.scope?.experts ?? "only",
      minimumSeverity: file.scope?.minimumSeverity ?? "informational",
      createdAfter: file.scope?.createdAfter ?? "",
    },
    poll: {
      intervalMs: durationMs(file.poll?.interval ?? "") ?? DEFAULT_INTERVAL_MS,
      overlapMs: durationMs(file.poll?.overlap ?? "") ?? DEFAULT_OVERLAP_MS,
      requestsPerMinute: file.poll?.requestsPerMinute ?? DEFAULT_REQUESTS_PER_MINUTE,
    },
    connectors: file.connectors.map((connector) => ({
      ...connector,
      tenantIds: connector.tenants?.map((id) => id as TenantId) ?? tenants.map((tenant) => tenant.id),
    })),
    handoverDueMs: handoverDueOf(file),
    doorbellSecrets: file.doorbells?.secrets ?? [],
    graphResource: file.doorbells?.graphResource ?? DEFAULT_GRAPH_RESOURCE,
    publicUrl: file.doorbells?.publicUrl?.replace(/\/$/, ""),
    allowPrivate: file.network?.allowPrivate ?? [],
    warnings: warningsOf(file),
  };
}

/** The defaults. What has no severity that this version knows is as urgent as the medium one. */
const HANDOVER_DUE = { high: "PT1H", medium: "PT4H", low: "P1D", informational: "P1D" } as const;

function handoverDueOf({ handover }: ConfigFile): Config["handoverDueMs"] {
  const due = (severity: keyof typeof HANDOVER_DUE): number =>
    durationMs(handover?.due?.[severity] ?? HANDOVER_DUE[severity]) ?? 0;
  const medium = due("medium");
  return {
    high: due("high"),
    medium,
    low: due("low"),
    informational: due("informational"),
    unknown: medium,
    unrecognised: medium,
  };
}

function warningsOf(file: ConfigFile): readonly string[] {
  const warnings: string[] = [];
  const later = {
    "handover.remindEvery": file.handover?.remindEvery,
    "handover.contacts": file.handover?.contacts,
    inbound: file.inbound,
  };
  for (const [name, value] of Object.entries(later)) {
    if (value !== undefined) warnings.push(`${name}: accepted, but this version does not act on it`);
  }
  const isRealGraph = file.tenants.some(({ graphUrl }) => graphUrl === undefined || !isLoopbackUrl(graphUrl));
  if (isRealGraph && (file.poll?.requestsPerMinute ?? 0) > DOCUMENTED_REQUESTS_PER_MINUTE) {
    warnings.push("poll.requestsPerMinute: above the documented 50 a minute");
  }
  return warnings;
}
