import { type HttpResponseInit, app } from "@azure/functions";
import { parseBounded } from "../shared/http/parse-bounded.ts";
import { MAX_BELL_BYTES, readLimited } from "../shared/http/read-limited.ts";
import { isSignedBy } from "../shared/http/verify-signature.ts";
import { ringBell } from "../shared/pipeline/bells/ring-bell.ts";
import { composition } from "./compose-once.ts";

/** The same answer whatever is wrong with a call. */
const REFUSED: HttpResponseInit = { status: 401, jsonBody: { error: "not signed with a current secret" } };
const TOO_LONG: HttpResponseInit = { status: 413, jsonBody: { error: "at most 256 KiB" } };
const ACCEPTED: HttpResponseInit = { status: 202, jsonBody: { accepted: true } };
const NOT_KEPT: HttpResponseInit = {
  status: 503,
  headers: { "retry-after": "5" },
  jsonBody: { error: "not kept; call again" },
};

/** A signed call (Standard Webhooks) that only means "poll now": kept on the bus before it is answered. Without a secret everything is refused. */
export function registerRingDoorbell(): void {
  app.http("ring-doorbell", {
    route: "api/doorbell",
    methods: ["POST"],
    authLevel: "anonymous",
    handler: async (request): Promise<HttpResponseInit> => {
      const bytes = await readLimited(request, MAX_BELL_BYTES);
      if (bytes === undefined) return TOO_LONG;
      const { bells, log } = await composition();
      const header = (name: string): string | null => request.headers.get(name);
      const secrets = bells.secrets();
      if (!(await isSignedBy(secrets, new TextDecoder().decode(bytes), header))) {
        // None: a reference to the vault may not resolve, and then everybody is refused.
        log.warn("a doorbell was refused", { bytes: bytes.byteLength, secretsSet: secrets.length });
        return REFUSED;
      }
      const id = header("webhook-id") ?? "";
      bells.rate.heard("signed", { body: id });
      if (bells.recent.has(id)) return ACCEPTED;
      if ((await ringBell(bells, tenantNamedIn(bytes))) === "notKept") return NOT_KEPT;
      bells.recent.add(id);
      return ACCEPTED;
    },
  });
}

/** A body may name one tenant, `{ "tenantId": "…" }`; anything else names none. */
function tenantNamedIn(bytes: Uint8Array): unknown {
  const value = parseBounded(bytes)?.value;
  return typeof value === "object" && value !== null && "tenantId" in value ? value.tenantId : undefined;
}
