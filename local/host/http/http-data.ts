import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { HttpCookie, HttpData, TypedData } from "../core-types.ts";

/** A request in the form in which the worker hands it to the library. Repeated query names are joined by a comma, as the real host does. */
export function toHttpData(
  request: IncomingMessage,
  url: URL,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): HttpData {
  const query: Record<string, string> = {};
  for (const name of new Set(url.searchParams.keys())) query[name] = url.searchParams.getAll(name).join(",");
  return {
    url: url.href,
    method: request.method ?? "GET",
    nullableHeaders: nullable(plainHeaders(request.headers)),
    nullableQuery: nullable(query),
    nullableParams: nullable(params),
    ...(body.byteLength > 0 && { body: { bytes: body } }),
  };
}

/** Headers with one text for each name. */
export function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

/** Headers that belong to one connection, and those that follow from the body. */
const NOT_PASSED_ON = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "content-length",
]);

/** Writes what the function returned; a function that returned nothing is 204, as on the real host. */
export function writeHttpData(response: ServerResponse, data: TypedData | null | undefined): void {
  const http = data?.http;
  if (http === undefined) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (!NOT_PASSED_ON.has(name.toLowerCase())) response.setHeader(name, value);
  }
  const cookies = (http.cookies ?? []).map(serializeCookie);
  if (cookies.length > 0) response.appendHeader("set-cookie", cookies);
  response.writeHead(Number(http.statusCode ?? 200));
  response.end(bytesOf(http.body));
}

function bytesOf(body: TypedData | null | undefined): Uint8Array | undefined {
  return body?.bytes ?? (body?.string === undefined ? undefined : Buffer.from(body.string));
}

const SAME_SITE = { none: undefined, lax: "lax", strict: "strict", explicitNone: "none" } as const;

function serializeCookie(cookie: HttpCookie): string {
  const sameSite = SAME_SITE[cookie.sameSite ?? "none"];
  const parts = [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    cookie.expires && `expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.maxAge && `max-age=${Math.trunc(cookie.maxAge.value)}`,
    cookie.domain && `domain=${cookie.domain.value}`,
    `path=${cookie.path?.value ?? "/"}`,
    cookie.secure?.value === true && "secure",
    sameSite && `samesite=${sameSite}`,
    cookie.httpOnly?.value === true && "httponly",
  ];
  return parts.filter((part) => typeof part === "string").join("; ");
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}
