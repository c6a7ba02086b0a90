import { type HttpResponseInit, app } from "@azure/functions";
import { composition } from "./compose-once.ts";

const NO_STORE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const MAX_BODY_BYTES = 64 * 1_024;

/** What an operator sets off; always under the master key. `backfill`: POST asks for one, GET tells how far it is. */
export function registerOperate(): void {
  app.http("operate", {
    route: "api/operations/{operation}",
    methods: ["GET", "POST"],
    authLevel: "admin",
    handler: async (request): Promise<HttpResponseInit> => {
      if (request.params["operation"] !== "backfill") return answer(404, { problems: ["there is no such operation"] });
      const { operateBackfill, tellBackfill } = await import("./work.ts");
      const composed = await composition();
      if (request.method === "GET") return answer(200, await tellBackfill(composed, request.query.get("tenant") ?? ""));
      const text = await request.text();
      if (text.length > MAX_BODY_BYTES) return answer(413, { problems: ["at most 64 KiB"] });
      const { status, body } = await operateBackfill(composed, text);
      return answer(status, body);
    },
  });
}

function answer(status: number, jsonBody: unknown): HttpResponseInit {
  return { status, headers: NO_STORE, jsonBody };
}
