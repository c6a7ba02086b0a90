import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PermanentError } from "../shared/errors.ts";
import { usable } from "./usable.ts";

export interface HostKeys {
  readonly master: string;
  readonly default: string;
}

/** The host's keys, as Functions has them: made at the first start, kept for their owner alone. */
export function readHostKeys(dataFolder: string): HostKeys {
  const file = join(dataFolder, "host-keys.json");
  return usable(`the file ${file}`, () => {
    const text = textOf(file);
    if (text !== undefined) return keysIn(text, file);
    const keys: HostKeys = { master: newKey(), default: newKey() };
    writeFileSync(file, `${JSON.stringify(keys)}\n`, { mode: 0o600 });
    return keys;
  });
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function keysIn(text: string, file: string): HostKeys {
  try {
    const keys = JSON.parse(text) as Partial<HostKeys> | null;
    if (isKey(keys?.master) && isKey(keys.default)) return { master: keys.master, default: keys.default };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PermanentError("misconfigured", `the file ${file} does not hold the keys of this host`, {
    mend: "put it back from a copy, or remove it: the next start makes new keys",
  });
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function newKey(): string {
  return randomBytes(32).toString("base64url");
}
