import { createHash } from "node:crypto";
import { canonicalText } from "../incident/canonical-text.ts";

/** Hex digits of the hash: as a number they are exact. */
const DIGITS = 12;

/** Of the code's mapping and the configuration's together, so that a change of either is seen on a link. What is not configured keeps the code's own number. */
export function mappingVersionOf(ofCode: number, configured: object | undefined): number {
  if (configured === undefined || Object.keys(configured).length === 0) return ofCode;
  const text = `${ofCode} ${canonicalText(configured)}`;
  return Number.parseInt(createHash("sha256").update(text).digest("hex").slice(0, DIGITS), 16);
}
