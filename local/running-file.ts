import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where the product that uses a data folder is reached, for commands that talk to it. */
export interface RunningFile {
  readonly url: string;
  readonly pid: number;
}

const NAME = "running.json";

export function writeRunningFile(dataFolder: string, url: string): void {
  const running: RunningFile = { url, pid: process.pid };
  writeFileSync(join(dataFolder, NAME), `${JSON.stringify(running)}\n`, { mode: 0o600 });
}

export function removeRunningFile(dataFolder: string): void {
  rmSync(join(dataFolder, NAME), { force: true });
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
