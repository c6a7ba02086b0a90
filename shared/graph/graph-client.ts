import type { Context, Middleware } from "@microsoft/microsoft-graph-client";
import { RetryableError } from "../errors.ts";
import type { Http, HttpResponse } from "../http/request.ts";

/** Members of an enum past its sentinel come back as `unknownFutureValue` unless asked for; `awaitingAction` is one of them. Sent on every request, page 2 included. */
const PREFER = "include-unknown-enum-members";
const TIMEOUT_MS = 20_000;
/** A page of 50 incidents with long texts stays far below. */
const MAX_RESPONSE_BYTES = 20_000_000;

export interface Graph {
  /** Answers 2xx and 404; anything else is thrown. */
  get(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpResponse>;
  /** Follows an `@odata.nextLink`, which must lead to the configured host: anywhere else would be given our token. */
  getNext(link: string, signal: AbortSignal): Promise<HttpResponse>;
}

/**
 * The Graph client composes the requests; sending, time-outs, redirects, retries and errors are ours (`http/`): its own retry handler
 * would repeat writes and sleep inside a function, and its page iterator drops the `Prefer` header after page 1.
 */
export async function createGraph(options: {
  readonly baseUrl: string;
  readonly http: Http;
  readonly token: (signal: AbortSignal) => Promise<string>;
}): Promise<Graph> {
  const { Client, ResponseType } = await import("@microsoft/microsoft-graph-client");
  const client = Client.initWithMiddleware({
    baseUrl: `${options.baseUrl.replace(/\/$/, "")}/`,
    defaultVersion: "v1.0",
    middleware: urlOnly(),
  });

  return {
    async get(path, query, signal) {
      const composed: unknown = await client
        .api(path)
        .query(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, encodeURIComponent(value)])))
        .responseType(ResponseType.RAW)
        .get();
      return send((composed as ComposedResponse).composedUrl, signal);
    },
    async getNext(link, signal) {
      if (!URL.canParse(link) || new URL(link).origin !== new URL(options.baseUrl).origin) {
        throw new RetryableError("unreadable", "Graph named a next page on another host; it was not followed");
      }
      return send(link, signal);
    },
  };

  async function send(url: string, signal: AbortSignal): Promise<HttpResponse> {
    const token = await options.token(signal);
    const response = await options.http.send({
      method: "GET",
      url,
      headers: { authorization: `Bearer ${token}`, prefer: PREFER, accept: "application/json" },
      signal,
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      accept: "json",
      expect: [403, 404],
      names: "Microsoft Graph",
    });
    if (response.status === 403) {
      throw new RetryableError(
        "unauthorized",
        "Microsoft Graph answered 403: the application lacks SecurityIncident.Read.All, or the role has not reached its token yet (this can take hours)",
      );
    }
    return response;
  }
}

interface ComposedResponse {
  readonly composedUrl: string;
}

/** Ends the client's middleware chain where the URL is complete. */
function urlOnly(): Middleware {
  return {
    execute(context: Context): Promise<void> {
      const composedUrl = typeof context.request === "string" ? context.request : context.request.url;
      context.response = Object.assign(new Response(null, { status: 204 }), { composedUrl });
      return Promise.resolve();
    },
  };
}
