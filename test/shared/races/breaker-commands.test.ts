import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../../shared/connectors/connector.ts";
import { RetryableError } from "../../../shared/errors.ts";
import { type Breaker, createBreaker } from "../../../shared/pipeline/breaker.ts";
import { createVirtualClock } from "../../virtual-clock.ts";
import { caughtAs } from "./race.ts";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MINUTE_MS = 60_000;
const FRESH_MS = 5_000;
const THRESHOLD = 5;
const DOWN = new RetryableError("unavailable", "503");

/** What the row says, and what each process has heard of it. */
interface Model {
  now: number;
  /** Undefined while it is closed. */
  nextProbeAt: number | undefined;
  readonly processes: { failures: number; heardOpen: boolean; heardAt: number; heardProbeAt: number }[];
}

interface Real {
  readonly breakers: readonly Breaker[];
  pass(ms: number): Promise<void>;
}

type Command = fc.AsyncCommand<Model, Real>;

function processOf<T>(processes: readonly T[], index: number): T {
  const found = processes[index];
  if (found === undefined) throw new Error("no such process");
  return found;
}

function hear(model: Model, index: number): void {
  const { now, nextProbeAt } = model;
  Object.assign(processOf(model.processes, index), {
    heardOpen: nextProbeAt !== undefined,
    heardAt: now,
    heardProbeAt: nextProbeAt ?? 0,
  });
}

function admit(index: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const admission = await processOf(real.breakers, index).admit();
      const known = processOf(model.processes, index);
      const isFresh = model.now - known.heardAt < FRESH_MS;
      if (!isFresh || (known.heardOpen && model.now >= known.heardProbeAt)) hear(model, index);
      if (!known.heardOpen) {
        expect(admission).toEqual({ kind: "closed" });
      } else if (model.now >= known.heardProbeAt) {
        expect(admission).toEqual({ kind: "probe" });
        model.nextProbeAt = model.now + MINUTE_MS;
        hear(model, index);
      } else {
        expect(admission).toMatchObject({ kind: "open", until: known.heardProbeAt });
      }
    },
    toString: () => `process ${index} asks`,
  };
}

function fail(index: number, times: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      const known = processOf(model.processes, index);
      for (let left = times; left > 0; left -= 1) {
        await processOf(real.breakers, index).tell(DOWN);
        known.failures += 1;
        if (known.heardOpen || known.failures < THRESHOLD) continue;
        model.nextProbeAt ??= model.now + MINUTE_MS;
        hear(model, index);
      }
    },
    toString: () => `${times} calls of process ${index} fail`,
  };
}

function succeed(index: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      await processOf(real.breakers, index).tell(undefined);
      const known = processOf(model.processes, index);
      known.failures = 0;
      if (!known.heardOpen) return;
      model.nextProbeAt = undefined;
      hear(model, index);
    },
    toString: () => `a call of process ${index} succeeds`,
  };
}

function pass(ms: number): Command {
  return {
    check: () => true,
    async run(model, real) {
      await real.pass(ms);
      model.now += ms;
    },
    toString: () => `${ms} ms pass`,
  };
}

const index = fc.integer({ min: 0, max: 1 });
const times = fc.integer({ min: 1, max: THRESHOLD });
const commands = fc.commands(
  [
    index.map(admit),
    fc.tuple(index, times).map((drawn) => fail(...drawn)),
    index.map(succeed),
    fc.constantFrom(100, 4_999, 5_000, 30_000, 61_000).map(pass),
  ],
  { maxCommands: 60 },
);

const property = (planted: (breaker: Breaker) => Breaker = (breaker) => breaker) =>
  fc.asyncProperty(commands, async (drawn) => {
    const clock = createVirtualClock();
    const { control } = createMemoryTables();
    const make = () => planted(createBreaker({ connector: "itsm" as ConnectorId, control, clock, log: SILENT }));
    const setup = () => ({
      model: {
        now: clock.now(),
        nextProbeAt: undefined,
        processes: Array.from({ length: 2 }, () => ({ failures: 0, heardOpen: false, heardAt: 0, heardProbeAt: 0 })),
      },
      real: { breakers: [make(), make()], pass: (ms: number) => clock.advance(ms) },
    });
    await fc.asyncModelRun<Model, Real, boolean, Model>(setup, drawn);
  });

describe("a breaker under any run of calls", () => {
  it("opens at its threshold, is probed once a minute, and closes with a success", async () => {
    await fc.assert(property(), { numRuns: 300 });
  });

  it("is caught where a failed call goes unheard", async () => {
    const deaf = (breaker: Breaker): Breaker => ({ ...breaker, tell: () => breaker.tell(undefined) });
    expect(await caughtAs(property(deaf))).toContain("closed");
  });
});
