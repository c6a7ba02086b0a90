import type { SimulatorClock } from "../clock.ts";
import { type Call, htmlReply, type Reply } from "../http/message.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import type { GraphReplies } from "./graph-reply.ts";

/** What stands before every call: the token, the quota, the bad days. Undefined lets the call through. */
export interface Gate {
  check(call: Call): Reply | undefined;
  /** The bearer tokens that are good now. */
  setTokens(tokens: readonly string[]): void;
}

const WINDOW_MS = 60_000;

export function createGate(clock: SimulatorClock, behaviour: GraphBehaviour, replies: GraphReplies): Gate {
  let accepted = new Set<string>();
  let windowStart = clock.now();
  let used = 0;

  function throttled(): Reply | undefined {
    const now = clock.now();
    if (now - windowStart >= WINDOW_MS || now < windowStart) {
      windowStart = now;
      used = 0;
    }
    used += 1;
    if (behaviour.quotaPerMinute === 0 || used <= behaviour.quotaPerMinute) return undefined;
    return replies.error(429, "TooManyRequests", "Too many requests.", retryAfter(windowStart + WINDOW_MS, now));
  }

  function retryAfter(until: number, now: number): Record<string, string> {
    const seconds = Math.max(1, Math.ceil((until - now) / 1000));
    switch (behaviour.retryAfter) {
      case "seconds":
        return { "retry-after": String(seconds) };
      case "date":
        return { "retry-after": new Date(Math.ceil((now + seconds * 1000) / 1000) * 1000).toUTCString() };
      case "none":
        return {};
    }
  }

  function unauthorized(message: string): Reply {
    return replies.error(401, "InvalidAuthenticationToken", message, {
      "www-authenticate":
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    });
  }

  return {
    check(call) {
      const [, token] = /^Bearer (.+)$/i.exec(call.headers.authorization ?? "") ?? [];
      if (token === undefined) return unauthorized("Access token is empty.");
      if (!accepted.has(token) || behaviour.answer === "unauthorized")
        return unauthorized("Lifetime validation failed, the token is expired.");
      if (behaviour.answer === "forbidden")
        return replies.forbidden("Missing application scopes. API required roles: SecurityIncident.Read.All.");
      if (behaviour.answer === "html")
        return htmlReply(200, "<!doctype html><title>Sign in to your account</title><h1>Sign in</h1>");
      return throttled();
    },
    setTokens(tokens) {
      accepted = new Set(tokens);
    },
  };
}
