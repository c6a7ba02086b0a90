import type { Offense } from "./qradar-store.ts";

/** What may be filtered by; the console answers 422 for anything else. Source: QRadar API 26.0, GET /siem/offenses. */
const FILTERABLE = [
  "id",
  "status",
  "follow_up",
  "closing_reason_id",
  "start_time",
  "last_persisted_time",
  "assigned_to",
];

/** `field op value`, joined by `and`; undefined where the console would refuse it. */
export function offenseFilter(text: string, refused: readonly string[]): ((offense: Offense) => boolean) | undefined {
  const conditions = text.split(/\s+and\s+/i).map((part) => {
    const [, field = "", operator = "", value = ""] = /^\s*(\w+)\s*(<=|>=|!=|=|<|>)\s*(\S+)\s*$/.exec(part) ?? [];
    if (!FILTERABLE.includes(field) || refused.includes(field)) return undefined;
    return (offense: Offense): boolean => holds(offense[field as keyof Offense], operator, value.replace(/^"|"$/g, ""));
  });
  if (conditions.some((condition) => condition === undefined)) return undefined;
  return (offense) => conditions.every((condition) => condition?.(offense) === true);
}

function holds(actual: unknown, operator: string, wanted: string): boolean {
  switch (operator) {
    case "=":
      return String(actual) === wanted;
    case "!=":
      return String(actual) !== wanted;
    case "<":
      return Number(actual) < Number(wanted);
    case ">":
      return Number(actual) > Number(wanted);
    case "<=":
      return Number(actual) <= Number(wanted);
    default:
      return Number(actual) >= Number(wanted);
  }
}
