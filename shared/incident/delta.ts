import { canonicalText } from "./canonical-text.ts";
import type { Incident } from "./incident.ts";
import { type Stage, lifecycleOf } from "./lifecycle.ts";

/** What changed between two readings of an incident. */
export interface Delta {
  /** Undefined for an incident seen for the first time. */
  readonly from: Stage | undefined;
  readonly to: Stage;
  /** Names of the fields of `Incident` that differ, sorted; all of them for a new incident. */
  readonly changed: readonly ChangedField[];
}

export const COMPARED_FIELDS = [
  "alerts",
  "assignedTo",
  "classification",
  "comments",
  "customTags",
  "description",
  "determination",
  "notification",
  "priorityScore",
  "redirectIncidentId",
  "resolvingComment",
  "severity",
  "status",
  "summary",
  "systemTags",
  "tasks",
  "title",
  "url",
] as const satisfies readonly (keyof Incident)[];

export type ChangedField = (typeof COMPARED_FIELDS)[number];

export function deltaOf(before: Incident | undefined, after: Incident): Delta {
  return {
    from: before === undefined ? undefined : lifecycleOf(before).stage,
    to: lifecycleOf(after).stage,
    changed: COMPARED_FIELDS.filter(
      (field) => before === undefined || canonicalText(before[field] ?? null) !== canonicalText(after[field] ?? null),
    ),
  };
}
