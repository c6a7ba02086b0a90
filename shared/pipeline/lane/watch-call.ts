import { RetryableError } from "../../errors.ts";
import { type Breaker, type CallKind, isOfTheWhole } from "../breaker.ts";

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

/** The same for a call that may go by another way than the rest: that it fails counts, that it succeeds proves nothing of the tool. */
export async function watchFailure<T>(breaker: Breaker, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isOfTheWhole(error)) await heard(() => breaker.tell(error, "lookUp"));
    throw error;
  }
}

/** What became of the call is what counts: a breaker whose row cannot be read or written now is told by the next one. */
export async function heard(tell: () => Promise<void>): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
  }
}
