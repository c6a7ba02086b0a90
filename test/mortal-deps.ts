import type { DetectDeps } from "../shared/pipeline/detect/detect-deps.ts";

export interface Life {
  /** Calls of the source, the tables and the bus so far. */
  calls: number;
  /** The call at which the process dies: it is not carried out, and nothing is after it. */
  readonly diesAt: number;
}

/** What a reading process holds of the world until it is killed at one of its calls. */
export function mortalDeps(deps: DetectDeps, life: Life): DetectDeps {
  const mortal = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          life.calls += 1;
          if (life.calls >= life.diesAt) return Promise.reject(new Error("killed"));
          return Reflect.apply(value, target, args);
        };
      },
    });
  const { incident, open, report, parked, control } = deps.tables;
  return {
    ...deps,
    source: mortal(deps.source),
    bus: mortal(deps.bus),
    tables: {
      incident: mortal(incident),
      open: mortal(open),
      report: mortal(report),
      parked: mortal(parked),
      control: mortal(control),
    },
  };
}
