import { isIP } from "node:net";
import type { Agent, Dispatcher } from "undici";
import { PermanentError, RetryableError } from "../errors.ts";
import { createEgressGuard } from "./egress-guard.ts";
import {
  type GuardedConnect,
  type Resolve,
  createGuardedConnect,
  refusedAddress,
  resolveBySystem,
} from "./guarded-connect.ts";
import { type Body, readBody, readErrorBody } from "./read-body.ts";
import { startDeadline } from "./request-deadline.ts";
import { type HttpResponse, checkNotHtml, toResponse } from "./response.ts";
import { retryAfterMs } from "./retry-after.ts";
import { statusError } from "./status-error.ts";
import { toolMessage } from "./tool-message.ts";
import { transportError } from "./transport-error.ts";
import { secretsOf, withoutSecrets } from "./without-secrets.ts";

export type { HttpResponse } from "./response.ts";

/** Requests to the hosts that the configuration names, each with a deadline. Redirects are never followed, nothing is repeated here. */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** What is under way fails. */
  close(): Promise<void>;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** For the whole: name, connection, request and answer. */
  readonly timeoutMs: number;
  /** Default 5 MB. */
  readonly maxResponseBytes?: number;
  /** "json": anything else than JSON is an error, HTML means a sign-in page, a sleeping instance or a proxy. "none": the answer's body is not read. */
  readonly accept: "json" | "any" | "none";
  /** Statuses outside 2xx that the caller wants to see itself. */
  readonly expect?: readonly number[];
  /** What a tool must not be quoted with although no header carries it: a client secret in the body. Headers are looked at in any case. */
  readonly secrets?: readonly string[];
  /** The address lets in whoever has it: only its host is ever said. */
  readonly isAddressSecret?: boolean;
  /** What is called, for messages: "ServiceNow". */
  readonly names?: string;
}

export interface HttpOptions {
  /** CIDRs that are let through although they are private; plain http only there. */
  readonly allowPrivate: readonly string[];
  /** Only these hosts, where given. */
  readonly allowedHosts?: readonly string[];
  /** By host: the one authority (PEM) that its certificate is trusted from, instead of the public ones. */
  readonly authorities?: Readonly<Record<string, string>>;
  readonly clock: { now(): number };
  readonly userAgent: string;
  /** For tests: how names are resolved. */
  readonly resolve?: Resolve;
}

const DEFAULT_MAX_BYTES = 5_000_000;
const CONNECTIONS_A_HOST = 64;
/** Below the idle time-outs of common servers, so that a connection is not closed while we write to it. */
const KEEP_ALIVE_MS = 4_000;

/** Cheap to make and to close: the client library is loaded with the first request. */
export function createHttp(options: HttpOptions): Http {
  const guard = createEgressGuard(options.allowPrivate);
  const resolve = options.resolve ?? resolveBySystem;
  let isClosed = false;
  let lines: Promise<Lines> | undefined;

  return {
    async send(request) {
      const { url, what } = target(request);
      checkUrl(url, what);
      lines ??= openLines();
      const { secure, plain } = await lines;
      if (isClosed) throw new RetryableError("unavailable", `${what} was not sent: the client is closed`);
      return await sendOver(url.protocol === "http:" ? plain : secure, url, what, request);
    },
    async close() {
      isClosed = true;
      const opened = await lines;
      await Promise.all([opened?.secure.agent.destroy(), opened?.plain.agent.destroy()]);
    },
  };

  async function openLines(): Promise<Lines> {
    const undici = await import("undici");
    const line = (isAllowed: (address: string) => boolean): Line => {
      const connecting = createGuardedConnect({
        build: undici.buildConnector,
        resolve,
        isAllowed,
        authorities: options.authorities ?? {},
      });
      const agent = new undici.Agent({
        connections: CONNECTIONS_A_HOST,
        connect: connecting.connect,
        keepAliveTimeout: KEEP_ALIVE_MS,
        maxHeaderSize: 32_768,
      });
      return { agent, connecting };
    };
    return { secure: line((address) => guard.isAllowed(address)), plain: line((address) => guard.isExcepted(address)) };
  }

  async function sendOver(line: Line, url: URL, what: string, request: HttpRequest): Promise<HttpResponse> {
    const isWrite = request.method !== "GET";
    const received = await receive(line, url, what, request);
    const { status, headers } = received;
    const askedMs = retryAfterMs(headers.get("retry-after"), options.clock.now());
    if (request.accept === "json") checkNotHtml(received, what, { isWrite, retryAfterMs: askedMs });
    if (isWanted(request, status)) return received;
    throw statusError(status, what, toolMessage(received.text), {
      retryAfterMs: askedMs,
      isWrite,
      location: headers.get("location"),
    });
  }

  async function receive(line: Line, url: URL, what: string, request: HttpRequest): Promise<HttpResponse> {
    if (request.signal?.aborted === true || request.timeoutMs <= 0) {
      throw new RetryableError("timeout", `${what} was not sent: no time was left`);
    }
    const deadline = startDeadline(request.timeoutMs, request.signal);
    const isWrite = request.method !== "GET";
    let response: Dispatcher.ResponseData | undefined;
    let body: Body;
    try {
      const sending = line.agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers: headersOf(request, options.userAgent),
        body: request.body ?? null,
        signal: deadline.signal,
      });
      // While it connects, undici looks at the signal no earlier than when the connection stands or has failed.
      response = await Promise.race([sending, deadline.passed]);
      body = await bodyOf(response, request);
    } catch (error) {
      const isNotSent = error instanceof Error && line.connecting.isFromConnecting(error);
      throw transportError(error, {
        what,
        mayHaveHappened: isWrite && !isNotSent,
        isAborted: deadline.signal.aborted,
        isAnswered: response !== undefined,
      });
    } finally {
      deadline.end();
    }
    if ("problem" in body) {
      throw new RetryableError("unreadable", `${what} ${body.problem}`, { mayHaveHappened: isWrite });
    }
    // Of a refusal, whoever looks at it, the words end in messages.
    const isRefusal = response.statusCode >= 300;
    const text = isRefusal ? withoutSecrets(body.text, secretsOf(request)) : body.text;
    return toResponse({ ...response, text }, what, isWrite);
  }

  function checkUrl(url: URL, what: string): void {
    const host = bareHost(url.hostname);
    const isPlain = url.protocol === "http:";
    if (!isPlain && url.protocol !== "https:") throw refused(what, "only https is spoken");
    if (url.username !== "" || url.password !== "") throw refused(what, "credentials do not belong into an address");
    if (options.allowedHosts !== undefined && !options.allowedHosts.some((allowed) => bareHost(allowed) === host)) {
      throw refused(what, "the host is not configured");
    }
    if (isIP(host) !== 0 && !guard.isAllowed(host)) throw refusedAddress(what);
    // Of a name it is known when it is resolved.
    if (isPlain && (isIP(host) === 0 ? options.allowPrivate.length === 0 : !guard.isExcepted(host))) {
      throw refused(what, "plain http goes only to addresses inside network.allowPrivate");
    }
  }
}

interface Line {
  readonly agent: Agent;
  readonly connecting: GuardedConnect;
}

interface Lines {
  readonly secure: Line;
  readonly plain: Line;
}

function isWanted(request: HttpRequest, status: number): boolean {
  return (status >= 200 && status < 300) || request.expect?.includes(status) === true;
}

async function bodyOf(response: Dispatcher.ResponseData, request: HttpRequest): Promise<Body> {
  if (!isWanted(request, response.statusCode)) return { text: await readErrorBody(response) };
  if (request.accept !== "none") return await readBody(response, request.maxResponseBytes ?? DEFAULT_MAX_BYTES);
  await response.body.dump();
  return { text: "" };
}

function headersOf(request: HttpRequest, userAgent: string): Record<string, string> {
  const own = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const accept = request.accept === "json" ? { accept: "application/json" } : {};
  return { "user-agent": userAgent, ...accept, ...Object.fromEntries(own) };
}

/** Host and path (of a secret address the host alone), never the query: it may hold a secret or what somebody searched for. */
function target(request: HttpRequest): { readonly url: URL; readonly what: string } {
  const name = request.names === undefined ? "" : `${request.names}: `;
  if (!URL.canParse(request.url)) throw refused(`${name}${request.method}`, "its address is none");
  const url = new URL(request.url);
  const path = request.isAddressSecret === true ? "" : url.pathname.slice(0, 200);
  return { url, what: `${name}${request.method} ${url.host}${path}` };
}

function refused(what: string, why: string): PermanentError {
  return new PermanentError("misconfigured", `${what} was not sent: ${why}`, {
    mend: "correct the address in the configuration",
  });
}

function bareHost(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, "");
}
