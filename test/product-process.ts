import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DEFAULT_GRAPH_TOKEN, DEFAULT_TENANT_ID } from "../local/simulators/graph/start-graph.ts";
import { DEFAULT_SENTINEL_TOKEN, DEFAULT_WORKSPACE } from "../local/simulators/sentinel/start-sentinel.ts";
import { DEFAULT_CREDENTIALS } from "../local/simulators/servicenow/credentials.ts";
import type { Tenant } from "../local/simulators/start-tenant.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Simulators {
  readonly graphUrl: string;
  readonly serviceNowUrl: string;
  readonly sentinelUrl: string;
  readonly credentials: SimulatorCredentials;
  stop(): Promise<void>;
}

export interface SimulatorCredentials {
  readonly tenantId: string;
  readonly graphToken: string;
  readonly sentinelToken: string;
  readonly username: string;
  readonly password: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
}

/** The simulated tenant in a process of its own, which lives on while the product is killed. */
export async function startSimulators(args: readonly string[]): Promise<Simulators> {
  const child = spawn(process.execPath, ["--import", "tsx", join(ROOT, "local/simulators/main.ts"), ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ready = await firstLine(child, (line) =>
    line.startsWith("{")
      ? (JSON.parse(line) as { ready?: Record<"graph" | "serviceNow" | "sentinel", string> }).ready
      : undefined,
  );
  return {
    graphUrl: ready.graph,
    serviceNowUrl: ready.serviceNow,
    sentinelUrl: ready.sentinel,
    credentials: {
      tenantId: DEFAULT_TENANT_ID,
      graphToken: DEFAULT_GRAPH_TOKEN,
      sentinelToken: DEFAULT_SENTINEL_TOKEN,
      username: DEFAULT_CREDENTIALS.username,
      password: DEFAULT_CREDENTIALS.password,
      ...DEFAULT_WORKSPACE,
    },
    stop: () => stopProcess(child, "SIGTERM"),
  };
}

/** Sets switches of a simulator in another process. */
export async function setBehaviour(simulatorUrl: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await fetch(`${simulatorUrl}/simulator/behaviour`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(changes),
  });
  if (!response.ok) throw new Error(`the simulator answered ${response.status}`);
}

/** The same, for a tenant that runs inside the test. */
export function simulatorsOf(tenant: Tenant): Simulators {
  return {
    graphUrl: tenant.graph.url,
    serviceNowUrl: tenant.serviceNow.url,
    sentinelUrl: tenant.sentinel.url,
    credentials: {
      tenantId: tenant.graph.tenantId,
      graphToken: DEFAULT_GRAPH_TOKEN,
      sentinelToken: DEFAULT_SENTINEL_TOKEN,
      username: tenant.serviceNow.credentials.username,
      password: tenant.serviceNow.credentials.password,
      ...tenant.sentinel.workspace,
    },
    stop: () => tenant.close(),
  };
}

export interface Product {
  readonly url: string;
  readonly output: () => string;
  kill(): Promise<void>;
  stop(): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

export interface ProductOptions {
  readonly config: string;
  readonly dataFolder: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** `npm start -- --config …`, without npm: the built command. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const product = spawnProduct(
    ["start", "--config", options.config, "--data", options.dataFolder, "--port", `${options.port}`],
    options.env,
  );
  await product.greeted;
  return { ...product, url: `http://127.0.0.1:${options.port}` };
}

/** The command with any arguments; `greeted` rejects where it ends before it has said what runs where. */
export function spawnProduct(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Omit<Product, "url"> & { readonly greeted: Promise<string> } {
  const child = spawn(process.execPath, [join(ROOT, "dist/dex-sync.cjs"), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const greeted = firstLine(child, (line) => (line.startsWith("dex-sync  http") ? line : undefined)).catch(() => {
    throw new Error(`dex-sync ended before it ran:\n${output}`);
  });
  greeted.catch(() => undefined);
  return {
    output: () => output,
    greeted,
    exited,
    kill: () => stopProcess(child, "SIGKILL"),
    async stop() {
      await stopProcess(child, "SIGINT");
      return exited;
    },
  };
}

/** A configuration for simulated tools, in a folder that goes with the test. */
export function writeConfig(folder: string, simulators: Simulators, overrides: Record<string, unknown> = {}): string {
  const { credentials } = simulators;
  const file = join(folder, "dex-sync.config.json");
  const config = {
    tenants: [
      {
        id: credentials.tenantId,
        name: "Simulated",
        graphUrl: simulators.graphUrl,
        credential: { kind: "token", secret: "GRAPH_TOKEN" },
      },
    ],
    scope: { experts: "all", createdAfter: "2026-01-01T00:00:00Z" },
    poll: { interval: "PT1S", requestsPerMinute: 100_000 },
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: simulators.serviceNowUrl,
        auth: { kind: "basic", username: credentials.username, secret: "SERVICENOW_PASSWORD" },
        settle: "PT1S",
      },
      {
        id: "sentinel",
        kind: "sentinel",
        mode: "tag",
        subscriptionId: credentials.subscriptionId,
        resourceGroup: credentials.resourceGroup,
        workspace: credentials.workspace,
        armUrl: simulators.sentinelUrl,
        writesPer5Minutes: 100_000,
        credential: { kind: "token", secret: "SENTINEL_TOKEN" },
      },
    ],
    doorbells: { secrets: ["DOORBELL_SECRET"] },
    network: { allowPrivate: ["127.0.0.0/8"] },
    ...overrides,
  };
  writeFileSync(file, JSON.stringify(config, null, 2));
  return file;
}

export const DOORBELL_SECRET = `whsec_${Buffer.from("a doorbell's secret for tests").toString("base64")}`;

export function secretsOf(simulators: Simulators): Record<string, string> {
  return {
    GRAPH_TOKEN: simulators.credentials.graphToken,
    SENTINEL_TOKEN: simulators.credentials.sentinelToken,
    SERVICENOW_PASSWORD: simulators.credentials.password,
    DOORBELL_SECRET,
  };
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "dex-sync-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export async function freePort(): Promise<number> {
  for (;;) {
    // Below those that the system deals out: until the product listens on it, nobody else is given it.
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Asks until the answer is good, or says what the last one was. */
export async function eventually<T>(ask: () => Promise<T | undefined>, timeoutMs: number, everyMs = 250): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function firstLine<T>(child: ChildProcess, pick: (line: string) => T | undefined): Promise<T> {
  const { stdout } = child;
  if (stdout === null) throw new Error("the process has no output");
  for await (const line of createInterface({ input: stdout })) {
    const picked = pick(line);
    if (picked !== undefined) {
      stdout.resume();
      return picked;
    }
  }
  throw new Error("the process ended before it was ready");
}

async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
