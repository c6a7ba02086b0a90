import { type HttpResponseInit, app } from "@azure/functions";
import { ConfigError } from "../shared/config/config.ts";
import { PermanentError, RetryableError } from "../shared/errors.ts";
import { healthOf } from "../shared/pipeline/overview/health.ts";
import { readOverview } from "../shared/pipeline/overview/read-overview.ts";
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
        const problems = problemsOf(error);
        if (problems === undefined) throw error;
        return { status: 503, headers: HEADERS, jsonBody: { status: "failing", problems } };
      }
    },
  });
}

/** Why nothing can be said of tenants and connectors; undefined for what is a bug. */
function problemsOf(error: unknown): readonly string[] | undefined {
  if (error instanceof ConfigError) return error.problems;
  if (!(error instanceof RetryableError || error instanceof PermanentError)) return undefined;
  const mend = error.mend === "" ? "look whether the tables run and are named rightly" : error.mend;
  return [`the state cannot be read: ${error.message}; ${mend}; what was acknowledged is kept, and goes on by itself`];
}

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
