import { canonicalText } from "./canonical-text.ts";
import type { Incident } from "./incident.ts";

/** Raised when `sourceText` changes. The stored snapshot's text is made anew before comparing, so an upgrade publishes nothing. */
export const SOURCE_TEXT_VERSION = 2;

/**
 * What counts as a change: everything read of the incident but the moment it was last touched and by whom. Sets are compared as sets.
 * A part that was not read this time is taken from the snapshot by the caller, so that "not read" is never a change.
 */
export function sourceText(incident: Incident): string {
  const {
    revision: _revision,
    updatedAt: _updatedAt,
    lastModifiedBy: _lastModifiedBy,
    alerts,
    tasks,
    notification,
    ...rest
  } = incident;
  return canonicalText({
    version: SOURCE_TEXT_VERSION,
    ...rest,
    customTags: rest.customTags.toSorted(),
    systemTags: rest.systemTags.toSorted(),
    alerts: withoutReadAt(alerts),
    tasks: withoutReadAt(tasks),
    notification: withoutReadAt(notification),
  });
}

/** That a part was read again is no change. */
export function withoutReadAt<T extends { readonly readAt: number }>(part: T | undefined): Omit<T, "readAt"> | null {
  if (part === undefined) return null;
  const { readAt: _readAt, ...content } = part;
  return content;
}
