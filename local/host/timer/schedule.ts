import { Cron } from "croner";
import { parseTimeSpan } from "../time-span.ts";

export interface Schedule {
  /** The first time after this one, in milliseconds since 1970; undefined where there is none any more. */
  nextAfter(timeMs: number): number | undefined;
  readonly adjustForDst: boolean;
}

const DAY_NAMES = "SUN|MON|TUE|WED|THU|FRI|SAT";
const MONTH_NAMES = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC";
/** NCRONTAB has no `?`, `L`, `W`, `#` or nicknames: what croner reads beyond it would fail on Azure. */
const FIELD = new RegExp(`^(?:\\*|(?:${atom()})(?:-(?:${atom()}))?)(?:/\\d+)?$`, "i");

/** A schedule as Functions writes it: NCRONTAB with seconds (five fields: without), or the TimeSpan between two runs. */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const fields = text.trim().split(/\s+/);
  const intervalMs = fields.length === 1 ? parseTimeSpan(text) : undefined;
  if (intervalMs !== undefined && intervalMs > 0) {
    return { adjustForDst: false, nextAfter: (timeMs) => timeMs + intervalMs };
  }
  const isNcrontab = fields.every((field) => field.split(",").every((item) => FIELD.test(item)));
  if (!isNcrontab || (fields.length !== 5 && fields.length !== 6)) {
    throw new Error(
      `the schedule "${text}" is neither an NCRONTAB expression of six fields ("0 */5 * * * *") nor a time between runs ("00:05:00")`,
    );
  }
  const cron = createCron(fields, timeZone);
  return {
    adjustForDst: true,
    nextAfter: (timeMs) => cron.nextRun(new Date(timeMs))?.getTime(),
  };
}

function createCron(fields: readonly string[], timeZone: string): Cron {
  const six = fields.length === 5 ? ["0", ...fields] : fields;
  try {
    // NCRONTAB takes a day that fits both its day fields, and `5/10` as "from 5 on".
    return new Cron(six.join(" "), {
      mode: "6-part",
      paused: true,
      timezone: timeZone,
      domAndDow: true,
      sloppyRanges: true,
    });
  } catch (error) {
    throw new Error(`the schedule "${fields.join(" ")}" cannot be read in time zone ${timeZone}: ${String(error)}`, {
      cause: error,
    });
  }
}

/** A schedule that can fall due within a minute of itself is not monitored: the real host looks at its next ten times. */
export function isUnderAMinute(schedule: Schedule, nowMs: number): boolean {
  let from = nowMs;
  for (let look = 0; look < 10; look += 1) {
    const next = schedule.nextAfter(from);
    if (next === undefined) return false;
    if (look > 0 && next - from < 60_000) return true;
    from = next;
  }
  return false;
}

function atom(): string {
  return `\\d{1,2}|${DAY_NAMES}|${MONTH_NAMES}`;
}
