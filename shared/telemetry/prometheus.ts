import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { AggregationTemporality, InstrumentType } from "@opentelemetry/sdk-metrics";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { Metrics } from "../pipeline/ports/metrics.ts";
import { createMeters } from "./meters.ts";

/** Collected when asked; of how things stand, only what is so now. */
class Collected extends PrometheusExporter {
  constructor() {
    super({ preventServerStart: true });
  }

  override selectAggregationTemporality(kind: InstrumentType): AggregationTemporality {
    return kind === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  }
}

/** The figures of this process, and their text as Prometheus scrapes it; nothing listens. */
export function createPrometheusMetrics(clock: Clock): { readonly metrics: Metrics; text(): Promise<string> } {
  const reader = new Collected();
  const metrics = createMeters(reader, clock);
  return {
    metrics,
    async text() {
      const { resourceMetrics } = await reader.collect();
      return new PrometheusSerializer().serialize(resourceMetrics);
    },
  };
}
