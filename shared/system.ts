import { randomUUID } from "node:crypto";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Log, LogFields } from "./pipeline/ports/log.ts";
import type { Random } from "./pipeline/ports/random.ts";
import { currentTraceId } from "./trace.ts";

/** The machine's clock. A sleep does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal));
        return;
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      timer.unref();
      function onAbort(): void {
        clearTimeout(timer);
        reject(reasonOf(signal));
      }
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  },
};

export const systemRandom: Random = { next: () => Math.random(), uuid: () => randomUUID() };

/** One JSON object a line. Control characters cannot forge a second line: JSON escapes them. */
export function createJsonLog(write: (level: "info" | "warn" | "error", line: string) => void): Log {
  return {
    info: (message, fields) => write("info", lineOf("info", message, fields)),
    warn: (message, fields) => write("warn", lineOf("warn", message, fields)),
    error: (message, fields) => write("error", lineOf("error", message, fields)),
  };
}

function lineOf(level: string, message: string, fields: LogFields | undefined): string {
  const traceId = currentTraceId();
  const trace = traceId === undefined ? {} : { traceId };
  return JSON.stringify({ at: new Date().toISOString(), level, message, ...fields, ...trace });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error("aborted");
}
