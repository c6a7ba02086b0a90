import { RetryableError } from "../errors.ts";
import type { Clock } from "./ports/clock.ts";

export interface Deadline {
  readonly signal: AbortSignal;
  /** To be called when the work is done, so that nothing keeps waiting. */
  stop(): void;
}

/** Made once: an error for each stop would cost more than the stop. */
const STOPPED = new Error("stopped");

/** A signal that is aborted at a moment of the given clock: nothing is sent after it. */
export function startDeadline(clock: Clock, at: number): Deadline {
  const controller = new AbortController();
  const stopped = new AbortController();
  void clock.sleep(Math.max(0, at - clock.now()), stopped.signal).then(
    () =>
      controller.abort(new RetryableError("timeout", "the time for this work has ended", { mayHaveHappened: true })),
    () => undefined,
  );
  return { signal: controller.signal, stop: () => stopped.abort(STOPPED) };
}
