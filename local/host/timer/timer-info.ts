import type { TypedData } from "../core-types.ts";

export interface TimerInfo {
  readonly isPastDue: boolean;
  readonly adjustForDst: boolean;
  /** Absent where the schedule is not monitored. */
  readonly status: { readonly lastMs: number | undefined; readonly nextMs: number | undefined } | undefined;
}

/** .NET's first moment: what the real host gives where there was no last run. */
const NEVER = "0001-01-01T00:00:00+00:00";

/** A timer's argument as the real host writes it; the library turns the names to camel case. */
export function toTimerData(info: TimerInfo): TypedData {
  const { status } = info;
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: info.adjustForDst },
      ScheduleStatus:
        status === undefined
          ? null
          : {
              Last: dotNetTime(status.lastMs),
              Next: dotNetTime(status.nextMs),
              LastUpdated: dotNetTime(status.lastMs),
            },
      IsPastDue: info.isPastDue,
    }),
  };
}

function dotNetTime(timeMs: number | undefined): string {
  return timeMs === undefined ? NEVER : new Date(timeMs).toISOString().replace(/(?:\.000)?Z$/, "+00:00");
}
