import type { IncomingHttpHeaders } from "node:http";
import { RetryableError } from "../errors.ts";
import { ADDRESS_MEND } from "./status-error.ts";

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  /** Throws `RetryableError("unreadable")` where the text is no JSON. */
  json(): unknown;
}

/** Refusals that say enough by their status, whoever wrote the page with them. */
const PLAIN: readonly number[] = [401, 408, 425, 429];

/**
 * A page for people where JSON was asked for did not come from the tool: a sign-in page, a sleeping instance, a proxy, a firewall. Nothing
 * that it says of the record is believed: no "there is none", and no refusal. What became of a write is not known then.
 */
export function checkNotHtml(
  response: HttpResponse,
  what: string,
  options: { readonly isWrite: boolean; readonly retryAfterMs: number | undefined },
): void {
  const { status } = response;
  if (!isHtml(response)) return;
  const message = `${what} answered ${status} with an HTML page where JSON was asked for`;
  const { retryAfterMs, isWrite: mayHaveHappened } = options;
  if (status < 300) {
    throw new RetryableError("unauthorized", `${message}: ${ADDRESS_MEND} (a sign-in page, or a sleeping instance)`, {
      mayHaveHappened,
    });
  }
  if (status < 400 || status >= 500 || PLAIN.includes(status)) return;
  throw new RetryableError("unreadable", `${message} (not from the tool itself: from a proxy, or a sign-in page)`, {
    retryAfterMs,
    mayHaveHappened,
  });
}

function isHtml({ status, headers, text }: HttpResponse): boolean {
  const isNamed = /\bhtml\b/i.test(headers.get("content-type") ?? "");
  // Of an error's page nothing may have been read; an answer of success without a body is none.
  return (isNamed && (status >= 400 || text !== "")) || /^\s*</.test(text);
}

export function toResponse(
  answer: { readonly statusCode: number; readonly headers: IncomingHttpHeaders; readonly text: string },
  what: string,
  isWrite: boolean,
): HttpResponse {
  const { text } = answer;
  return {
    status: answer.statusCode,
    headers: { get: (name) => headerOf(answer.headers, name) },
    text,
    json() {
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw new RetryableError("unreadable", `${what} answered JSON that cannot be read`, {
          mayHaveHappened: isWrite,
          cause: error,
        });
      }
    },
  };
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}
