import type { IncomingHttpHeaders } from "node:http";
import { RetryableError } from "../errors.ts";

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  /** Throws `RetryableError("unreadable")` where the text is no JSON. */
  json(): unknown;
}

/** Answers that would be believed as "there is none": they must come from the tool itself. */
const MISSING: readonly number[] = [404, 410];

/** A page for people where JSON was asked for did not come from the tool: a sign-in page, a sleeping instance, a proxy. */
export function checkNotHtml(response: HttpResponse, what: string, isWrite: boolean): void {
  const isHtml = /\bhtml\b/i.test(response.headers.get("content-type") ?? "") || /^\s*</.test(response.text);
  if (!isHtml || response.text === "") return;
  const message = `${what} answered ${response.status} with a page where JSON was asked for`;
  if (response.status < 300) {
    throw new RetryableError("unauthorized", `${message} (a sign-in page, or a sleeping instance)`, {
      mayHaveHappened: isWrite,
    });
  }
  if (MISSING.includes(response.status)) {
    throw new RetryableError("unreadable", `${message} (not from the tool itself?)`, { mayHaveHappened: isWrite });
  }
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
