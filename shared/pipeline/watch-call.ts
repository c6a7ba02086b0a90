import { RetryableError } from "../errors.ts";
import type { Breaker, CallKind } from "./breaker.ts";

/** Makes a call of a tool; what it comes to is told to the breaker. */
export async function watchCall<T>(breaker: Breaker, kind: CallKind, call: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await call();
  } catch (error) {
    await heard(() => breaker.tell(error, kind));
    throw error;
  }
  await heard(() => breaker.tell(undefined, kind));
  return result;
}

/** What became of the call is what counts: a breaker whose row cannot be read or written now is told by the next one. */
export async function heard(tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
  }
}
