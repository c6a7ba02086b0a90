import type { Counter, Histogram } from "@opentelemetry/api";
import { type IMetricReader, MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  type CounterName,
  type DurationName,
  FIGURES,
  type GaugeName,
  type GaugePoint,
  type Metrics,
} from "../pipeline/ports/metrics.ts";
import type { Clock } from "../pipeline/ports/clock.ts";

/** Seconds: from a doorbell's best to a tool that is down for hours. */
const BOUNDARIES_S = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 900, 3_600, 21_600];
/**
 * How things stood longer ago is not told any more: the timer that looks runs on one instance, and another would tell for ever what it
 * saw last.
 */
const FRESH_MS = 150_000;

/** The figures through OpenTelemetry's metrics API, for whatever reads them. */
export function createMeters(reader: IMetricReader, clock: Clock): Metrics {
  const meter = new MeterProvider({ readers: [reader] }).getMeter("dex-sync");
  const counters = new Map<CounterName, Counter>();
  const durations = new Map<DurationName, Histogram>();
  const standing = new Map<GaugeName, { readonly at: number; readonly points: readonly GaugePoint<GaugeName>[] }>();

  for (const [name, { kind, unit, description }] of Object.entries(FIGURES)) {
    if (kind === "counter") counters.set(name as CounterName, meter.createCounter(name, { unit, description }));
    else if (kind === "duration") {
      const advice = { explicitBucketBoundaries: BOUNDARIES_S };
      durations.set(name as DurationName, meter.createHistogram(name, { unit, description, advice }));
    } else observe(name as GaugeName, unit, description);
  }

  function observe(name: GaugeName, unit: string, description: string): void {
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      const told = standing.get(name);
      if (told === undefined || clock.now() - told.at > FRESH_MS) return;
      for (const { value, dimensions } of told.points) result.observe(value, dimensions);
    });
  }

  return {
    add: (name, count, dimensions) => counters.get(name)?.add(count, dimensions),
    // Two clocks: what seems to have been seen before it happened was seen at once.
    record: (name, seconds, dimensions) => durations.get(name)?.record(Math.max(0, seconds), dimensions),
    set: (name, points) => void standing.set(name, { at: clock.now(), points }),
  };
}
