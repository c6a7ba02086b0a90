import { type EncodedQuery, holds, type QueryCondition } from "./encoded-query.ts";
import type { Fields } from "./write-context.ts";
import type { Ticket, TicketStore } from "./ticket-store.ts";

/** The records a query finds, in its order. */
export function selectRecords(
  rows: Iterable<Fields>,
  query: EncodedQuery,
  noRowsIfInvalid: boolean,
): readonly Fields[] {
  if (query.hadInvalidPart && noRowsIfInvalid) return [];
  const hits: Fields[] = [];
  for (const row of rows) if (holds(query, (field) => row[field] ?? "")) hits.push(row);
  if (query.order.length === 0) return hits;
  return hits.sort((left, right) => compareBy(query.order, left, right));
}

/** The tickets a query could find: an index answers where it can, so that a look-up does not read the whole table. */
export function* candidates(
  tickets: TicketStore,
  query: EncodedQuery,
  visibleUntilMs: number,
): IterableIterator<Fields> {
  for (const ticket of narrow(tickets, query)) if (ticket.createdAtMs <= visibleUntilMs) yield ticket.fields;
}

function narrow(tickets: TicketStore, query: EncodedQuery): Iterable<Ticket> {
  const [groups, ...others] = query.alternatives;
  if (groups === undefined || others.length > 0) return tickets.all();
  const needed = groups.filter((group) => group.length === 1).map((group) => group[0] as QueryCondition);
  const exact = (field: string): string | undefined =>
    needed.find((one) => one.field === field && one.operator === "=")?.value;
  const correlationId = exact("correlation_id");
  if (correlationId !== undefined && correlationId !== "") return tickets.byCorrelation(correlationId);
  const sysId = exact("sys_id");
  if (sysId !== undefined) return present(tickets.get(sysId));
  const number = exact("number");
  if (number !== undefined) return present(tickets.byNumber(number));
  const since = needed.find(
    ({ field, operator }) => field === "sys_updated_on" && (operator === ">=" || operator === ">"),
  );
  if (since === undefined) return tickets.all();
  const rows = tickets.rows();
  return rows.walkUp(rows.rank((row) => (row.fields["sys_updated_on"] ?? "") < since.value));
}

function present(ticket: Ticket | undefined): readonly Ticket[] {
  return ticket === undefined ? [] : [ticket];
}

function compareBy(order: EncodedQuery["order"], left: Fields, right: Fields): number {
  for (const { field, descending } of order) {
    const one = left[field] ?? "";
    const other = right[field] ?? "";
    if (one !== other) return one < other === descending ? 1 : -1;
  }
  return 0;
}
