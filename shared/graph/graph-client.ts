import type { Client, Context, Middleware } from "@microsoft/microsoft-graph-client";
import { RetryableError } from "../errors.ts";
import type { Http, HttpResponse } from "../http/request.ts";

/** Members of an enum past its sentinel come back as `unknownFutureValue` unless asked for; `awaitingAction` is one of them. Sent on every request, page 2 included. */
const PREFER = "include-unknown-enum-members";
const TIMEOUT_MS = 20_000;
/** A page of 50 incidents with long texts stays far below. */
const MAX_RESPONSE_BYTES = 20_000_000;

export interface Graph {
  /** Answers 2xx, 404 and what the options expect; anything else is thrown. */
  get(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    options?: GraphOptions,
  ): Promise<HttpResponse>;
  /** Follows an `@odata.nextLink`, which must lead to the configured host: anywhere else would be given our token. */
  getNext(link: string, signal: AbortSignal): Promise<HttpResponse>;
  /** Sent once. Answers 2xx and what the options expect; anything else is thrown. */
  send(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
    options?: GraphOptions,
  ): Promise<HttpResponse>;
}

export interface GraphOptions {
  /** Default "v1.0". */
  readonly version?: "v1.0" | "beta";
  /** Statuses outside 2xx that the caller wants to see itself. */
  readonly expect?: readonly number[];
}

/** A bearer token; `isFresh` asks for another one than before, which was refused. */
export type GraphToken = (signal: AbortSignal, options?: { readonly isFresh?: boolean }) => Promise<string>;

/**
 * The Graph client composes the requests; sending, time-outs, redirects, retries and errors are ours (`http/`), in the one middleware at
 * the end of its chain: its own would repeat writes and sleep inside a function, and its page iterator drops the `Prefer` header after page 1.
 */
export async function createGraph(options: {
  readonly baseUrl: string;
  readonly http: Http;
  readonly token: GraphToken;
}): Promise<Graph> {
  const library = await import("@microsoft/microsoft-graph-client");
  const baseUrl = `${options.baseUrl.replace(/\/$/, "")}/`;
  const origin = new URL(baseUrl).origin;

  return {
    async get(path, query, signal, { version = "v1.0", expect = [] } = {}) {
      const call = { expect: [403, 404, ...expect], signal };
      const response = await exchange(call, (client) =>
        client
          .api(path)
          .version(version)
          .query(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, encodeURIComponent(value)])))
          .get(),
      );
      return expect.includes(403) ? response : readable(response);
    },
    async getNext(link, signal) {
      if (!URL.canParse(link) || new URL(link).origin !== origin) {
        throw new RetryableError("unreadable", "Graph named a next page on another host; it was not followed");
      }
      // Opaque: the client would take it apart and put it together again in its own way.
      return readable(await exchange({ expect: [403, 404], signal, url: link }, (client) => client.api("/").get()));
    },
    send(method, path, body, signal, { version = "v1.0", expect = [] } = {}) {
      return exchange({ expect, signal }, (client) => {
        const request = client.api(path).version(version);
        if (method === "DELETE") return request.delete();
        return method === "POST" ? request.post(body) : request.patch(body);
      });
    },
  };

  /** One request through the client. What came of it is kept beside: the client would wrap errors in its own. */
  async function exchange(call: Call, compose: (client: Client) => Promise<unknown>): Promise<HttpResponse> {
    let outcome: Promise<HttpResponse> | undefined;
    const sending: Middleware = {
      async execute(context: Context) {
        outcome = sendComposed(context, call);
        await outcome;
        context.response = new Response(null, { status: 204 });
      },
    };
    const client = library.Client.initWithMiddleware({ baseUrl, defaultVersion: "v1.0", middleware: sending });
    try {
      await compose(client);
    } catch (error) {
      if (outcome === undefined) throw error;
    }
    if (outcome === undefined) throw new Error("the Graph client sent nothing");
    return outcome;
  }

  async function sendComposed(context: Context, call: Call): Promise<HttpResponse> {
    const answer = await sendWith(await options.token(call.signal), [...call.expect, 401]);
    // Certainly not carried out, so that even a write may be sent again; once, with another token.
    return answer.status === 401 && !call.expect.includes(401)
      ? sendWith(await options.token(call.signal, { isFresh: true }), call.expect)
      : answer;

    function sendWith(token: string, expect: readonly number[]): Promise<HttpResponse> {
      const body = context.options?.body;
      return options.http.send({
        method: methodOf(context),
        url: call.url ?? urlOf(context),
        headers: {
          authorization: `Bearer ${token}`,
          prefer: PREFER,
          accept: "application/json",
          ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
        },
        ...(typeof body === "string" ? { body } : {}),
        signal: call.signal,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        accept: "json",
        expect,
        names: "Microsoft Graph",
      });
    }
  }
}

interface Call {
  readonly expect: readonly number[];
  readonly signal: AbortSignal;
  /** Where the request goes as it is, composed by Graph itself. */
  readonly url?: string;
}

function urlOf(context: Context): string {
  return typeof context.request === "string" ? context.request : context.request.url;
}

function methodOf(context: Context): "GET" | "POST" | "PATCH" | "DELETE" {
  const method = context.options?.method;
  if (method === "GET" || method === "POST" || method === "PATCH" || method === "DELETE") return method;
  throw new Error(`the Graph client composed ${String(method)}`);
}

/** Of a read that is refused the caller can do nothing: the whole tenant waits for a person. */
function readable(response: HttpResponse): HttpResponse {
  if (response.status !== 403) return response;
  throw new RetryableError(
    "unauthorized",
    "Microsoft Graph answered 403: the application lacks SecurityIncident.Read.All, or the role has not reached its token yet (this can take hours)",
  );
}
