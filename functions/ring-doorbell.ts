import { type HttpResponseInit, app } from "@azure/functions";
import { isSignedBy } from "../shared/http/verify-signature.ts";
import { requestPollsForBell } from "../shared/pipeline/request-polls.ts";
import { composition } from "./compose-once.ts";

/** What is read of a call before its signature is checked. */
const MAX_BODY_BYTES = 256 * 1_024;
/** The same answer whatever is wrong with a call. */
const REFUSED: HttpResponseInit = { status: 401, jsonBody: { error: "not signed with a current secret" } };

/** A signed call (Standard Webhooks) that only means "poll now": kept on the bus before it is answered. Without a secret everything is refused. */
export function registerRingDoorbell(): void {
  app.http("ring-doorbell", {
    route: "api/doorbell",
    methods: ["POST"],
    authLevel: "anonymous",
    handler: async (request): Promise<HttpResponseInit> => {
      const { bus, clock, config, settings, log } = await composition();
      const declared = Number(request.headers.get("content-length") ?? "0");
      if (declared > MAX_BODY_BYTES) return { status: 413, jsonBody: { error: "at most 256 KiB" } };
      const bytes = new Uint8Array(await request.arrayBuffer());
      if (bytes.byteLength > MAX_BODY_BYTES) return { status: 413, jsonBody: { error: "at most 256 KiB" } };
      const secrets = config.doorbellSecrets
        .map((name) => settings.secret(name))
        .filter((secret) => secret !== undefined);
      const body = new TextDecoder().decode(bytes);
      if (!(await isSignedBy(secrets, body, (name) => request.headers.get(name)))) {
        log.warn("a doorbell was refused", { bytes: bytes.byteLength });
        return REFUSED;
      }
      try {
        await requestPollsForBell(
          { bus, clock },
          config.tenants.map((tenant) => tenant.id),
        );
      } catch (error) {
        log.error("a doorbell could not be kept", { error: error instanceof Error ? error.message : String(error) });
        return { status: 503, headers: { "retry-after": "5" }, jsonBody: { error: "not kept; call again" } };
      }
      return { status: 202, jsonBody: { accepted: true } };
    },
  });
}
