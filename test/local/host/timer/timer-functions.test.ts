import {
  type InvocationContext,
  type RetryOptions,
  type Timer,
  type TimerFunctionOptions,
  app,
} from "@azure/functions";
import { describe, expect, it } from "vitest";
import type { HostOptions } from "../../../../local/host/start-host.ts";
import { startTestHost, type TestHost } from "../start-test-host.ts";
import { createVirtualClock, type VirtualClock } from "../virtual-clock.ts";

const START = Date.parse("2026-11-24T10:00:07.500Z");
const at = (time: string): number => Date.parse(`2026-11-24T${time}Z`);

interface Rig {
  readonly host: TestHost;
  readonly clock: VirtualClock;
  readonly calls: { readonly at: string; readonly timer: Timer; readonly context: InvocationContext }[];
  readonly kept: Map<string, string>;
}

async function startTimer(
  timer: Partial<TimerFunctionOptions> & { readonly schedule: string },
  options: Partial<HostOptions> & {
    readonly kept?: Map<string, string>;
    readonly handler?: () => Promise<void> | void;
  } = {},
): Promise<Rig> {
  const { kept = new Map<string, string>(), handler, ...hostOptions } = options;
  const clock = createVirtualClock(START);
  const calls: { at: string; timer: Timer; context: InvocationContext }[] = [];
  const host = await startTestHost({
    clock,
    timerStore: { get: (name) => kept.get(name), set: async (name, iso) => void kept.set(name, iso) },
    load: () =>
      app.timer("tick", {
        handler: async (info, context) => {
          calls.push({ at: new Date(clock.now()).toISOString().slice(11, 23), timer: info, context });
          await handler?.();
        },
        ...timer,
      }),
    ...hostOptions,
    stopGraceMs: 0,
  });
  return { host, clock, calls, kept };
}

const stopped = async ({ host, clock }: Rig): Promise<void> => {
  const stop = host.stop();
  await clock.advanceTo(clock.now() + 5000);
  await stop;
};

describe("a timer", () => {
  it("runs when its schedule says, with the setting it names, and stops with the host", async () => {
    const rig = await startTimer({ schedule: "%SCHEDULE%" }, { settings: { SCHEDULE: "*/15 * * * * *" } });
    await rig.clock.advanceTo(at("10:01:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["10:00:15.000", "10:00:30.000", "10:00:45.000", "10:01:00.000"]);
    expect(rig.calls[0]?.timer).toEqual({ schedule: { adjustForDST: true }, scheduleStatus: null, isPastDue: false });
    expect(rig.kept.size).toBe(0);
    await stopped(rig);
    await rig.clock.advanceTo(at("10:05:00.000"));
    expect(rig.calls).toHaveLength(4);
  });

  it("says what the last run was and what the next will be, and keeps it", async () => {
    const rig = await startTimer({ schedule: "0 */5 * * * *" });
    await rig.clock.advanceTo(at("10:10:00.000"));
    expect(rig.calls.map(({ timer }) => timer.scheduleStatus)).toEqual([
      {
        last: "0001-01-01T00:00:00+00:00",
        next: "2026-11-24T10:10:00+00:00",
        lastUpdated: "0001-01-01T00:00:00+00:00",
      },
      {
        last: "2026-11-24T10:05:00+00:00",
        next: "2026-11-24T10:15:00+00:00",
        lastUpdated: "2026-11-24T10:05:00+00:00",
      },
    ]);
    expect(rig.kept.get("tick")).toBe("2026-11-24T10:10:00.000Z");
    await stopped(rig);
  });

  it("takes a time between runs", async () => {
    const rig = await startTimer({ schedule: "00:02:00" });
    await rig.clock.advanceTo(at("10:05:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["10:02:07.500", "10:04:07.500"]);
    expect(rig.calls[0]?.timer.schedule.adjustForDST).toBe(false);
    await stopped(rig);
  });

  it("is not started again while it runs; what falls due meanwhile is left out", async () => {
    let release = (): void => undefined;
    const handler = (): Promise<void> =>
      new Promise((resolve) => {
        release = resolve;
      });
    const rig = await startTimer({ schedule: "*/15 * * * * *" }, { handler });
    await rig.clock.advanceTo(at("10:00:50.000"));
    expect(rig.calls).toHaveLength(1);
    const joined = rig.host.invokeTimer("tick");
    release();
    await joined;
    await rig.clock.advanceTo(at("10:01:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["10:00:15.000", "10:01:00.000"]);
    release();
    await stopped(rig);
  });

  it("runs at once, past due, when a run was missed while the host was down", async () => {
    const kept = new Map([["tick", "2026-11-23T09:00:00.000Z"]]);
    const rig = await startTimer({ schedule: "0 0 9 * * *" }, { kept });
    await rig.clock.advanceTo(at("10:00:08.000"));
    expect(rig.calls).toHaveLength(1);
    expect(rig.calls[0]?.timer).toMatchObject({
      isPastDue: true,
      scheduleStatus: { last: "2026-11-23T09:00:00+00:00", next: "2026-11-25T09:00:00+00:00" },
    });
    expect(kept.get("tick")).toBe("2026-11-24T10:00:07.500Z");
    await stopped(rig);
  });

  it("is not past due when nothing was missed, when it is not monitored, or at the first start of all", async () => {
    const daily = "0 0 9 * * *";
    const recent = await startTimer({ schedule: daily }, { kept: new Map([["tick", "2026-11-24T09:00:00.000Z"]]) });
    const blind = await startTimer(
      { schedule: daily, useMonitor: false },
      { kept: new Map([["tick", "2026-11-20T09:00:00.000Z"]]) },
    );
    const first = await startTimer({ schedule: daily });
    for (const rig of [recent, blind, first]) {
      await rig.clock.advanceTo(at("10:30:00.000"));
      expect(rig.calls).toEqual([]);
      await stopped(rig);
    }
  });

  it("is past due too when its first run of all was missed", async () => {
    const kept = new Map<string, string>();
    await stopped(await startTimer({ schedule: "0 0 9 * * *" }, { kept }));
    expect([...kept.keys()]).toEqual(["tick.since"]);
    kept.set("tick.since", "2026-11-24T08:00:00.000Z");
    const rig = await startTimer({ schedule: "0 0 9 * * *" }, { kept });
    await rig.clock.advanceTo(at("10:00:08.000"));
    expect(rig.calls[0]?.timer).toMatchObject({
      isPastDue: true,
      scheduleStatus: { last: "0001-01-01T00:00:00+00:00" },
    });
    await stopped(rig);
  });

  it("runs at start-up where it asks for it", async () => {
    const rig = await startTimer({ schedule: "0 0 9 * * *", runOnStartup: true });
    await rig.clock.advanceTo(START);
    expect(rig.calls.map(({ timer }) => timer.isPastDue)).toEqual([false]);
    await stopped(rig);
  });

  it("goes on after a run that throws, and after a store that fails", async () => {
    const rig = await startTimer(
      { schedule: "0 * * * * *" },
      {
        handler: () => {
          throw new Error("handler broke");
        },
        timerStore: {
          get: () => undefined,
          set: () => {
            throw new Error("disk full");
          },
        },
      },
    );
    await rig.clock.advanceTo(at("10:02:00.000"));
    expect(rig.calls).toHaveLength(2);
    expect(rig.host.lines.some((line) => line.includes("handler broke"))).toBe(true);
    expect(rig.host.lines.some((line) => line.includes("disk full"))).toBe(true);
    await stopped(rig);
  });

  it("keeps its schedule where its last run cannot be read at start, and tells what comes after", async () => {
    let isDown = true;
    const kept = new Map<string, string>();
    const rig = await startTimer(
      { schedule: "0 * * * * *" },
      {
        timerStore: {
          get: () => {
            if (isDown) throw new Error("tables are down");
            return undefined;
          },
          set: (name, iso) => void kept.set(name, iso),
        },
      },
    );
    await rig.clock.advanceTo(at("10:00:30.000"));
    isDown = false;
    await rig.clock.advanceTo(at("10:02:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["10:01:00.000", "10:02:00.000"]);
    expect(kept.get("tick")).toBe("2026-11-24T10:02:00.000Z");
    expect(rig.host.lines.some((line) => line.includes("could not be read: Error: tables are down"))).toBe(true);
    await stopped(rig);
  });

  it("finds its way when the clock is set back or on", async () => {
    const rig = await startTimer({ schedule: "0 */5 * * * *" });
    await rig.clock.advanceTo(at("10:01:00.000"));
    rig.clock.setTo(at("08:01:00.000"));
    await rig.clock.advanceTo(at("08:05:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["08:05:00.000"]);
    rig.clock.setTo(at("12:33:00.000"));
    await rig.clock.advanceTo(at("12:35:00.000"));
    // The run of 08:10 was jumped over and is made up for once.
    expect(rig.calls).toHaveLength(3);
    await stopped(rig);
  });

  it("can be run now, which fails as the function fails; one that is not there is named", async () => {
    let fails = false;
    const rig = await startTimer(
      { schedule: "0 0 0 1 1 *" },
      {
        handler: () => {
          if (fails) throw new Error("on purpose");
        },
      },
    );
    await rig.host.invokeTimer("tick");
    fails = true;
    await expect(rig.host.invokeTimer("tick")).rejects.toThrow("on purpose");
    await expect(rig.host.invokeTimer("tock")).rejects.toThrow("there are: tick");
    await stopped(rig);
  });

  it("fails alone where its schedule cannot be read", async () => {
    const rig = await startTimer({ schedule: "now and then" });
    expect(rig.host.functions[0]?.failure).toContain("neither an NCRONTAB");
    const unset = await startTimer({ schedule: "%NOT_SET%" });
    expect(unset.host.functions[0]?.failure).toContain("set the app setting NOT_SET");
    await stopped(rig);
    await stopped(unset);
  });
});

describe("a timer's retry policy", () => {
  async function retried(retry: RetryOptions, failures: number): Promise<Rig> {
    let calls = 0;
    return startTimer(
      { schedule: "0 */5 * * * *", retry },
      {
        handler: () => {
          calls += 1;
          if (calls <= failures) throw new Error(`failure ${calls}`);
        },
      },
    );
  }

  it("waits a fixed time between tries, and tells the function which try it is", async () => {
    const rig = await retried({ strategy: "fixedDelay", maxRetryCount: 2, delayInterval: { seconds: 10 } }, 99);
    await rig.clock.advanceTo(at("10:06:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual(["10:05:00.000", "10:05:10.000", "10:05:20.000"]);
    const contexts = rig.calls.map(({ context }) => context.retryContext);
    expect(contexts[0]).toBeUndefined();
    expect(contexts[2]).toMatchObject({ retryCount: 2, maxRetryCount: 2, exception: { message: "failure 2" } });
    await rig.clock.advanceTo(at("10:10:00.000"));
    expect(rig.calls).toHaveLength(4);
    await stopped(rig);
  });

  it("waits longer and longer, up to the longest, and ends with a success", async () => {
    const rig = await retried(
      {
        strategy: "exponentialBackoff",
        maxRetryCount: -1,
        minimumInterval: { seconds: 5 },
        maximumInterval: { seconds: 15 },
      },
      4,
    );
    await rig.clock.advanceTo(at("10:09:00.000"));
    expect(rig.calls.map((call) => call.at)).toEqual([
      "10:05:00.000",
      "10:05:05.000",
      "10:05:15.000",
      "10:05:30.000",
      "10:05:45.000",
    ]);
    await stopped(rig);
  });

  it("on another trigger stops the start", async () => {
    const retry: RetryOptions = { strategy: "fixedDelay", maxRetryCount: 1, delayInterval: { seconds: 1 } };
    const http = startTestHost({ load: () => app.http("web", { retry, handler: () => ({}) } as never) });
    await expect(http).rejects.toThrow("does not apply to a httpTrigger");
    const queue = startTestHost({
      load: () =>
        app.serviceBusQueue("bus", { queueName: "q", connection: "C", retry, handler: () => undefined } as never),
    });
    await expect(queue).rejects.toThrow("does not apply to a serviceBusTrigger");
  });
});
