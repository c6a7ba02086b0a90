import { createHash } from "node:crypto";
import { type HttpResponseInit, app } from "@azure/functions";
import { readOverview } from "../shared/pipeline/overview/read-overview.ts";
import { composition } from "./compose-once.ts";

/** What the page shows. It names incidents, so it wants a function key. */
export function registerReportOverview(): void {
  app.http("report-overview", {
    route: "api/overview",
    methods: ["GET"],
    authLevel: "function",
    handler: async (request): Promise<HttpResponseInit> => {
      const overview = await readOverview((await composition()).overviewDeps());
      const { generatedAt: _generatedAt, ...content } = overview;
      const etag = `"${createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 27)}"`;
      const headers = { etag, "cache-control": "private, no-cache", "x-content-type-options": "nosniff" };
      if (request.headers.get("if-none-match") === etag) return { status: 304, headers };
      return { status: 200, headers, jsonBody: overview };
    },
  });
}
