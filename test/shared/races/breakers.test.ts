import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../../shared/connectors/connector.ts";
import { RetryableError } from "../../../shared/errors.ts";
import { type Breaker, type BreakerState, createBreaker } from "../../../shared/pipeline/breaker.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";
import { watchConnector } from "../../../shared/pipeline/lane/watch-connector.ts";
import { createFakeTool } from "../../fake-connector.ts";
import { type VirtualClock, createVirtualClock } from "../../virtual-clock.ts";
import { all, caughtAs, createLife, createRace, expectNone, ignoringEtags, racing, wrongClock } from "./race.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MINUTE_MS = 60_000;
const SKEW_MS = 900;
/** A probe that a wrong clock put off, the probe after it, and some. */
const MOST_WAITED_S = 6 * 60;
const REF = { id: "1", label: "1", url: "" };

/** Callers of three processes beside a tool that is down for a while. */
interface Plan {
  /** Which of the processes each caller belongs to. */
  readonly callers: readonly number[];
  readonly pauses: readonly number[];
  /** The tool is up again after so many of them. */
  readonly downFor: number;
  readonly offsetsMs: readonly number[];
  /** How far a process's clock is set back (or on) before each pause. */
  readonly stepsMs: readonly { readonly process: number; readonly byMs: number }[];
}

const plan = (steps: fc.Arbitrary<number>): fc.Arbitrary<Plan> =>
  fc.record({
    callers: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 }),
    pauses: fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 14 }),
    downFor: fc.integer({ min: 0, max: 14 }),
    offsetsMs: fc.tuple(offset(steps), offset(steps), offset(steps)),
    stepsMs: fc.array(fc.record({ process: fc.integer({ min: 0, max: 2 }), byMs: steps }), { maxLength: 4 }),
  });

const offset = (steps: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min: -SKEW_MS, max: SKEW_MS }), steps).map(([skewMs, stepMs]) => skewMs + stepMs);

interface Planted {
  readonly control?: (table: Table) => Table;
  readonly breaker?: (breaker: Breaker) => Breaker;
}

async function raceBreakers(scheduler: fc.Scheduler, drawn: Plan, planted: Planted = {}): Promise<readonly string[]> {
  const clock = createVirtualClock();
  const { control } = createMemoryTables();
  const tool = createFakeTool();
  tool.put("1", "key");
  const race = createRace(scheduler);
  const life = createLife();
  const faults: string[] = [];
  const offsets = [...drawn.offsetsMs];
  let isDown = drawn.downFor > 0;
  let left = drawn.callers.length;
  const connector = racing(tool.connector, "tool", race, life, []);
  const answering = {
    ...connector,
    async read(...args: Parameters<typeof connector.read>) {
      const wasDown = isDown;
      const ticket = await connector.read(...args);
      if (wasDown) throw new RetryableError("unavailable", "503");
      return ticket;
    },
  };
  let claimedFor = 0;
  const onProbe = ({ isOpen, nextProbeAt }: BreakerState): void => {
    // Clocks that are set by more than their margin may cost a probe more, never a caller.
    const isMeasured = isOpen && offsets.every((offsetMs) => Math.abs(offsetMs) <= SKEW_MS);
    if (isMeasured && nextProbeAt < claimedFor + MINUTE_MS - 2 * SKEW_MS) faults.push("two probes within a minute");
    claimedFor = isOpen ? nextProbeAt : 0;
  };
  const processes = offsets.map((_offset, index) => {
    const table = racing(watchedProbes((planted.control ?? same)(control), onProbe), "control", race, life, []);
    const own = wrongClock(clock, () => offsets[index] ?? 0);
    const made = createBreaker({ connector: "itsm" as ConnectorId, control: table, clock: own, log: SILENT });
    const breaker = (planted.breaker ?? same)(made);
    return { clock: own, breaker, connector: watchConnector(answering, breaker) };
  });

  /** As a lane's worker: admitted, it calls; else, and after a failure, it waits and comes again. */
  async function call(index: number): Promise<void> {
    const process = processes[index];
    if (process === undefined) throw new Error("no such process");
    for (;;) {
      const admission = await process.breaker.admit();
      if (admission.kind === "open") {
        await clock.sleep(Math.max(1, admission.until - process.clock.now()));
        continue;
      }
      try {
        await process.connector.read(REF, new AbortController().signal);
        left -= 1;
        return;
      } catch (error) {
        if (!(error instanceof RetryableError)) throw error;
        await clock.sleep(1_000);
      }
    }
  }

  const passTime = async (): Promise<void> => {
    for (const [index, pauseMs] of drawn.pauses.entries()) {
      await scheduler.schedule(Promise.resolve(), "time passes");
      if (index >= drawn.downFor) isDown = false;
      const step = drawn.stepsMs[index];
      if (step !== undefined) offsets[step.process] = (offsets[step.process] ?? 0) + step.byMs;
      await clock.advance(pauseMs);
    }
    isDown = false;
  };
  const running = drawn.callers.map((index) => call(index));
  await scheduler.waitFor(passTime());
  await untilServed(scheduler, clock, () => left);
  if (left > 0) faults.push("a caller is lost, or the breaker is stuck open");
  else await scheduler.waitFor(all(running));
  return faults;
}

/** Time goes on until every caller is served, or for as long as none may take. */
async function untilServed(scheduler: fc.Scheduler, clock: VirtualClock, left: () => number): Promise<void> {
  await scheduler.waitIdle();
  for (let second = 0; left() > 0 && second < MOST_WAITED_S; second += 1) {
    await clock.advance(1_000);
    await scheduler.waitIdle();
  }
}

/** Sees the row each time it is written: an open breaker is written when it opens, and with each claim of a probe. */
function watchedProbes(control: Table, see: (state: BreakerState) => void): Table {
  return {
    ...control,
    async put(...args) {
      const etag = await control.put(...args);
      see(args[2] as BreakerState);
      return etag;
    },
  };
}

function same<T>(port: T): T {
  return port;
}

const property = (steps: fc.Arbitrary<number>, planted?: Planted) =>
  fc.asyncProperty(fc.scheduler(), plan(steps), async (scheduler, drawn) => {
    expectNone(await raceBreakers(scheduler, drawn, planted));
  });

const STEADY = fc.constant(0);
const STEPPING = fc.integer({ min: -86_400_000, max: 86_400_000 });

describe("callers who race beside a breaker", () => {
  it("probe at most once a minute, and each is served once the tool is up", async () => {
    await fc.assert(property(STEADY), { numRuns: 200 });
  });

  it("are each served though clocks are set by up to a day", async () => {
    await fc.assert(property(STEPPING), { numRuns: 200 });
  });

  it.each<[string, string, Planted]>([
    ["the table ignores ETags", "two probes within a minute", { control: ignoringEtags }],
    ["no success is told", "stuck open", { breaker: deafToSuccess }],
  ])("are caught where %s: %s", async (_name, fault, planted) => {
    expect(await caughtAs(property(STEADY, planted))).toContain(fault);
  });
});

/** A broken breaker: it never hears that a call went well. */
function deafToSuccess(breaker: Breaker): Breaker {
  return { ...breaker, tell: async (failure) => (failure === undefined ? undefined : breaker.tell(failure)) };
}
