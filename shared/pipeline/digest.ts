import { createHash } from "node:crypto";

/** The first `length` hex digits of SHA-256 over the parts, each kept apart from its neighbour. */
export function digestOf(parts: readonly (string | number)[], length = 32): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, length);
}
