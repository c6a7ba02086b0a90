import type { RestError } from "@azure/data-tables";
import { PermanentError, RetryableError } from "../errors.ts";
import { retryAfterMs } from "../http/retry-after.ts";
import { ConflictError } from "../pipeline/ports/table.ts";

/** Status and code of an answer, or of one part of a batch. Source: Table service REST API, "Status and error codes". */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;
}

export interface Operation {
  /** For messages: "table incident". */
  readonly what: string;
  readonly isWrite: boolean;
}

const TOO_LARGE: readonly string[] = [
  "EntityTooLarge",
  "PropertyValueTooLarge",
  "RequestBodyTooLarge",
  "ContentLengthExceeded",
];
const NOT_SENT: readonly string[] = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];
const ROLE_MEND = "does its identity have the role Storage Table Data Contributor on the storage account?";

export function refusalOf(error: RestError): Refusal | undefined {
  const { statusCode: status, response } = error;
  if (status === undefined) return undefined;
  const details = error.details as { readonly odataError?: { readonly code?: string } } | undefined;
  const code = details?.odataError?.code ?? error.code ?? "";
  return { status, code, retryAfter: response?.headers.get("retry-after") ?? null };
}

/** No such row: nothing else that answers 404 is. */
export function isNoSuchRow(refusal: Refusal): boolean {
  return refusal.status === 404 && (refusal.code === "ResourceNotFound" || refusal.code === "EntityNotFound");
}

export function refusalError(refusal: Refusal, { what, isWrite }: Operation, cause?: unknown): Error {
  const { status, code } = refusal;
  const message = `${what} answered ${status} ${code}`;
  const wait = retryAfterMs(refusal.retryAfter, Date.now());
  if (status < 400) {
    return new RetryableError("unreadable", `${what} answered what cannot be read`, {
      mayHaveHappened: isWrite,
      cause,
    });
  }
  if (status === 412 || (status === 409 && code === "EntityAlreadyExists") || isNoSuchRow(refusal)) {
    return new ConflictError(`${message}: another version is there`, { cause });
  }
  if (status === 413 || TOO_LARGE.includes(code)) return new PermanentError("tooLarge", message, { cause });
  if (status === 401 || status === 403) {
    return new RetryableError("unauthorized", `${message}: ${ROLE_MEND}`, { cause });
  }
  if (status === 429 || (status === 503 && code === "ServerBusy")) {
    return new RetryableError("throttled", message, { retryAfterMs: wait, cause });
  }
  // A table that is gone or going is made again by a restart: nothing is to be parked for it.
  if (status === 404 || status === 409) return new RetryableError("unavailable", message, { cause });
  if (status < 500 && status !== 408) return new PermanentError("rejected", message, { cause });
  return new RetryableError(code === "OperationTimedOut" || status === 408 ? "timeout" : "unavailable", message, {
    retryAfterMs: wait,
    mayHaveHappened: isWrite,
    cause,
  });
}

/** May go away by itself, within moments. */
export function isPassing(refusal: Refusal): boolean {
  return refusal.status === 429 || refusal.status >= 500;
}

/** No answer at all. */
export function networkError(error: RestError, { what, isWrite }: Operation): RetryableError {
  const code = error.code ?? "";
  const inner = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : code;
  return new RetryableError("unavailable", `${what} gave no answer (${inner})`, {
    mayHaveHappened: isWrite && !NOT_SENT.includes(inner) && !NOT_SENT.includes(code),
    cause: error,
  });
}
