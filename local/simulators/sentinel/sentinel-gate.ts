import type { SimulatorClock } from "../clock.ts";
import type { Call, Reply } from "../http/message.ts";
import type { SentinelBehaviour } from "./sentinel-behaviour.ts";
import { azureError } from "./sentinel-reply.ts";
import { refuseByRole, refuseMissing, refuseWrite } from "./sentinel-scope.ts";

/** What stands before every call. Undefined lets it through. */
export interface SentinelGate {
  /** Who calls, and in which words. */
  check(call: Call): Reply | undefined;
  /** Whether what is called is there, and whether the caller may. */
  admit(call: Call): Reply | undefined;
  /** Counts a write of one endpoint against its limit. */
  spend(endpoint: "incidents" | "comments"): Reply | undefined;
  setTokens(tokens: readonly string[]): void;
}

const WINDOW_MS = 300_000;

export function createSentinelGate(clock: SimulatorClock, behaviour: SentinelBehaviour): SentinelGate {
  let accepted = new Set<string>();
  const windows = new Map<string, { readonly start: number; used: number }>();

  return {
    check(call) {
      const [, token] = /^Bearer (.+)$/i.exec(call.headers.authorization ?? "") ?? [];
      if (token === undefined)
        return azureError(
          401,
          "AuthenticationFailed",
          "Authentication failed. The 'Authorization' header is missing.",
          {
            "www-authenticate": 'Bearer authorization_uri="https://login.microsoftonline.com/"',
          },
        );
      if (!accepted.has(token)) return azureError(401, "ExpiredAuthenticationToken", "The access token has expired.");
      const version = call.query.get("api-version");
      if (version === null)
        return azureError(
          400,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.",
        );
      if (!/^20\d\d-\d\d-\d\d(-preview)?$/.test(version))
        return azureError(400, "InvalidApiVersionParameter", `The api-version '${version}' is invalid.`);
      return undefined;
    },
    admit(call) {
      // Azure knows no roles in a subscription that is not there; below it, it says what is missing only to those who may look.
      return behaviour.missing === "subscription"
        ? refuseMissing(call, behaviour)
        : (refuseByRole(call, behaviour) ?? refuseMissing(call, behaviour) ?? refuseWrite(call, behaviour));
    },
    spend(endpoint) {
      const now = clock.now();
      const held = windows.get(endpoint);
      const window = held === undefined || now - held.start >= WINDOW_MS ? { start: now, used: 0 } : held;
      windows.set(endpoint, window);
      window.used += 1;
      if (behaviour.putLimit === 0 || window.used <= behaviour.putLimit) return undefined;
      const seconds = Math.max(1, Math.ceil((window.start + WINDOW_MS - now) / 1000));
      return azureError(429, "TooManyRequests", "Request limit exceeded.", { "retry-after": String(seconds) });
    },
    setTokens(tokens) {
      accepted = new Set(tokens);
    },
  };
}
