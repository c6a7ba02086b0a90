import { join } from "node:path";
import type { Provided } from "../shared/composition.ts";
import type { Config } from "../shared/config/config.ts";
import { PermanentError } from "../shared/errors.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { releasePollLease } from "../shared/pipeline/poll-state.ts";
import type { Log } from "../shared/pipeline/ports/log.ts";
import type { Table, Tables } from "../shared/pipeline/ports/table.ts";
import { createAzureTables } from "../shared/azure/azure-tables.ts";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { systemClock } from "../shared/system.ts";
import { loadBundle } from "./app-files.ts";
import { openLmdbJournal } from "./bus/lmdb-journal.ts";
import { startBus } from "./bus/start-bus.ts";
import { readHostKeys } from "./host-keys.ts";
import { type Host, type HostOptions, startHost } from "./host/start-host.ts";
import { portRefusal } from "./port-refusal.ts";
import { queuesOf } from "./queues.ts";
import { openLmdbTables } from "./store/lmdb-tables.ts";

export interface RuntimeOptions {
  readonly config: Config;
  readonly configFile: string;
  readonly dataFolder: string;
  readonly port: number;
  readonly tables: string | undefined;
  readonly isDemo: boolean;
  /** Secrets of the simulated tenant. */
  readonly env: Readonly<Record<string, string>>;
  readonly hostJson: unknown;
  readonly log: Log;
}

export interface Running {
  readonly url: string;
  readonly busPort: number;
  stop(): Promise<void>;
}

const TABLES_TIMEOUT_MS = 10_000;

/** State, bus and Functions host in this process, around the same bundle that Azure runs. */
export async function startRuntime(options: RuntimeOptions): Promise<Running> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
    undo.length = 0;
  };
  try {
    const tables = await openTables(options, undo);
    // The folder is this process's alone: what a killed one held of it, nobody holds any more.
    if (options.tables === undefined) {
      for (const { id } of options.config.tenants) await releasePollLease(tables.control, id);
    }
    const journal = openLmdbJournal(join(options.dataFolder, "bus"));
    undo.push(() => journal.close());
    const bus = await startBus({
      queues: queuesOf(options.config.connectors.map((connector) => laneQueue(connector.id as ConnectorId))),
      journal,
      clock: systemClock,
    });
    undo.push(() => bus.close());
    setEnvironment(options, bus.connectionString);
    // A port of one's own choice is known before the host listens, any free one only then.
    let url = options.port === 0 ? undefined : `http://127.0.0.1:${options.port}`;
    const host = await startHostOrSay({
      load: () => loadApp({ tables, log: options.log, isOneMachine: true, publicUrl: () => url }),
      hostJson: options.hostJson,
      httpPort: options.port,
      settings: {},
      serviceBusConnection: bus.connectionString,
      keys: hostKeys(options.dataFolder),
      authorization: "loopback",
      timerStore: timerStore(tables.control),
      log: (level, category, message) => hostLog(options.log, level, category, message),
    });
    undo.push(() => host.stop());
    url = host.url;
    return { url, busPort: bus.port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that cannot be had is the user's to mend. */
async function startHostOrSay(hostOptions: HostOptions): Promise<Host> {
  try {
    return await startHost(hostOptions);
  } catch (error) {
    throw portRefusal(hostOptions.httpPort, error) ?? error;
  }
}

async function openTables(options: RuntimeOptions, undo: (() => Promise<void>)[]): Promise<Tables> {
  if (options.tables !== undefined) {
    return createAzureTables({ connectionString: options.tables, timeoutMs: TABLES_TIMEOUT_MS });
  }
  const store = await openLmdbTables({ path: join(options.dataFolder, "state") });
  undo.push(() => store.close());
  return store.tables;
}

/** What app settings are on Azure is the environment here; the bundle reads it when it is loaded. */
function setEnvironment(options: RuntimeOptions, connectionString: string): void {
  Object.assign(process.env, options.env, {
    DEX_SYNC_CONFIG: options.configFile,
    ServiceBusConnection: connectionString,
    DEX_SYNC_DEMO: options.isDemo ? "1" : "0",
  });
  Reflect.deleteProperty(process.env, "ServiceBusConnection__fullyQualifiedNamespace");
}

function loadApp(provided: Provided): void {
  const bundle = loadBundle() as { provide?: (parts: Provided) => void };
  if (bundle.provide === undefined) {
    throw new PermanentError("misconfigured", "dist/functions.cjs is not this version's bundle", {
      mend: "run npm run build",
    });
  }
  bundle.provide(provided);
}

function hostKeys(dataFolder: string): { master: string; functions: { default: string } } {
  const keys = readHostKeys(dataFolder);
  return { master: keys.master, functions: { default: keys.default } };
}

/** When each timer last ran, so that a run missed while the host was down is seen. */
function timerStore(control: Table): {
  get(name: string): Promise<string | undefined>;
  set(name: string, iso: string): Promise<void>;
} {
  return {
    async get(name) {
      const row = await control.get("host", `timer:${name}`);
      return row === undefined ? undefined : (row.value as { at: string }).at;
    },
    async set(name, iso) {
      await control.put("host", `timer:${name}`, { at: iso }, "any");
    },
  };
}

/** The host tells of invocations; only what goes wrong is worth a line. */
function hostLog(log: Log, level: string, category: string, message: string): void {
  if (level === "error" || level === "critical") log.error("functions host", { category, text: message });
  else if (level === "warning") log.warn("functions host", { category, text: message });
}
