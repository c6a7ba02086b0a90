import { hashOf } from "./prng.ts";

/** What happened, in order: a digest of all of it, and the lines themselves where somebody wants to read them. */
export interface Trace {
  note(actor: string, text: string): void;
  readonly lines: readonly string[];
  digest(): string;
  readonly faults: ReadonlyMap<string, number>;
  fault(kind: string): void;
  /** When each of this kind was. */
  faultsAt(kind: string): readonly number[];
}

export function createTrace(now: () => number, isKept: boolean): Trace {
  const start = now();
  const lines: string[] = [];
  const faults = new Map<string, number>();
  const times = new Map<string, number[]>();
  let low = 1;
  let high = 2;
  return {
    lines,
    faults,
    note(actor, text) {
      const line = `${((now() - start) / 1_000).toFixed(3)} ${actor}: ${text}`;
      low = hashOf(line, low);
      high = hashOf(line, high ^ low);
      if (isKept) lines.push(line);
    },
    fault(kind) {
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      const known = times.get(kind);
      if (known === undefined) times.set(kind, [now()]);
      else known.push(now());
    },
    faultsAt: (kind) => times.get(kind) ?? [],
    digest: () => low.toString(16).padStart(8, "0") + high.toString(16).padStart(8, "0"),
  };
}
