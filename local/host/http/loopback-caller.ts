import type { IncomingHttpHeaders } from "node:http";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Whether a request comes from this machine's own tools or from our own page, and from no other page in its browser.
 * The Host header guards against a foreign name that was pointed at 127.0.0.1 (DNS rebinding), the others against a page elsewhere that calls us.
 */
export function isLoopbackCaller(headers: IncomingHttpHeaders, port: number): boolean {
  if (!isOurAuthority(headers.host, port)) return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = headers;
  return origin === undefined || (origin.startsWith("http://") && isOurAuthority(origin.slice("http://".length), port));
}

function isOurAuthority(authority: string | undefined, port: number): boolean {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority ?? "");
  return match !== null && LOOPBACK.test(match[1] ?? "") && Number(match[2] ?? 80) === port;
}
