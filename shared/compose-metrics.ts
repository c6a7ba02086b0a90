import { azureMetrics } from "./compose-azure.ts";
import type { Settings } from "./config/settings.ts";
import type { Clock } from "./pipeline/ports/clock.ts";
import type { Log } from "./pipeline/ports/log.ts";
import { type Metrics, NO_METRICS } from "./pipeline/ports/metrics.ts";
import { createLateMetrics } from "./telemetry/late-metrics.ts";

export interface Figures {
  readonly metrics: Metrics;
  /** True where they stay in this process until somebody asks for them. */
  readonly isKept: boolean;
  /** As Prometheus scrapes them; "" where they go elsewhere. */
  text(): Promise<string>;
  /** What was not sent yet. */
  flush(): Promise<void>;
}

export const NO_FIGURES: Figures = {
  metrics: NO_METRICS,
  isKept: false,
  text: () => Promise.resolve(""),
  flush: () => Promise.resolve(),
};

/** On Azure to Application Insights, where there is one; on one machine kept, to be scraped. */
export function composeFigures(deps: {
  readonly settings: Settings;
  readonly isOneMachine: boolean;
  readonly clock: Clock;
  readonly log: Log;
}): Figures {
  const { settings, clock, log } = deps;
  const onFailure = (error: unknown): void =>
    log.error("the app's figures are not told", { error: error instanceof Error ? error.message : String(error) });
  if (deps.isOneMachine) return keptFigures(clock, onFailure);
  const { telemetry } = settings;
  if (telemetry === undefined) return NO_FIGURES;
  let opened: ReturnType<typeof azureMetrics> | undefined;
  const open = (): ReturnType<typeof azureMetrics> => (opened ??= azureMetrics(settings, telemetry, clock));
  return {
    metrics: createLateMetrics(async () => (await open()).metrics, onFailure),
    isKept: false,
    text: () => Promise.resolve(""),
    flush: async () => (await opened)?.flush(),
  };
}

function keptFigures(clock: Clock, onFailure: (error: unknown) => void): Figures {
  const open = remembered(async () => {
    const { createPrometheusMetrics } = await import("./telemetry/prometheus.ts");
    return createPrometheusMetrics(clock);
  });
  return {
    metrics: createLateMetrics(async () => (await open()).metrics, onFailure),
    isKept: true,
    text: async () => (await open()).text(),
    flush: () => Promise.resolve(),
  };
}

function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
