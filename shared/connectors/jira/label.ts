import type { CorrelationKey } from "../../incident/correlation-key.ts";

/** Key of the issue property that holds the correlation key: a clone of the issue has the label, but not the property. */
export const PROPERTY = "dex-sync";

/**
 * The label an issue is found by: `mdx:<tenant>:<incident>` with underscores for colons. A tenant's id has none, so that no two keys have
 * the same label; labels take no spaces, and are compared with case.
 */
export function keyLabel(key: CorrelationKey): string {
  return key.replaceAll(":", "_");
}

/** A tag as Jira's labels allow it. */
export function toLabel(tag: string): string {
  return tag.replace(/\s+/g, "-");
}
