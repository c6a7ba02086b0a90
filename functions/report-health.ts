import { type HttpResponseInit, app } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { healthOf } from "../shared/pipeline/health.ts";
import { readOverview } from "../shared/pipeline/read-overview.ts";
import { composition } from "./compose-once.ts";

/** What is late and why. 503 where nothing flows, so that a probe sees it too. */
export function registerReportHealth(): void {
  app.http("report-health", {
    route: "api/health",
    methods: ["GET"],
    authLevel: "function",
    handler: async (): Promise<HttpResponseInit> => {
      try {
        const health = healthOf(await readOverview((await composition()).overviewDeps()));
        return { status: health.status === "failing" ? 503 : 200, headers: HEADERS, jsonBody: health };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return { status: 503, headers: HEADERS, jsonBody: { status: "failing", problems: error.problems } };
      }
    },
  });
}

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
