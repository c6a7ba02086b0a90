import { randomBytes } from "node:crypto";
import type { SimulatorClock } from "../clock.ts";
import { type Call, jsonReply, type Reply } from "../http/message.ts";
import type { ServiceNowBehaviour } from "./servicenow-behaviour.ts";

export interface ServiceNowCredentials {
  readonly username: string;
  readonly password: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly apiKey: string;
}

export const DEFAULT_CREDENTIALS: ServiceNowCredentials = {
  username: "dex-sync",
  password: "simulated-password",
  clientId: "simulated-client",
  clientSecret: "simulated-secret",
  apiKey: "simulated-api-key",
};

export interface Credentials {
  /** The user a call comes from; undefined where it proves nothing. */
  userOf(call: Call): string | undefined;
  /** `POST /oauth_token.do`: a form, and only a form. */
  grant(call: Call): Reply;
  /** Makes every token handed out so far worthless. */
  revokeTokens(): void;
}

export function createCredentials(
  accepted: ServiceNowCredentials,
  clock: SimulatorClock,
  behaviour: ServiceNowBehaviour,
): Credentials {
  const tokens = new Map<string, number>();
  const basic = `Basic ${Buffer.from(`${accepted.username}:${accepted.password}`).toString("base64")}`;

  function isLive(token: string): boolean {
    const until = tokens.get(token);
    if (until !== undefined && until > clock.now()) return true;
    tokens.delete(token);
    return false;
  }

  function grant(call: Call): Reply {
    if (!(call.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded"))
      return jsonReply(401, { error_description: "access_denied", error: "server_error" });
    const form = new URLSearchParams(call.body);
    const isClient = form.get("client_id") === accepted.clientId && form.get("client_secret") === accepted.clientSecret;
    if (!isClient) return jsonReply(401, { error_description: "access_denied", error: "invalid_client" });
    const kind = form.get("grant_type");
    const isUser = form.get("username") === accepted.username && form.get("password") === accepted.password;
    if (kind !== "client_credentials" && !(kind === "password" && isUser))
      return jsonReply(401, { error_description: "access_denied", error: "unsupported_grant_type" });
    const token = randomBytes(48).toString("base64url");
    tokens.set(token, clock.now() + behaviour.tokenLifeS * 1000);
    return jsonReply(200, {
      access_token: token,
      scope: "useraccount",
      token_type: "Bearer",
      expires_in: behaviour.tokenLifeS,
    });
  }

  return {
    userOf(call) {
      const authorization = call.headers.authorization ?? "";
      const isKnown =
        authorization === basic ||
        call.headers["x-sn-apikey"] === accepted.apiKey ||
        (authorization.startsWith("Bearer ") && isLive(authorization.slice("Bearer ".length)));
      return isKnown ? accepted.username : undefined;
    },
    grant,
    revokeTokens: () => tokens.clear(),
  };
}
