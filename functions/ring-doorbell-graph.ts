import { type HttpResponseInit, app } from "@azure/functions";
import { answerHandshake } from "../shared/http/answer-handshake.ts";
import { parseBounded } from "../shared/http/parse-bounded.ts";
import { MAX_BELL_BYTES, readLimited } from "../shared/http/read-limited.ts";
import { composition } from "./compose-once.ts";

/** Answers without a word: who is not believed learns nothing. */
const STATUS = { kept: 202, notKept: 503, tooMany: 413 } as const;
const RETRY = { "retry-after": "5" };

/** Microsoft Graph's change and lifecycle notifications, and the handshake before them. They only mean "poll now". */
export function registerRingDoorbellGraph(): void {
  app.http("ring-doorbell-graph", {
    route: "api/doorbell/graph",
    methods: ["POST"],
    authLevel: "anonymous",
    handler: async (request): Promise<HttpResponseInit> => {
      const token = request.query.get("validationToken");
      if (token !== null) return answerHandshake(token);
      const bytes = await readLimited(request, MAX_BELL_BYTES);
      if (bytes === undefined) return { status: 413 };
      const parsed = parseBounded(bytes);
      if (parsed === undefined) return { status: 400 };
      const { hearGraphBell } = await import("./work.ts");
      const outcome = await hearGraphBell((await composition()).bells, parsed.value);
      return { status: STATUS[outcome], ...(outcome === "notKept" ? { headers: RETRY } : {}) };
    },
  });
}
