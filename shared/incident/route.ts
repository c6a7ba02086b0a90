import type { Incident } from "./incident.ts";
import { isExpertsNotification } from "./scope.ts";
import { type Severity, severityOf } from "./verdict.ts";

/**
 * Which incidents a connector wants. What is not named is not asked about, so an empty route wants everything; what is named must hold
 * together, and of each list one is enough.
 */
export interface Route {
  /** A severity that is not known is never kept back. */
  readonly severities?: readonly Severity[];
  /** Tags in Defender, a person's or the system's; compared without case. */
  readonly tags?: readonly string[];
  /** Of any alert; compared by letters and digits alone. Alerts that were not read yet have none. */
  readonly categories?: readonly string[];
  readonly kinds?: readonly Kind[];
}

/** A Defender Experts Notification is a kind of its own. */
export type Kind = "incident" | "notification";

export function isRouted(incident: Incident, route: Route): boolean {
  return (
    isOfSeverity(incident, route.severities) &&
    hasTag(incident, route.tags) &&
    hasCategory(incident, route.categories) &&
    isOfKind(incident, route.kinds)
  );
}

function isOfSeverity(incident: Incident, wanted: Route["severities"]): boolean {
  const severity = severityOf(incident.severity);
  return wanted === undefined || severity === "unknown" || severity === "unrecognised" || wanted.includes(severity);
}

function hasTag({ customTags, systemTags }: Incident, wanted: Route["tags"]): boolean {
  if (wanted === undefined) return true;
  const tags = new Set([...customTags, ...systemTags].map((tag) => tag.toLowerCase()));
  return wanted.some((tag) => tags.has(tag.toLowerCase()));
}

function hasCategory({ alerts }: Incident, wanted: Route["categories"]): boolean {
  if (wanted === undefined) return true;
  const categories = new Set(alerts?.rows.map(({ category }) => lettersOf(category)));
  return wanted.some((category) => categories.has(lettersOf(category)));
}

/** The portal shows "Initial access" where Graph has `InitialAccess`. */
function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function isOfKind(incident: Incident, wanted: Route["kinds"]): boolean {
  return wanted === undefined || wanted.includes(isExpertsNotification(incident) ? "notification" : "incident");
}
