import type { LookupAddress } from "node:dns";
import { lookup as systemLookup } from "node:dns";
import { type LookupFunction, isIP } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { PermanentError, RetryableError } from "../errors.ts";
import { createEgressGuard } from "./egress-guard.ts";
import { readBody } from "./read-body.ts";
import { retryAfterMs } from "./retry-after.ts";
import { statusError } from "./status-error.ts";
import { toolMessage } from "./tool-message.ts";

/** Requests to the hosts that the configuration names, each with a deadline. Redirects are never followed, nothing is repeated here. */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  /** Default 5 MB. */
  readonly maxResponseBytes?: number;
  /** "json": anything else than JSON is an error, HTML means a sign-in page or a sleeping instance. */
  readonly accept: "json" | "any" | "none";
  /** Statuses outside 2xx that the caller wants to see itself. */
  readonly expect?: readonly number[];
  /** What is called, for messages: "ServiceNow". */
  readonly names?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  json(): unknown;
}

export interface HttpOptions {
  /** CIDRs that are let through although they are private; plain http only there. */
  readonly allowPrivate: readonly string[];
  /** Only these hosts, where given. */
  readonly allowedHosts?: readonly string[];
  readonly clock: { now(): number };
  readonly userAgent: string;
  /** For tests: how names are resolved. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

const DEFAULT_MAX_BYTES = 5_000_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_A_HOST = 64;

export function createHttp(options: HttpOptions): Http {
  const guard = createEgressGuard(options.allowPrivate);
  const resolve = options.resolve ?? resolveAll;
  const secure = agentFor((address) => guard.isAllowed(address));
  const plain = agentFor((address) => guard.isExcepted(address));

  return {
    send,
    async close() {
      await Promise.all([secure.destroy(), plain.destroy()]);
    },
  };

  function agentFor(isAllowed: (address: string) => boolean): Agent {
    return new Agent({
      connections: CONNECTIONS_A_HOST,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(resolve, isAllowed) },
      maxHeaderSize: 32_768,
    });
  }

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const what = `${request.method} ${request.names ?? url.hostname} ${url.pathname}`;
    checkUrl(url, what);
    const signal = AbortSignal.any([
      AbortSignal.timeout(request.timeoutMs),
      ...(request.signal === undefined ? [] : [request.signal]),
    ]);
    const isWrite = request.method !== "GET";
    if (signal.aborted) throw new RetryableError("timeout", `${what} was not sent: no time was left`);
    let response: Dispatcher.ResponseData;
    let text: string;
    try {
      response = await (url.protocol === "http:" ? plain : secure).request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: { "user-agent": options.userAgent, ...acceptHeader(request.accept), ...request.headers },
        body: request.body ?? null,
        signal,
      });
      text = await readBody(response, request.maxResponseBytes ?? DEFAULT_MAX_BYTES, what);
    } catch (error) {
      throw transportError(error, what, isWrite);
    }
    const headers = headersOf(response);
    const isWanted =
      (response.statusCode >= 200 && response.statusCode < 300) || request.expect?.includes(response.statusCode);
    if (isWanted !== true) {
      throw statusError(response.statusCode, what, toolMessage(text), {
        retryAfterMs: retryAfterMs(headers.get("retry-after"), options.clock.now()),
        isWrite,
      });
    }
    return responseOf(response.statusCode, headers, text, request, what);
  }

  function checkUrl(url: URL, what: string): void {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (options.allowedHosts !== undefined && !options.allowedHosts.includes(host)) {
      throw new PermanentError("misconfigured", `${what} was not sent: the host is not configured`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new PermanentError("misconfigured", `${what} was not sent: credentials do not belong into an address`);
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new PermanentError("misconfigured", `${what} was not sent: only https is spoken`);
    }
    if (isIP(host) !== 0 && !guard.isAllowed(host)) throw refusedAddress(what);
    const isPlain = url.protocol === "http:";
    if (isPlain && options.allowPrivate.length === 0) {
      throw new PermanentError(
        "misconfigured",
        `${what} was not sent: plain http goes only to addresses inside network.allowPrivate`,
      );
    }
    if (isPlain && isIP(host) !== 0 && !guard.isExcepted(host)) {
      throw new PermanentError(
        "misconfigured",
        `${what} was not sent: plain http goes only to addresses inside network.allowPrivate`,
      );
    }
  }
}

/** For names: only where every address is allowed are they handed on, and exactly these are connected to. */
function guardedLookup(resolve: typeof resolveAll, isAllowed: (address: string) => boolean): LookupFunction {
  return (host, lookupOptions, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
          callback(Object.assign(new Error(`${host} resolves to a refused address`), { code: "EGRESS_REFUSED" }), []);
          return;
        }
        if (lookupOptions.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

function resolveAll(host: string): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}

function refusedAddress(what: string): PermanentError {
  return new PermanentError("misconfigured", `${what} was not sent: the address is private`, {
    mend: "if this is meant, name its range in network.allowPrivate",
  });
}

/** Codes of failures before anything was sent. */
const NOT_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "EHOSTUNREACH", "ENETUNREACH"];

function transportError(error: unknown, what: string, isWrite: boolean): Error {
  if (error instanceof RetryableError || error instanceof PermanentError) {
    if (!(error instanceof RetryableError) || error.reason !== "timeout") return error;
    return new RetryableError("timeout", `${what} was cut off: ${error.message}`, {
      mayHaveHappened: isWrite,
      cause: error,
    });
  }
  if (!(error instanceof Error))
    return new RetryableError("unavailable", `${what} failed`, { mayHaveHappened: isWrite });
  const code = "code" in error ? String(error.code) : "";
  if (code === "EGRESS_REFUSED") return refusedAddress(what);
  const isTimeout = error.name === "TimeoutError" || error.name === "AbortError" || code.endsWith("_TIMEOUT");
  return new RetryableError(isTimeout ? "timeout" : "unavailable", `${what} got no answer (${code || error.name})`, {
    mayHaveHappened: isWrite && !NOT_SENT.includes(code),
    cause: error,
  });
}

function acceptHeader(accept: HttpRequest["accept"]): Record<string, string> {
  return accept === "json" ? { accept: "application/json" } : {};
}

function headersOf(response: Dispatcher.ResponseData): HttpResponse["headers"] {
  return {
    get(name) {
      const value = response.headers[name.toLowerCase()];
      if (value === undefined) return null;
      return Array.isArray(value) ? value.join(", ") : value;
    },
  };
}

function responseOf(
  status: number,
  headers: HttpResponse["headers"],
  text: string,
  request: HttpRequest,
  what: string,
): HttpResponse {
  const type = headers.get("content-type") ?? "";
  if (request.accept === "json" && text !== "" && !/\bjson\b/i.test(type)) {
    throw new RetryableError(
      "unauthorized",
      `${what} answered ${type.split(";")[0] || "no content type"} where JSON was asked for (a sign-in page, or a sleeping instance)`,
    );
  }
  return {
    status,
    headers,
    text,
    json() {
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new RetryableError("unreadable", `${what} answered JSON that cannot be read`, {
          mayHaveHappened: request.method !== "GET",
          cause: error,
        });
      }
    },
  };
}
