import type { TokenCredential } from "@azure/identity";
import type { AzureMonitorExporterOptions } from "@azure/monitor-opentelemetry-exporter";
import type { Clock } from "../pipeline/ports/clock.ts";
import type { Metrics } from "../pipeline/ports/metrics.ts";
import { createMeters } from "../telemetry/meters.ts";

export interface AzureMonitorOptions {
  readonly connectionString: string;
  /** Where Application Insights takes no instrumentation key alone (its local authentication is off). */
  readonly credential: (() => Promise<TokenCredential>) | undefined;
  readonly clock: Clock;
  /** Instead of requests over the network. */
  readonly httpClient?: NonNullable<AzureMonitorExporterOptions["httpClient"]>;
}

const EXPORT_EVERY_MS = 60_000;

/** The figures in Application Insights, once a minute, and with `flush` when the process is told to end. */
export async function createAzureMonitorMetrics(
  options: AzureMonitorOptions,
): Promise<{ readonly metrics: Metrics; flush(): Promise<void>; close(): Promise<void> }> {
  // The exporter would send figures about itself to hosts of its own choice.
  process.env["APPLICATION_INSIGHTS_NO_STATSBEAT"] = "true";
  const [{ AzureMonitorMetricExporter }, { PeriodicExportingMetricReader }] = await Promise.all([
    import("@azure/monitor-opentelemetry-exporter"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  const credential = await options.credential?.();
  const exporter = new AzureMonitorMetricExporter({
    connectionString: options.connectionString,
    disableOfflineStorage: true,
    ...(credential === undefined ? {} : { credential }),
    ...(options.httpClient === undefined ? {} : { httpClient: options.httpClient }),
  });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: EXPORT_EVERY_MS });
  return {
    metrics: createMeters(reader, options.clock),
    flush: () => reader.forceFlush(),
    close: () => reader.shutdown(),
  };
}
