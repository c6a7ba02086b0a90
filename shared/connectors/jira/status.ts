import { CATEGORY_PREFIX, type FullMapping } from "./mapping-options.ts";
import type { WireStatus } from "./schema.ts";

/** A status in the words of the mapping: its name where the mapping names it, else its category. So both can be compared as text. */
export function statusValue(status: WireStatus, statuses: FullMapping["statuses"]): string {
  const named = Object.values(statuses).find((wanted) => sameName(wanted, status.name));
  return named ?? `${CATEGORY_PREFIX}${categoryOf(status)}`;
}

export function categoryOf(status: WireStatus): string {
  return status.statusCategory?.key ?? "";
}

/** A name as these spell it, where one of them is it. */
export function spelled(name: string, names: readonly string[]): string {
  return names.find((one) => sameName(one, name)) ?? name;
}

/** Jira compares names of statuses, priorities and resolutions without case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
