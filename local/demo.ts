import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_GRAPH_TOKEN } from "./simulators/graph/start-graph.ts";
import { DEFAULT_QRADAR_TOKEN } from "./simulators/qradar/start-qradar.ts";
import { DEFAULT_SENTINEL_TOKEN } from "./simulators/sentinel/start-sentinel.ts";
import { DEMO, STORIES } from "./simulators/scenario/catalogue.ts";
import { parseDemo } from "./simulators/scenario/parse-demo.ts";
import { type DemoRun, playDemo } from "./simulators/scenario/play-demo.ts";
import { type Tenant, startTenant } from "./simulators/start-tenant.ts";

export interface Demo {
  readonly configFile: string;
  /** Secrets of the simulated tenant. */
  readonly env: Readonly<Record<string, string>>;
  /** What to say of it at the start. */
  readonly lines: readonly string[];
  play(): void;
  stop(): Promise<void>;
}

/** Sentinel takes 75 writes in five minutes; a story of hours in minutes would wait for it, so the demo's takes more. */
const DEMO_PUT_LIMIT = 2_000;
/** Some minutes of story time: how late Sentinel's own connector makes a twin. */
const TWIN_DELAY_MS = 2_500;

/** Those of a base system: in the demo nobody sets anything up. */
const QRADAR_REASONS = { truePositive: "Policy Violation", unknown: "Non-Issue", unrecognised: "Non-Issue" };

/** A simulated tenant, and the configuration that leads to it, in a folder that was emptied for it. */
export async function startDemo(dataFolder: string): Promise<Demo> {
  const tenant = await startTenant({
    twinDelayMs: TWIN_DELAY_MS,
    graph: { portalLinks: "simulator" },
    sentinel: { behaviour: { putLimit: DEMO_PUT_LIMIT } },
    qradar: { isSetUp: true },
  });
  const configFile = join(dataFolder, "dex-sync.config.json");
  writeFileSync(configFile, `${JSON.stringify(configOf(tenant), null, 2)}\n`, { mode: 0o600 });
  let run: DemoRun | undefined;
  return {
    configFile,
    env: {
      DEMO_GRAPH_TOKEN: DEFAULT_GRAPH_TOKEN,
      DEMO_SENTINEL_TOKEN: DEFAULT_SENTINEL_TOKEN,
      DEMO_SERVICENOW_PASSWORD: tenant.serviceNow.credentials.password,
      DEMO_JIRA_TOKEN: tenant.jira.credentials.token,
      DEMO_QRADAR_TOKEN: DEFAULT_QRADAR_TOKEN,
      DEMO_QRADAR_CA: tenant.qradar.authority,
      DEMO_SOAR_SECRET: tenant.webhook.secrets[0] ?? "",
    },
    lines: [
      `simulates Microsoft Graph ${tenant.graph.url}, ServiceNow ${tenant.serviceNow.url}, Jira ${tenant.jira.url}, Sentinel ${tenant.sentinel.url}, QRadar ${tenant.qradar.url}, a SOAR ${tenant.webhook.url}`,
      "          (each has a page at /simulator where it can be told to fail); hours of story pass in minutes",
    ],
    play() {
      run = playDemo(parseDemo(DEMO, "demo.json", STORIES), {
        tenant,
        onError: (error) =>
          console.error(`the simulated tenant's story: ${error instanceof Error ? error.message : String(error)}`),
      });
    },
    async stop() {
      run?.stop();
      await tenant.close();
    },
  };
}

function configOf(tenant: Tenant): unknown {
  return {
    tenants: [
      {
        id: tenant.graph.tenantId,
        name: "Contoso (simulated)",
        graphUrl: tenant.graph.url,
        credential: { kind: "token", secret: "DEMO_GRAPH_TOKEN" },
      },
    ],
    scope: { experts: "all" },
    // The simulated Graph refuses notifications, as the real one does; a demo need not say so each time.
    doorbells: { graphResource: "" },
    poll: { interval: "PT2S", requestsPerMinute: 600 },
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: tenant.serviceNow.url,
        auth: { kind: "basic", username: tenant.serviceNow.credentials.username, secret: "DEMO_SERVICENOW_PASSWORD" },
        mapping: { assignmentGroup: "SOC" },
        settle: "PT1S",
      },
      {
        id: "jira",
        kind: "jira",
        url: tenant.jira.url,
        flavor: tenant.jira.flavor,
        project: tenant.jira.project.key,
        issueType: "Incident",
        auth: { kind: "basic", username: tenant.jira.credentials.username, secret: "DEMO_JIRA_TOKEN" },
        mapping: { statuses: { awaitingCustomerAction: "Waiting for SOC" } },
        settle: "PT1S",
      },
      {
        id: "sentinel",
        kind: "sentinel",
        mode: "tag",
        ...tenant.sentinel.workspace,
        armUrl: tenant.sentinel.url,
        credential: { kind: "token", secret: "DEMO_SENTINEL_TOKEN" },
        writesPer5Minutes: DEMO_PUT_LIMIT,
      },
      {
        id: "qradar",
        kind: "qradar",
        url: tenant.qradar.url,
        ca: "DEMO_QRADAR_CA",
        auth: { kind: "token", secret: "DEMO_QRADAR_TOKEN" },
        syslog: { host: "127.0.0.1", port: tenant.qradar.syslog.port, tls: true },
        mapping: { close: true, closingReasons: QRADAR_REASONS },
      },
      { id: "soar", kind: "webhook", url: tenant.webhook.url, secret: "DEMO_SOAR_SECRET" },
    ],
    network: { allowPrivate: ["127.0.0.0/8"] },
  };
}
