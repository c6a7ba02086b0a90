import type { RangeOptions } from "../pipeline/ports/table.ts";

/** A filter has 15 comparisons at most, one of which is the partition's. */
const MAX_NAMES_A_FILTER = 14;
/** The filter travels in the address, in percent encoding. */
const MAX_FILTER_CHARACTERS = 6_000;

export function rangeFilter(partition: string, { from, to }: RangeOptions): string {
  return [
    `PartitionKey eq ${literal(partition)}`,
    ...(from === undefined ? [] : [`RowKey ge ${literal(from)}`]),
    ...(to === undefined ? [] : [`RowKey lt ${literal(to)}`]),
  ].join(" and ");
}

/** One filter for rows by name, or several where the names are too many or too long for one. */
export function namesFilters(partition: string, names: readonly string[]): readonly string[] {
  const groups: string[][] = [];
  let length = Infinity;
  for (const comparison of names.map((name) => `RowKey eq ${literal(name)}`)) {
    const group = groups.at(-1);
    const added = encodeURIComponent(comparison).length;
    if (group === undefined || group.length === MAX_NAMES_A_FILTER || length + added > MAX_FILTER_CHARACTERS) {
      groups.push([comparison]);
      length = added;
    } else {
      group.push(comparison);
      length += added;
    }
  }
  return groups.map((group) => `PartitionKey eq ${literal(partition)} and (${group.join(" or ")})`);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
