/** JSON with the keys of every object sorted: equal values have equal text, so that text can be compared or hashed. Undefined members are left out, bigints are written as digits. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** A copy first: a replacer is called for every member, and costs several times as much. */
function sorted(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, sorted(member)]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
