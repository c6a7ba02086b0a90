import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface StoreProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Resolves with the first line that is, or begins with, this. */
  line(start: string): Promise<string>;
  kill(): Promise<void>;
  ended(): Promise<void>;
}

export function startStoreProcess(mode: "hold" | "open" | "write", ...args: readonly string[]): StoreProcess {
  const script = fileURLToPath(new URL("store-process.ts", import.meta.url));
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ["--import", "tsx", script, mode, ...args],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  const closed = once(reader, "close");
  reader.on("line", (line) => lines.push(line));
  return {
    pid: child.pid ?? 0,
    lines,
    async line(start) {
      for (;;) {
        const found = lines.find((line) => line.startsWith(start));
        if (found !== undefined) return found;
        await Promise.race([once(reader, "line"), closed.then(() => Promise.reject(new Error(`no line ${start}`)))]);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async ended() {
      await closed;
    },
  };
}
