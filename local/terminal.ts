import type { Log, LogFields } from "../shared/pipeline/ports/log.ts";
import { createJsonLog } from "../shared/system.ts";
import { openLogFile } from "./log-file.ts";
import { terminalWords } from "./terminal-words.ts";

/** The same line is not repeated on the terminal within this time; the file has them all. */
const QUIET_MS = 60_000;
/** The greeting has said so. */
const SAID_BEFORE = "configuration";

export interface Terminal {
  readonly log: Log;
  close(): Promise<void>;
}

/** Every decision goes to a file, one JSON object a line; the terminal shows warnings and errors, short. */
export function createTerminal(options: { readonly logFile: string; readonly isJson: boolean }): Terminal {
  const file = openLogFile(options.logFile, (message) => console.error(`${clockTime()} warning: ${message}`));
  const toFile = createJsonLog((_level, line) => {
    file.write(line);
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
  return { log, close: () => file.close() };

  function show(level: string, message: string, fields: LogFields | undefined): void {
    if (options.isJson || message === SAID_BEFORE) return;
    const key = [message, fields?.["tenantId"], fields?.["connector"], fields?.["reason"]].join("|");
    const now = Date.now();
    if (now - (shown.get(key) ?? 0) < QUIET_MS) return;
    if (shown.size > 1_000) shown.clear();
    shown.set(key, now);
    console.error(`${clockTime()} ${level}: ${terminalWords(message, fields)}`);
  }
}

function clockTime(): string {
  return new Date().toISOString().slice(11, 19);
}
