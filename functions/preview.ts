import { type HttpResponseInit, app } from "@azure/functions";
import { composition } from "./compose-once.ts";

const HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** What would be written for the incidents that changed last, and why; writes nothing. It names incidents, so it wants a function key. */
export function registerPreview(): void {
  app.http("preview", {
    route: "api/preview",
    methods: ["GET"],
    authLevel: "function",
    handler: async ({ query }): Promise<HttpResponseInit> => {
      const { operatePreview } = await import("./work.ts");
      const { status, body } = await operatePreview(await composition(), (name) => query.get(name));
      return { status, headers: HEADERS, jsonBody: body };
    },
  });
}
