import type { RegisteredFunction } from "../app-registration.ts";
import { type AppSettings, resolveSettings } from "../app-settings.ts";
import type { BindingInfo, HostLog, RetryContext } from "../core-types.ts";
import { type HostClock, pause } from "../host-clock.ts";
import type { Invoker } from "../invoker.ts";
import { type RetryPolicy, readRetryPolicy } from "./retry-policy.ts";
import { type Schedule, isUnderAMinute, parseSchedule } from "./schedule.ts";
import { toTimerData } from "./timer-info.ts";

/** Where the time of a timer's last run is kept, so that a run missed while nothing ran is noticed. */
export interface TimerStore {
  get(name: string): string | undefined | Promise<string | undefined>;
  set(name: string, iso: string): void | Promise<void>;
}

export interface TimerDeps {
  readonly clock: HostClock;
  readonly store: TimerStore;
  readonly invoker: Invoker;
  readonly settings: AppSettings;
  readonly log: HostLog;
}

export interface Timer {
  start(): void;
  /** Runs it now, beside its schedule; where it runs already, waits for that run. Rejects where the run fails. */
  runNow(): Promise<void>;
  /** Nothing new starts; what runs, runs on. */
  stop(): void;
}

/** The clock may be set, or the machine sleep: so a long wait is cut into pieces, and the time looked at anew after each. */
const LONGEST_WAIT_MS = 30_000;

/** One timer function. Throws where its binding cannot be read. */
export function createTimer(entry: RegisteredFunction, binding: BindingInfo, deps: TimerDeps): Timer {
  const { clock, store, invoker, log } = deps;
  const { name } = entry.metadata;
  const schedule = readSchedule(binding, deps.settings);
  const isMonitored = binding["useMonitor"] !== false && !isUnderAMinute(schedule, clock.now());
  const retry = entry.metadata.retryOptions && readRetryPolicy(entry.metadata.retryOptions);
  const stopped = new AbortController();
  let lastMs: number | undefined;
  let running: Promise<void> | undefined;

  /** One at a time: a second start joins the run under way. */
  async function run(isPastDue: boolean, dueMs: number): Promise<void> {
    running ??= runWithRetries(isPastDue, dueMs).finally(() => {
      running = undefined;
    });
    await running;
  }

  async function runWithRetries(isPastDue: boolean, dueMs: number): Promise<void> {
    const status = isMonitored ? { lastMs, nextMs: schedule.nextAfter(dueMs) } : undefined;
    const trigger = toTimerData({ isPastDue, adjustForDst: schedule.adjustForDst, status });
    let retryContext: RetryContext | undefined;
    for (;;) {
      try {
        await invoker.invoke(entry, { trigger, retryContext });
        return;
      } catch (error) {
        const next = nextRetry(retry, retryContext, error);
        if (retry === undefined || next === undefined) throw error;
        retryContext = next;
        await pause(clock, retry.delayMs(next.retryCount), stopped.signal);
        if (stopped.signal.aborted) throw error;
      }
    }
  }

  async function runScheduled(isPastDue: boolean, dueMs: number): Promise<void> {
    try {
      await run(isPastDue, dueMs);
    } catch {
      // The invoker has logged what the function threw; the schedule goes on, as on the real host.
    }
    lastMs = dueMs;
    if (isMonitored) await keep(name, dueMs);
  }

  /** A store that fails costs what is known of the last run, never the schedule. */
  async function keep(key: string, timeMs: number): Promise<void> {
    try {
      await store.set(key, new Date(timeMs).toISOString());
    } catch (error) {
      log("error", `Function.${name}`, `the time of the timer's run could not be kept: ${String(error)}`);
    }
  }

  async function follow(): Promise<void> {
    await runOnStart();
    let due = schedule.nextAfter(clock.now());
    while (due !== undefined && !stopped.signal.aborted) {
      const waitMs = due - clock.now();
      if (waitMs <= 0) {
        await runScheduled(false, due);
        due = schedule.nextAfter(Math.max(due, clock.now()));
        continue;
      }
      await pause(clock, Math.min(waitMs, LONGEST_WAIT_MS), stopped.signal);
      due = Math.min(due, schedule.nextAfter(clock.now() - 1) ?? due);
    }
  }

  async function runOnStart(): Promise<void> {
    const now = clock.now();
    const missed = isMonitored ? await missedAsFarAsKnown(now) : undefined;
    if (missed !== undefined) {
      log(
        "information",
        `Function.${name}`,
        `the timer missed its run of ${new Date(missed).toISOString()} and runs now`,
      );
      await runScheduled(true, now);
    } else if (binding["runOnStartup"] === true) {
      await runScheduled(false, now);
    }
  }

  /** Tables that are down at start cost what is known of a missed run, never the schedule. */
  async function missedAsFarAsKnown(now: number): Promise<number | undefined> {
    try {
      return await missedSince(now);
    } catch (error) {
      log("error", `Function.${name}`, `the time of the timer's last run could not be read: ${String(error)}`);
      return undefined;
    }
  }

  /** When it should have run while no host ran; its very first start only notes the time. */
  async function missedSince(now: number): Promise<number | undefined> {
    lastMs = parseTime(await store.get(name));
    const since = lastMs ?? parseTime(await store.get(`${name}.since`));
    if (since === undefined) {
      await keep(`${name}.since`, now);
      return undefined;
    }
    const expected = schedule.nextAfter(since);
    return expected !== undefined && expected < now ? expected : undefined;
  }

  return {
    start: () => {
      follow().catch((error: unknown) => log("critical", `Function.${name}`, `the timer stopped: ${String(error)}`));
    },
    runNow: () => run(false, clock.now()),
    stop: () => stopped.abort(),
  };
}

function readSchedule(binding: BindingInfo, settings: AppSettings): Schedule {
  const text = binding["schedule"];
  if (typeof text !== "string") throw new Error("a timer needs a schedule");
  return parseSchedule(resolveSettings(text, settings), settings["WEBSITE_TIME_ZONE"] ?? "UTC");
}

function nextRetry(
  policy: RetryPolicy | undefined,
  previous: RetryContext | undefined,
  error: unknown,
): RetryContext | undefined {
  const retryCount = (previous?.retryCount ?? 0) + 1;
  if (policy === undefined || (policy.maxRetryCount >= 0 && retryCount > policy.maxRetryCount)) return undefined;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    retryCount,
    maxRetryCount: policy.maxRetryCount,
    exception: { message, source: "", stackTrace: stack ?? "" },
  };
}

function parseTime(iso: string | undefined): number | undefined {
  const timeMs = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
