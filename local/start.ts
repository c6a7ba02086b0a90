import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigError } from "../shared/config/config.ts";
import { loadConfig } from "../shared/config/load-config.ts";
import { hostJsonProblems } from "../shared/config/check-host.ts";
import { PermanentError } from "../shared/errors.ts";
import { appFile } from "./app-files.ts";
import { openDataFolder } from "./data-folder.ts";
import { startDemo } from "./demo.ts";
import { greeting } from "./greeting.ts";
import { missingSecrets } from "./missing-secrets.ts";
import { startRuntime } from "./runtime.ts";
import { removeRunningFile, writeRunningFile } from "./running-file.ts";
import type { Started } from "./started.ts";
import { createTerminal } from "./terminal.ts";
import { unusableSecrets } from "./unusable-secrets.ts";

export interface StartOptions {
  /** Undefined: the simulated tenant. */
  readonly configFile: string | undefined;
  readonly dataFolder: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Keep state in Azure Tables or Azurite instead. */
  readonly tables: string | undefined;
  readonly isJsonLog: boolean;
}

/** A handler's time from delivery, as `composition` has it. */
const DEADLINE_MS = 45_000;

/** Runs everything on this machine until it is told to stop. Answers the exit code: 0 stopped, 1 it cannot go on, 2 the configuration is wrong. */
export function start(options: StartOptions): Promise<number> {
  return withProduct(options, async (started) => {
    console.log(greeting(started).join("\n"));
    await stopSignal();
    console.log("stopping");
    return 0;
  });
}

/** Starts everything, does the work, and stops it again. */
export function withProduct(options: StartOptions, work: (started: Started) => Promise<number>): Promise<number> {
  return orSayWhy(() => run(options, work));
}

/** The exit code of the work; where it cannot go on, what a person can mend is said in one message: 1, or 2 where the configuration is wrong. */
export async function orSayWhy(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(`dex-sync: ${error.message}`);
      return 2;
    }
    if (error instanceof PermanentError) {
      console.error(`dex-sync: ${error.message}${error.mend === "" ? "" : `\n  mend: ${error.mend}`}`);
      return 1;
    }
    throw error;
  }
}

async function run(options: StartOptions, work: (started: Started) => Promise<number>): Promise<number> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    return await work(await startProduct(options, undo));
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

async function startProduct(options: StartOptions, undo: (() => Promise<void> | void)[]): Promise<Started> {
  const dataFolder = dataFolderOf(options);
  const isDemo = options.configFile === undefined;
  if (isDemo) undo.push(openDataFolder(dataFolder, "demo"));
  const demo = isDemo ? await startDemo(dataFolder) : undefined;
  undo.push(async () => demo?.stop());
  const configFile = resolve(demo?.configFile ?? options.configFile ?? "");
  const config = await loadConfig(configFile);
  if (!isDemo) undo.push(openDataFolder(dataFolder, "product"));
  const env = { ...process.env, ...demo?.env };
  const hostJson = readHostJson();
  refuse(configFile, [
    ...missingSecrets(config, env),
    ...unusableSecrets(config, env),
    ...hostJsonProblems(hostJson, DEADLINE_MS),
  ]);
  const terminal = createTerminal({ logFile: join(dataFolder, "logs", "dex-sync.ndjson"), isJson: options.isJsonLog });
  undo.push(() => terminal.close());
  const running = await startRuntime({
    config,
    configFile,
    dataFolder,
    port: options.port,
    tables: options.tables,
    isDemo,
    env: demo?.env ?? {},
    hostJson,
    log: terminal.log,
  });
  undo.push(() => running.stop());
  writeRunningFile(dataFolder, running.url, configFile);
  undo.push(() => removeRunningFile(dataFolder));
  demo?.play();
  return { running, config, configFile, dataFolder, isDemo, demoLines: demo?.lines ?? [] };
}

/** The simulated tenant's state lies beside that of real ones. */
export function dataFolderOf(options: Pick<StartOptions, "dataFolder" | "configFile">): string {
  return resolve(options.dataFolder, options.configFile === undefined ? "demo" : ".");
}

function readHostJson(): unknown {
  return JSON.parse(readFileSync(appFile("host.json"), "utf8")) as unknown;
}

function refuse(configFile: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(configFile, problems);
}

export function stopSignal(): Promise<void> {
  return new Promise((resolveStop) => {
    let asked = 0;
    const onSignal = (): void => {
      asked += 1;
      // Asked twice: whoever asks does not want to wait. Everything acknowledged is on disk.
      if (asked > 1) process.exit(130);
      resolveStop();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}
