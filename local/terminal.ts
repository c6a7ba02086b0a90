import { createWriteStream } from "node:fs";
import type { Log, LogFields } from "../shared/pipeline/ports/log.ts";
import { createJsonLog } from "../shared/system.ts";

/** The same line is not repeated on the terminal within this time; the file has them all. */
const QUIET_MS = 60_000;

export interface Terminal {
  readonly log: Log;
  close(): Promise<void>;
}

/** Every decision goes to a file, one JSON object a line; the terminal shows warnings and errors, short. */
export function createTerminal(options: { readonly logFile: string; readonly isJson: boolean }): Terminal {
  const file = createWriteStream(options.logFile, { flags: "a", mode: 0o600 });
  const toFile = createJsonLog((_level, line) => {
    file.write(`${line}\n`);
    if (options.isJson) console.log(line);
  });
  const shown = new Map<string, number>();
  const log: Log = {
    info: (message, fields) => toFile.info(message, fields),
    warn(message, fields) {
      toFile.warn(message, fields);
      show("warning", message, fields);
    },
    error(message, fields) {
      toFile.error(message, fields);
      show("error", message, fields);
    },
  };
  return {
    log,
    close: () => new Promise((resolve) => file.end(resolve)),
  };

  function show(level: string, message: string, fields: LogFields | undefined): void {
    if (options.isJson) return;
    const key = [message, fields?.["tenantId"], fields?.["connector"], fields?.["reason"]].join("|");
    const now = Date.now();
    if (now - (shown.get(key) ?? 0) < QUIET_MS) return;
    if (shown.size > 1_000) shown.clear();
    shown.set(key, now);
    const details = Object.entries(fields ?? {})
      .filter(([name, value]) => value !== undefined && name !== "stack")
      .map(([name, value]) => `${name}=${printable(String(value))}`)
      .join(" ");
    console.error(`${new Date(now).toISOString().slice(11, 19)} ${level}: ${message} ${details}`.trimEnd());
  }
}

/** Nothing in a field can move the cursor or start a line. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, " ").slice(0, 300);
}
