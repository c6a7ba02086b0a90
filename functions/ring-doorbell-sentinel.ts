import { type HttpResponseInit, app } from "@azure/functions";
import { MAX_BELL_BYTES, readLimited } from "../shared/http/read-limited.ts";
import { ringBell } from "../shared/pipeline/bells/ring-bell.ts";
import { composition } from "./compose-once.ts";

/** A Sentinel automation rule's playbook, by its Azure Functions action, which carries the key. Of the body only its length is looked at: the call only means "poll now". */
export function registerRingDoorbellSentinel(): void {
  app.http("ring-doorbell-sentinel", {
    route: "api/doorbell/sentinel",
    methods: ["POST"],
    authLevel: "function",
    handler: async (request): Promise<HttpResponseInit> => {
      if ((await readLimited(request, MAX_BELL_BYTES)) === undefined) return { status: 413 };
      const { bells } = await composition();
      const tenant = request.query.get("tenantId") ?? undefined;
      bells.rate.heard("sentinel", tenant === undefined ? {} : { tenant });
      const outcome = await ringBell(bells, tenant);
      return outcome === "kept" ? { status: 202 } : { status: 503, headers: { "retry-after": "5" } };
    },
  });
}
