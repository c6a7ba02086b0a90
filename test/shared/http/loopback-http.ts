import { onTestFinished } from "vitest";
import { type Http, type HttpOptions, type HttpRequest, createHttp } from "../../../shared/http/request.ts";

export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

/** The client under test, let through to loopback, until the test ends. */
export function createLoopbackHttp(options: Partial<HttpOptions> = {}): Http {
  const http = createHttp({
    allowPrivate: ["127.0.0.0/8"],
    clock: { now: () => NOW },
    userAgent: "dex-sync/test",
    ...options,
  });
  onTestFinished(() => http.close());
  return http;
}

export function get(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "GET", url, timeoutMs: 5_000, accept: "json", ...more };
}

export function post(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: "POST", url, timeoutMs: 5_000, accept: "json", body: "{}", ...more };
}

/** What a request is refused with. */
export async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
