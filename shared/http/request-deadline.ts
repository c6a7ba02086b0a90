export interface RequestDeadline {
  /** Aborted when the time is over, or by the caller. */
  readonly signal: AbortSignal;
  /** Rejects then. */
  readonly passed: Promise<never>;
  /** Lets go of the timer and of the caller's signal. */
  end(): void;
}

export function startDeadline(timeoutMs: number, outer: AbortSignal | undefined): RequestDeadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  outer?.addEventListener("abort", abort, { once: true });
  if (outer?.aborted === true) abort();
  const { signal } = controller;
  return {
    signal,
    passed: new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("the time is over")), { once: true });
    }),
    end() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}
