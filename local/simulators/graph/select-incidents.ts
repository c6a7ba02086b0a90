import type { OrderedRows } from "../ordered-rows.ts";
import { CLASSIFICATIONS, DETERMINATIONS, INCIDENT_STATUSES, SEVERITIES } from "./enums.ts";
import type { GraphBehaviour } from "./graph-behaviour.ts";
import type { IncidentRecord } from "./incident-record.ts";
import { type FilterCondition, type FilterField, meets, parseFilter } from "./odata-filter.ts";
import { type PageRequest, shuffled } from "./paging.ts";

export type IncidentOrder = GraphBehaviour["order"] | "updated-asc" | "created-asc";

export interface Selection {
  /** Up to one row more than the page holds: its presence says that there is a next page. */
  readonly rows: readonly IncidentRecord[];
  readonly count: number | undefined;
}

/** The properties the documentation lets a filter name. */
export function parseIncidentFilter(text: string, behaviour: GraphBehaviour): readonly FilterCondition[] | string {
  const extra = behaviour.awaitingActionFilter === "accepted" ? ["awaitingAction"] : [];
  const fields: Record<string, FilterField> = {
    lastUpdateDateTime: { kind: "time" },
    createdDateTime: { kind: "time" },
    status: { kind: "member", members: [...INCIDENT_STATUSES, ...extra] },
    severity: { kind: "member", members: SEVERITIES },
    assignedTo: { kind: "text" },
    classification: { kind: "member", members: CLASSIFICATIONS },
    determination: { kind: "member", members: DETERMINATIONS },
  };
  return parseFilter(text, fields);
}

/** The rows of one page. A filter on lastUpdateDateTime is a range of the index: its cost is the page, not the tenant. */
export function selectIncidents(
  rows: OrderedRows<IncidentRecord>,
  conditions: readonly FilterCondition[],
  order: IncidentOrder,
  page: PageRequest,
): Selection {
  const range = rangeOf(rows, conditions);
  const rest = conditions.filter((condition) => !range.covers(condition));
  const isHit = (row: IncidentRecord): boolean =>
    rest.every((condition) => meets(condition, valueOf(row, condition.field)));
  const wanted = page.top + 1;
  if (order === "updated-desc" && rest.length === 0) {
    const total = Math.max(0, range.high - range.low);
    const take = Math.max(0, Math.min(wanted, total - page.skip));
    return { rows: firstOf(rows.walkDown(range.high - page.skip), take), count: page.count ? total : undefined };
  }
  if (order === "updated-desc" && !page.count) {
    return { rows: pickDown(rows, range, isHit, page.skip, wanted), count: undefined };
  }
  const hits = pickDown(rows, range, isHit, 0, Number.POSITIVE_INFINITY);
  const arranged = arrange(hits, order, page.shuffle);
  return { rows: arranged.slice(page.skip, page.skip + wanted), count: page.count ? hits.length : undefined };
}

interface Range {
  readonly low: number;
  readonly high: number;
  covers(condition: FilterCondition): boolean;
}

/** The stretch of the index that a filter on lastUpdateDateTime leaves. */
function rangeOf(rows: OrderedRows<IncidentRecord>, conditions: readonly FilterCondition[]): Range {
  const covered = new Set<FilterCondition>();
  let low = 0;
  let high = rows.size();
  for (const condition of conditions) {
    const { field, operator, value } = condition;
    if (field !== "lastUpdateDateTime" || typeof value !== "bigint" || operator === "ne") continue;
    covered.add(condition);
    const before = (): number => rows.rank((row) => row.updatedTicks < value);
    const through = (): number => rows.rank((row) => row.updatedTicks <= value);
    if (operator === "ge" || operator === "eq") low = Math.max(low, before());
    if (operator === "gt") low = Math.max(low, through());
    if (operator === "le" || operator === "eq") high = Math.min(high, through());
    if (operator === "lt") high = Math.min(high, before());
  }
  return { low, high, covers: (condition) => covered.has(condition) };
}

function pickDown(
  rows: OrderedRows<IncidentRecord>,
  range: Range,
  isHit: (row: IncidentRecord) => boolean,
  skip: number,
  wanted: number,
): IncidentRecord[] {
  const picked: IncidentRecord[] = [];
  let skipped = 0;
  let left = range.high - range.low;
  for (const row of rows.walkDown(range.high)) {
    if (left <= 0 || picked.length >= wanted) break;
    left -= 1;
    if (!isHit(row)) continue;
    if (skipped < skip) skipped += 1;
    else picked.push(row);
  }
  return picked;
}

function arrange(hits: IncidentRecord[], order: IncidentOrder, shuffle: number): IncidentRecord[] {
  switch (order) {
    case "updated-desc":
      return hits;
    case "updated-asc":
      return hits.reverse();
    case "created-desc":
      return hits.sort((left, right) => right.ordinal - left.ordinal);
    case "created-asc":
      return hits.sort((left, right) => left.ordinal - right.ordinal);
    case "random":
      return shuffled(hits, shuffle);
  }
}

function firstOf<Row>(rows: IterableIterator<Row>, count: number): Row[] {
  const taken: Row[] = [];
  if (count <= 0) return taken;
  for (const row of rows) {
    taken.push(row);
    if (taken.length >= count) break;
  }
  return taken;
}

function valueOf(row: IncidentRecord, field: string): string | bigint | null {
  switch (field) {
    case "lastUpdateDateTime":
      return row.updatedTicks;
    case "createdDateTime":
      return row.createdTicks;
    case "status":
      return row.status;
    case "severity":
      return row.severity;
    case "assignedTo":
      return row.assignedTo;
    case "classification":
      return row.classification;
    default:
      return row.determination;
  }
}
