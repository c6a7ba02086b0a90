import type { Metrics } from "../pipeline/ports/metrics.ts";

/** Figures that were told before there was anyone to tell: so many at most, the oldest go first. */
const MOST_HELD = 2_000;

/** Figures whose library is loaded with the first of them, beside the work: none waits for it, and none fails because of it. */
export function createLateMetrics(load: () => Promise<Metrics>, onFailure: (error: unknown) => void): Metrics {
  const held: ((metrics: Metrics) => void)[] = [];
  let loading: Promise<void> | undefined;
  let loaded: Metrics | undefined;

  function tell(say: (metrics: Metrics) => void): void {
    if (loaded !== undefined) return say(loaded);
    held.push(say);
    if (held.length > MOST_HELD) held.shift();
    loading ??= load()
      .then((metrics) => {
        loaded = metrics;
        for (const early of held.splice(0)) early(metrics);
      })
      .catch(onFailure);
  }

  return {
    add: (name, count, dimensions) => tell((metrics) => metrics.add(name, count, dimensions)),
    record: (name, seconds, dimensions) => tell((metrics) => metrics.record(name, seconds, dimensions)),
    set: (name, points) => tell((metrics) => metrics.set(name, points)),
  };
}
