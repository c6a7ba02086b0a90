import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the product that uses a data folder is reached, for commands that talk to it. */
export interface RunningFile {
  readonly url: string;
  readonly pid: number;
  /** Of the configuration it follows; absent where an older version runs. */
  readonly configDigest?: string;
}

const NAME = "running.json";

export function writeRunningFile(dataFolder: string, url: string, configFile: string): void {
  const running: RunningFile = { url, pid: process.pid, configDigest: configDigestOf(configFile) };
  writeFileSync(join(dataFolder, NAME), `${JSON.stringify(running)}\n`, { mode: 0o600 });
}

export function removeRunningFile(dataFolder: string): void {
  rmSync(join(dataFolder, NAME), { force: true });
}

/** Tells configurations apart by what is in them. */
export function configDigestOf(configFile: string): string {
  return createHash("sha256").update(readFileSync(configFile)).digest("hex");
}

/** Undefined where nothing runs, or nothing did when it was last stopped. */
export function readRunningFile(dataFolder: string): RunningFile | undefined {
  try {
    const running = JSON.parse(readFileSync(join(dataFolder, NAME), "utf8")) as RunningFile | null;
    return typeof running?.url === "string" ? running : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
