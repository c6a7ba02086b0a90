import { type HttpResponseInit, app } from "@azure/functions";
import { composition } from "./compose-once.ts";

/** The app's own figures as Prometheus scrapes them, where they are kept in this process; on Azure they are in Application Insights. */
export function registerReportMetrics(): void {
  app.http("report-metrics", {
    route: "api/metrics",
    methods: ["GET"],
    authLevel: "function",
    handler: async (): Promise<HttpResponseInit> => {
      const { measure } = await import("./work.ts");
      const composed = await composition();
      const { figures } = composed;
      if (!figures.isKept) {
        return { status: 404, headers: HEADERS, body: "the figures are in Application Insights, as custom metrics\n" };
      }
      await measure(composed.measureDeps());
      return { status: 200, headers: { ...HEADERS, "content-type": PROMETHEUS }, body: await figures.text() };
    },
  });
}

const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
