import type { Violation } from "./verdict.ts";

/** Findings that wait to be mended in the product: told apart in every report, so that a new one is seen. An entry goes with its bug. */
const KNOWN: readonly { readonly name: string; fits(violation: Violation): boolean }[] = [];

export function knownAs(violation: Violation): string | undefined {
  return KNOWN.find((known) => known.fits(violation))?.name;
}
