import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { DEMO, STORIES } from "./scenario/catalogue.ts";
import { generateLives } from "./scenario/generate-lives.ts";
import { parseDemo } from "./scenario/parse-demo.ts";
import { parseScenario } from "./scenario/parse-scenario.ts";
import { playDemo } from "./scenario/play-demo.ts";
import { playScenario } from "./scenario/play-scenario.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { startTenant, type Tenant } from "./start-tenant.ts";

const USAGE = `Runs the simulated tenant: Microsoft Graph, ServiceNow, Jira, Microsoft Sentinel, QRadar and a receiver of webhooks on 127.0.0.1.

  --graph-port N --servicenow-port N --jira-port N --sentinel-port N --qradar-port N --qradar-syslog-port N --webhook-port N   0 for any free port (default)
  --scenario NAME|FILE     demo (default), ${Object.keys(STORIES).join(", ")}, none, or a file
  --compression N          plays the story N times as fast (default 1)
  --incidents N --seed S --duration-s T    load mode: N generated lives within T seconds, the same for the same seed
  --first-id N             the id of the first incident (default: from the clock; 1 in load mode)
  --twin-delay-ms N        how late Sentinel's twins appear (default 5000)
  --tenant-id GUID --graph-token TEXT --sentinel-token TEXT --servicenow-user TEXT --servicenow-password TEXT
  --jira-flavor cloud|dataCenter           default cloud`;

const { values } = parseArgs({
  options: {
    "graph-port": { type: "string" },
    "servicenow-port": { type: "string" },
    "jira-port": { type: "string" },
    "jira-flavor": { type: "string" },
    "sentinel-port": { type: "string" },
    "qradar-port": { type: "string" },
    "qradar-syslog-port": { type: "string" },
    "webhook-port": { type: "string" },
    scenario: { type: "string" },
    compression: { type: "string" },
    incidents: { type: "string" },
    seed: { type: "string" },
    "duration-s": { type: "string" },
    "first-id": { type: "string" },
    "twin-delay-ms": { type: "string" },
    "tenant-id": { type: "string" },
    "graph-token": { type: "string" },
    "sentinel-token": { type: "string" },
    "servicenow-user": { type: "string" },
    "servicenow-password": { type: "string" },
    help: { type: "boolean" },
  },
});

if (values.help === true) console.log(USAGE);
else run().catch(giveUp);

async function run(): Promise<void> {
  const tenant = await startTenant({
    graphPort: numberOf("graph-port", 0),
    serviceNowPort: numberOf("servicenow-port", 0),
    jiraPort: numberOf("jira-port", 0),
    sentinelPort: numberOf("sentinel-port", 0),
    qradarPort: numberOf("qradar-port", 0),
    qradar: { syslogPort: numberOf("qradar-syslog-port", 0) },
    webhookPort: numberOf("webhook-port", 0),
    twinDelayMs: numberOf("twin-delay-ms", 5_000),
    graph: {
      portalLinks: "simulator",
      firstId: numberOf("first-id", values.incidents === undefined ? firstIdNow() : 1),
      ...(values["tenant-id"] === undefined ? {} : { tenantId: values["tenant-id"] }),
      ...(values["graph-token"] === undefined ? {} : { tokens: [values["graph-token"]] }),
    },
    serviceNow: {
      credentials: {
        ...(values["servicenow-user"] === undefined ? {} : { username: values["servicenow-user"] }),
        ...(values["servicenow-password"] === undefined ? {} : { password: values["servicenow-password"] }),
      },
    },
    jira: { flavor: values["jira-flavor"] === "dataCenter" ? "dataCenter" : "cloud" },
    sentinel: values["sentinel-token"] === undefined ? {} : { tokens: [values["sentinel-token"]] },
  });
  const stop = await begin(tenant);
  const end = (): void => {
    stop();
    tenant.close().catch(giveUp);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
}

/** Prints the ready line, then begins the story. Answers how to stop it. */
async function begin(tenant: Tenant): Promise<() => void> {
  const compression = numberOf("compression", 1);
  if (compression <= 0) throw new Error("--compression must be more than 0");
  const name = values.scenario ?? "demo";
  const scenario = await scenarioOf(name);
  const { graph: source, serviceNow: desk, sentinel, jira, qradar, webhook } = tenant;
  const ready = {
    graph: source.url,
    serviceNow: desk.url,
    sentinel: sentinel.url,
    jira: jira.url,
    qradar: qradar.url,
    // To be trusted by whoever sends there: made anew with each start.
    qradarSyslog: { port: qradar.syslog.port, authority: qradar.authority },
    webhook: webhook.url,
  };
  console.log(JSON.stringify({ ready }));
  if (scenario === undefined) {
    if (name === "none") return () => undefined;
    const demo = parseDemo(DEMO, "demo.json", STORIES);
    const run = playDemo(demo, { tenant, compression, onError: (error) => console.error(error) });
    return () => run.stop();
  }
  const { graph, serviceNow } = tenant;
  const play = playScenario(scenario, { graph, serviceNow, compression });
  play.done.then(() => {
    graph.markFinished();
    console.log(
      JSON.stringify({ finished: { incidents: graph.incidents.size(), changes: graph.incidents.log.size() } }),
    );
  }, giveUp);
  return () => play.stop();
}

/** Undefined for the demo, and for none. */
async function scenarioOf(name: string): Promise<Scenario | undefined> {
  if (values.incidents !== undefined) {
    const durationMs = numberOf("duration-s", 60) * 1000;
    return generateLives({ incidents: numberOf("incidents", 0), seed: numberOf("seed", 1), durationMs });
  }
  if (name === "demo" || name === "none") return undefined;
  if (Object.hasOwn(STORIES, name)) return parseScenario(STORIES[name], `${name}.json`);
  const text = await readFile(name, "utf8").catch((error: unknown) => {
    throw new Error(
      `--scenario ${name}: neither a story (${Object.keys(STORIES).join(", ")}) nor a file that can be read`,
      { cause: error },
    );
  });
  return parseScenario(JSON.parse(text), name);
}

function numberOf(name: keyof typeof values, fallback: number): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const number = Number(text);
  if (text === "" || !(number >= 0)) throw new Error(`--${name} must be a number from 0`);
  return number;
}

/** Two runs against one stored state must not give the same id to two incidents: the id grows with the time of the start. */
function firstIdNow(): number {
  return Math.trunc((Date.now() - Date.UTC(2026, 0, 1)) / 1000);
}

function giveUp(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
