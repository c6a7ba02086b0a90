import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http, HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { loadSchemaCheck } from "../../schema-check.ts";
import { TokenAnswerSchema } from "./schema.ts";

export type ServiceNowAuth =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "oauth"; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: "apiKey"; readonly key: string };

/** The headers that say who we are. */
export interface Authorization {
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Forgets what these headers carried, so that the next ask renews it; false where there is nothing to renew. */
  forget(headers: Readonly<Record<string, string>>): boolean;
}

const TIMEOUT_MS = 15_000;
/** ServiceNow's own default life of a token. */
const DEFAULT_LIFE_S = 1_800;
/** A token is renewed so long before it ends. */
const EARLY_MS = 60_000;

export function createAuthorization(options: {
  readonly url: string;
  readonly auth: ServiceNowAuth;
  readonly http: Http;
  readonly clock: { now(): number };
}): Authorization {
  const { auth } = options;
  switch (auth.kind) {
    case "basic":
      return fixed({ authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}` });
    case "apiKey":
      return fixed({ "x-sn-apikey": auth.key });
    case "oauth":
      return clientCredentials(options, auth);
  }
}

function fixed(headers: Readonly<Record<string, string>>): Authorization {
  return { headers: () => Promise.resolve(headers), forget: () => false };
}

interface Held {
  readonly header: string;
  readonly until: number;
}

/** The client credentials grant. One request at a time asks for a token; all others wait for its answer, each until its own signal ends. */
function clientCredentials(
  options: { readonly url: string; readonly http: Http; readonly clock: { now(): number } },
  auth: { readonly clientId: string; readonly clientSecret: string },
): Authorization {
  let held: Held | undefined;
  let asking: Promise<Held> | undefined;

  return {
    async headers(signal) {
      if (held !== undefined && options.clock.now() < held.until) return { authorization: held.header };
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      held = await unlessAborted(asking, signal);
      return { authorization: held.header };
    },
    forget(headers) {
      if (held?.header === headers["authorization"]) held = undefined;
      return true;
    },
  };

  async function ask(): Promise<Held> {
    const response = await post();
    if (response.status >= 400) {
      throw new RetryableError(
        "unauthorized",
        `ServiceNow gave no token (${response.status}${toolMessage(response.text)}): check client id and secret, the OAuth application user, and the property glide.oauth.inbound.client.credential.grant_type.enabled`,
      );
    }
    const check = await loadSchemaCheck(TokenAnswerSchema);
    const checked = check(response.json());
    if ("problems" in checked) {
      throw new RetryableError(
        "unreadable",
        `ServiceNow's answer to a token request has no token (${checked.problems.join("; ")})`,
      );
    }
    const lifeS = Number(checked.value.expires_in ?? DEFAULT_LIFE_S);
    const lifeMs = (Number.isFinite(lifeS) && lifeS > 0 ? lifeS : DEFAULT_LIFE_S) * 1_000;
    return {
      header: `Bearer ${headerText(checked.value.access_token)}`,
      until: options.clock.now() + lifeMs - Math.min(EARLY_MS, lifeMs / 2),
    };
  }

  async function post(): Promise<HttpResponse> {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof RetryableError) || !error.mayHaveHappened) throw error;
      // Nothing was written to a ticket, whatever became of the request for a token.
      throw new RetryableError(error.reason, error.message, { retryAfterMs: error.retryAfterMs, cause: error });
    }
  }

  function send(): Promise<HttpResponse> {
    return options.http.send({
      method: "POST",
      url: `${options.url}/oauth_token.do`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: auth.clientId,
        client_secret: auth.clientSecret,
      }).toString(),
      timeoutMs: TIMEOUT_MS,
      accept: "json",
      expect: [400, 403],
      secrets: [auth.clientSecret],
      names: "ServiceNow",
    });
  }
}

function headerText(token: string): string {
  if (/^[\x21-\x7E]+$/.test(token)) return token;
  throw new PermanentError("malformed", "ServiceNow gave a token that cannot stand in a header");
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(new RetryableError("timeout", "no time was left to wait for a token", { cause: signal.reason }));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
