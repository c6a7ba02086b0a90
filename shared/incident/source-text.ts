import { canonicalText } from "./canonical-text.ts";
import type { Incident } from "./incident.ts";

/** Raised when `sourceText` changes. The stored snapshot's text is made anew before comparing, so an upgrade publishes nothing. */
export const SOURCE_TEXT_VERSION = 1;

/**
 * What counts as a change: everything read of the incident but the moment it was last touched and by whom. Sets are compared as sets.
 * An alerts part that was not read this time is taken from the snapshot by the caller, so that "not read" is never a change.
 */
export function sourceText(incident: Incident): string {
  const { revision: _revision, updatedAt: _updatedAt, lastModifiedBy: _lastModifiedBy, alerts, ...rest } = incident;
  return canonicalText({
    version: SOURCE_TEXT_VERSION,
    ...rest,
    customTags: rest.customTags.toSorted(),
    systemTags: rest.systemTags.toSorted(),
    alerts: alerts === undefined ? null : { count: alerts.count, rows: alerts.rows, assets: alerts.assets },
  });
}
