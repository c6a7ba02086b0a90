import type { Log, LogFields } from "../shared/pipeline/ports/log.ts";

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

export interface RecordingLog extends Log {
  readonly lines: LogLine[];
  of(level: LogLine["level"]): readonly LogLine[];
}

/** A log that keeps its lines. */
export function createRecordingLog(): RecordingLog {
  const lines: LogLine[] = [];
  const note =
    (level: LogLine["level"]) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields });
  return {
    lines,
    of: (level) => lines.filter((line) => line.level === level),
    info: note("info"),
    warn: note("warn"),
    error: note("error"),
  };
}
