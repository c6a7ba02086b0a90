import type { Metrics } from "../shared/pipeline/ports/metrics.ts";

interface Told {
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Keeps every figure that was told; of how things stand, what was told last. */
export function createRecordingMetrics() {
  const told: Told[] = [];
  const standing = new Map<string, readonly Told[]>();
  const metrics: Metrics = {
    add: (name, value, dimensions) => void told.push({ name, value, dimensions }),
    record: (name, value, dimensions) => void told.push({ name, value, dimensions }),
    set: (name, points) =>
      void standing.set(
        name,
        points.map((point) => ({ name, ...point })),
      ),
  };
  return {
    metrics,
    of: (name: string) =>
      told.filter((one) => one.name === name).map(({ value, dimensions }) => ({ value, ...dimensions })),
    standing: (name: string) => (standing.get(name) ?? []).map(({ value, dimensions }) => ({ value, ...dimensions })),
  };
}
