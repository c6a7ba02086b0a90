import { GROWING_FIELDS } from "../../incident/unknown-values.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import type { UnknownValueCounts } from "./overview.ts";

/** So many are listed by name: a tenant whose values all were strange would fill the page. */
const LISTED = 20;

/** How many incidents have a value that this version does not know, most frequent first; undefined where none has. */
export function countUnknownValues(rows: readonly IncidentSummary[]): UnknownValueCounts | undefined {
  const counts = new Map<string, UnknownValueCounts["values"][number]>();
  for (const { unknownValues = {} } of rows) {
    for (const field of GROWING_FIELDS) {
      const value = unknownValues[field];
      if (value === undefined) continue;
      const key = `${field} ${value}`;
      counts.set(key, { field, value, incidents: (counts.get(key)?.incidents ?? 0) + 1 });
    }
  }
  if (counts.size === 0) return undefined;
  const values = [...counts.values()].toSorted((a, b) => b.incidents - a.incidents);
  return { values: values.slice(0, LISTED), more: Math.max(0, values.length - LISTED) };
}
