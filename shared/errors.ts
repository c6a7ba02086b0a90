/**
 * Kinds of error are told apart by a mark, not by their class object: on one machine the store and the bundle each carry their own copy of
 * these classes, and an error crosses from one to the other.
 */
export function hasMark(value: unknown, mark: symbol): boolean {
  return typeof value === "object" && value !== null && mark in value;
}

const RETRYABLE = Symbol.for("dex-sync.RetryableError");
const PERMANENT = Symbol.for("dex-sync.PermanentError");

/**
 * Work that may succeed later: throttled, 5xx, time-out, lost ETag. The lane schedules a copy and completes the message.
 * `mayHaveHappened` is true where the request could have been carried out although no answer came (a time-out after sending):
 * then what was claimed is verified before anything is sent again.
 */
export class RetryableError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasMark(value, RETRYABLE);
  }

  readonly [RETRYABLE] = true;
  readonly retryAfterMs: number | undefined;
  readonly mayHaveHappened: boolean;
  readonly reason: RetryableReason;
  /** What a person can do about it, where the tool's answer tells. */
  readonly mend: string;
  /** Fields that the tool had refused before this: they were not written, whatever else may have been. */
  readonly refusedFields: readonly string[];
  /** True where writing alone is refused, of every record: that look-ups work does not show that it is over, only a write does. */
  readonly isOfWrites: boolean;

  constructor(
    reason: RetryableReason,
    message: string,
    options: {
      retryAfterMs?: number | undefined;
      mayHaveHappened?: boolean;
      mend?: string | undefined;
      refusedFields?: readonly string[];
      isOfWrites?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "RetryableError";
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.mayHaveHappened = options.mayHaveHappened ?? false;
    this.mend = options.mend ?? "";
    this.refusedFields = options.refusedFields ?? [];
    this.isOfWrites = options.isOfWrites ?? false;
  }
}

/**
 * `unauthorized`: the credential as a whole is refused (401, or 403 on a look-up or of a role); nothing of this connector can flow until it is mended.
 * `refused`: one record's own refusal, met when part of the work was done already. It says nothing of the tool as a whole.
 */
export type RetryableReason =
  "throttled" | "unavailable" | "timeout" | "conflict" | "unauthorized" | "unreadable" | "busy" | "refused";

/** Work that no repetition mends. The lane parks it with its reason; a newer change of the same incident tries again. */
export class PermanentError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasMark(value, PERMANENT);
  }

  readonly [PERMANENT] = true;
  readonly reason: PermanentReason;
  /** What a person can do about it, in one sentence. */
  readonly mend: string;

  constructor(reason: PermanentReason, message: string, options: { mend?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "PermanentError";
    this.reason = reason;
    this.mend = options.mend ?? "";
  }
}

/** `final`: the tool takes no more changes of this record (ServiceNow: Closed). `gone`: it wants nothing more of anything, until somebody says otherwise. */
export type PermanentReason =
  "malformed" | "unauthorized" | "notFound" | "rejected" | "final" | "tooLarge" | "misconfigured" | "gone";
