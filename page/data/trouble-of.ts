import { UnreadableAnswer } from "./parse-overview.ts";

/** Why an answer could not be had. `fetch` reports every network failure as a TypeError and a passed deadline as a DOMException; the rest is a bug. */
export function troubleOf(error: unknown): string {
  if (error instanceof UnreadableAnswer) return error.message;
  if (error instanceof DOMException) return "the server did not answer in time";
  if (error instanceof TypeError) return "the server cannot be reached";
  throw error;
}
