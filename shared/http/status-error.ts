import { PermanentError, type PermanentReason, RetryableError, type RetryableReason } from "../errors.ts";

/** The one table from status to error. What is not here is `rejected` below 500 and `unavailable` from 500 on. */
export const STATUS_ERRORS: {
  readonly retryable: Readonly<Record<number, RetryableReason>>;
  readonly permanent: Readonly<Record<number, PermanentReason>>;
} = {
  retryable: {
    401: "unauthorized",
    408: "timeout",
    425: "busy",
    429: "throttled",
    500: "unavailable",
    502: "unavailable",
    503: "unavailable",
    504: "timeout",
  },
  permanent: {
    400: "rejected",
    403: "unauthorized",
    404: "notFound",
    409: "rejected",
    410: "notFound",
    412: "rejected",
    413: "tooLarge",
    422: "rejected",
  },
};

/** What a person can look at; before the parenthesis, for what stands in one may be the tool's own words and stays out of the log. */
const CREDENTIAL_MEND = "check the credential, its secret, and that neither has expired";
export const ADDRESS_MEND = "check the address and the credential";

/** Statuses of a write that say for sure that it was not carried out. */
const NOT_DONE: readonly number[] = [401, 425, 429];

/** A status outside of what the caller expects, as an error. `said` is what the tool says of it. */
export function statusError(
  status: number,
  what: string,
  said: string,
  options: { readonly retryAfterMs: number | undefined; readonly isWrite: boolean; readonly location: string | null },
): RetryableError | PermanentError {
  const message = `${what} answered ${status}${status === 401 ? `: ${CREDENTIAL_MEND}` : ""}${said}`;
  const { retryAfterMs, isWrite } = options;
  if (status < 400) {
    // Never followed: the other host would be given our credentials.
    const place = redirectHost(options.location);
    return new RetryableError(
      "unauthorized",
      `${message}, a redirect${place}: ${ADDRESS_MEND} (a sign-in page, or a wrong address)`,
      {
        mayHaveHappened: isWrite,
      },
    );
  }
  const retryable = STATUS_ERRORS.retryable[status] ?? (status >= 500 ? "unavailable" : undefined);
  if (retryable === undefined) return new PermanentError(STATUS_ERRORS.permanent[status] ?? "rejected", message);
  const wasTurnedAway = NOT_DONE.includes(status) || (status === 503 && retryAfterMs !== undefined);
  return new RetryableError(retryable, message, { retryAfterMs, mayHaveHappened: isWrite && !wasTurnedAway });
}

function redirectHost(location: string | null): string {
  return location !== null && URL.canParse(location) ? ` to ${new URL(location).host}` : "";
}
