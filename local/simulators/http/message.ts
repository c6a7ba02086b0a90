import type { IncomingHttpHeaders } from "node:http";

/** A request as a simulated service sees it. */
export interface Call {
  readonly method: string;
  /** Without the query, as sent (still percent-encoded). */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `http://127.0.0.1:port`, for the links a service puts in its answers. */
  readonly origin: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a path leads to; `kind` names it in the counters. */
export interface Route {
  readonly kind: string;
  run(call: Call): Reply | Promise<Reply>;
}

type Headers = Readonly<Record<string, string>>;

export function jsonReply(status: number, value: unknown, headers: Headers = {}): Reply {
  return textReply(status, "application/json; charset=utf-8", JSON.stringify(value), headers);
}

export function htmlReply(status: number, body: string, headers: Headers = {}): Reply {
  return textReply(status, "text/html; charset=utf-8", body, headers);
}

export function textReply(status: number, contentType: string, body: string, headers: Headers = {}): Reply {
  return { status, headers: { "content-type": contentType, ...headers }, body };
}

export function emptyReply(status: number, headers: Headers = {}): Reply {
  return { status, headers, body: "" };
}

/** The body as an object; undefined where it is not JSON or not an object. */
export function objectIn(body: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isObject(value) ? value : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
