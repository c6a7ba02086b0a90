// The page docs/metrics.md, made of the figures that the code can tell.
import { FIGURES } from "../shared/pipeline/ports/metrics.ts";

const KINDS = { counter: "count", duration: "duration", gauge: "standing" } as const;

export function metricsPage(): string {
  const rows = Object.entries(FIGURES).map(
    ([name, { kind, unit, description, dimensions }]) =>
      `| \`${name}\` | ${KINDS[kind]} | ${unit} | ${dimensions.map((dimension) => `\`${dimension}\``).join(", ")} | ${description} |`,
  );
  return [
    "# Figures",
    "",
    "What dex-sync tells of itself. On Azure they are custom metrics of Application Insights (namespace `azure.applicationinsights`, split by the dimensions below), sent once",
    "a minute. On one machine they are drawn on the page's `/operations`, and at `GET /api/metrics` as Prometheus text: dots become `_`, counts end in `_total`, durations have `_bucket`, `_sum` and `_count`.",
    "Dimensions are ids of the configuration and words of ours; no text of an incident is in any of them.",
    "",
    "A count is of what happened since the last time it was sent (Prometheus: since the process began). A duration is in seconds; a portal chart shows its average, maximum and count.",
    "A standing figure is how things are, looked at once a minute by one instance (Prometheus: with each scrape); where nobody has looked for two and a half minutes there is none.",
    "",
    "| figure | kind | unit | split by | what it says |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
