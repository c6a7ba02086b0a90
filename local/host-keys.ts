import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface HostKeys {
  readonly master: string;
  readonly default: string;
}

/** The host's keys, as Functions has them: made at the first start, kept for their owner alone. */
export function readHostKeys(dataFolder: string): HostKeys {
  const file = join(dataFolder, "host-keys.json");
  try {
    return JSON.parse(readFileSync(file, "utf8")) as HostKeys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const keys: HostKeys = { master: newKey(), default: newKey() };
  writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600 });
  return keys;
}

function newKey(): string {
  return randomBytes(32).toString("base64url");
}
