import fc from "fast-check";
import { RetryableError } from "../../../shared/errors.ts";
import type { Clock } from "../../../shared/pipeline/ports/clock.ts";
import type { Table } from "../../../shared/pipeline/ports/table.ts";

/** What becomes of one call of a port. "refused": not carried out, and said so; "answer lost": carried out, and not said. */
export type Fate = "answered" | "refused" | "answer lost" | "dies before" | "dies after";

/** Who decides the order of all calls, and what becomes of each. */
export interface Race {
  readonly scheduler: fc.Scheduler;
  /** Of the next call, whoever makes it. */
  fate(): Fate;
}

/** A process, until it dies: then no call of it is answered any more. */
export interface Life {
  readonly death: Promise<"died">;
  isDead(): boolean;
  die(): void;
}

export const ANY_FATE: readonly Fate[] = ["answered", "refused", "answer lost", "dies before", "dies after"];
export const DEATHS: readonly Fate[] = ["dies before", "dies after"];
/** What a port answers without asking anybody. */
const AT_ONCE: ReadonlySet<string | symbol> = new Set(["wanted"]);

export function createRace(scheduler: fc.Scheduler, fates: readonly Fate[] = []): Race {
  const left = [...fates];
  return { scheduler, fate: () => left.shift() ?? "answered" };
}

export function createLife(): Life {
  let isDead = false;
  let tell: (outcome: "died") => void = () => undefined;
  const death = new Promise<"died">((resolve) => {
    tell = resolve;
  });
  return {
    death,
    isDead: () => isDead,
    die() {
      isDead = true;
      tell("died");
    },
  };
}

/**
 * The same port, seen from one process: each call waits for the scheduler twice, on its way there and on its way back. Nothing is sent once
 * the call's signal is aborted, and no answer is heard.
 */
export function racing<T extends object>(port: T, name: string, race: Race, life: Life, may: readonly Fate[]): T {
  return wrapped(port, async (method, args, call) => {
    const signal = args.find((arg) => arg instanceof AbortSignal);
    const drawn = may.length === 0 ? "answered" : race.fate();
    const fate = may.includes(drawn) ? drawn : "answered";
    await race.scheduler.schedule(Promise.resolve(), `${name}.${method} sent`);
    if (fate === "dies before") life.die();
    if (life.isDead()) return never();
    signal?.throwIfAborted();
    if (fate === "refused") throw new RetryableError("unavailable", `${name} is away`);
    const answer = await settled(() => call(args));
    await race.scheduler.schedule(Promise.resolve(), `${name}.${method} answered`);
    if (fate === "dies after") life.die();
    if (life.isDead()) return never();
    signal?.throwIfAborted();
    if (fate === "answer lost") throw new RetryableError("timeout", "no answer", { mayHaveHappened: true });
    return answer();
  });
}

type Args = readonly unknown[];

/** The same port; each of its calls is made by `around`. */
export function wrapped<T extends object>(
  port: T,
  around: (method: string, args: Args, call: (args: Args) => unknown) => Promise<unknown>,
): T {
  return new Proxy(port, {
    get(target, method) {
      const value: unknown = Reflect.get(target, method);
      if (typeof value !== "function" || AT_ONCE.has(method)) return value;
      return (...args: Args) => around(String(method), args, (given) => Reflect.apply(value, target, given) as unknown);
    },
  });
}

/** What a call came to, to be had later: a refusal travels back like any answer. */
async function settled(call: () => unknown): Promise<() => unknown> {
  try {
    const answer = await call();
    return () => answer;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** One process's clock: wrong by what `offsetMs` answers. */
export function wrongClock(clock: Clock, offsetMs: () => number): Clock {
  return { now: () => clock.now() + offsetMs(), sleep: (...args) => clock.sleep(...args) };
}

/** A list that may grow while it is awaited. */
export async function all(running: readonly Promise<unknown>[]): Promise<void> {
  for (let index = 0; index < running.length; index += 1) await running[index];
}

/** A broken table: whoever writes last wins. */
export function ignoringEtags(table: Table): Table {
  return {
    ...table,
    put: (partition, row, value) => table.put(partition, row, value, "any"),
    delete: (partition, row) => table.delete(partition, row, "any"),
    batch: (partition, writes) =>
      table.batch(
        partition,
        writes.map((write) => ({ ...write, condition: "any" as const })),
      ),
  };
}

/** What the property fails with within so many runs, "" where it does not; the seed is fixed, so that a planted bug is met each time. */
export async function caughtAs<T>(property: fc.IAsyncProperty<T>, numRuns = 300): Promise<string> {
  const { errorInstance } = await fc.check(property, { numRuns, seed: 1, endOnFailure: true });
  return errorInstance instanceof Error ? errorInstance.message : "";
}

export function expectNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join("; "));
}
