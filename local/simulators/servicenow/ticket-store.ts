import type { SimulatorClock } from "../clock.ts";
import { createOrderedRows, type OrderedRows } from "../ordered-rows.ts";
import { type Directory, sysIdFrom } from "./directory.ts";
import type { TableDefinition, TicketTable } from "./table-definition.ts";
import type { Fields, Refusal } from "./write-context.ts";

/** One version of a simulated record. */
export interface Ticket {
  readonly sysId: string;
  readonly sequence: number;
  readonly createdAtMs: number;
  readonly fields: Fields;
}

/** A row of sys_journal_field. */
export interface JournalEntry {
  readonly sys_id: string;
  readonly name: TicketTable;
  readonly element: "comments" | "work_notes";
  readonly element_id: string;
  readonly value: string;
  readonly sys_created_on: string;
  readonly sys_created_by: string;
}

/** Who writes. `isAdmin`: the platform itself, free of data policies. */
export interface Writer {
  readonly userName: string;
  readonly isAdmin: boolean;
}

export interface TicketStore {
  write(sysId: string | undefined, sent: Fields, writer: Writer): Ticket | Refusal;
  get(sysId: string): Ticket | undefined;
  byCorrelation(correlationId: string): readonly Ticket[];
  byNumber(number: string): Ticket | undefined;
  all(): IterableIterator<Ticket>;
  /** By sys_updated_on, oldest first. */
  rows(): OrderedRows<Ticket>;
  journal(sysId: string): readonly JournalEntry[];
  /** As if somebody deleted the record. */
  delete(sysId: string): boolean;
  size(): number;
}

export function createTicketStore(clock: SimulatorClock, directory: Directory, table: TableDefinition): TicketStore {
  const tickets = new Map<string, Ticket>();
  const correlated = new Map<string, Set<string>>();
  const numbered = new Map<string, string>();
  const journals = new Map<string, JournalEntry[]>();
  const ordered = createOrderedRows<Ticket>(byUpdate);
  let made = 0;
  let entries = 0;

  function put(ticket: Ticket): Ticket {
    const before = tickets.get(ticket.sysId);
    if (before !== undefined) forget(before);
    tickets.set(ticket.sysId, ticket);
    ordered.add(ticket);
    const correlationId = ticket.fields["correlation_id"] ?? "";
    const same = correlated.get(correlationId) ?? new Set<string>();
    if (correlationId !== "") correlated.set(correlationId, same.add(ticket.sysId));
    return ticket;
  }

  function forget(ticket: Ticket): void {
    ordered.remove(ticket);
    const correlationId = ticket.fields["correlation_id"] ?? "";
    const same = correlated.get(correlationId);
    same?.delete(ticket.sysId);
    if (same?.size === 0) correlated.delete(correlationId);
  }

  function write(sysId: string | undefined, sent: Fields, writer: Writer): Ticket | Refusal {
    const before = sysId === undefined ? undefined : require(sysId);
    const known = readable(sent, directory, table);
    const now = serviceNowTime(clock.now());
    const userId = directory.userId(writer.userName);
    const after = table.write({ before: before?.fields, sent: known, now, userId, isAdmin: writer.isAdmin });
    if (isRefusal(after)) return after;
    const isJournalled = ["comments", "work_notes"].some((name) => (known[name] ?? "") !== "");
    const stamped = stampOf(
      before,
      flipByCaller(before?.fields, after, known, userId),
      now,
      writer.userName,
      isJournalled,
      userId,
    );
    for (const element of ["comments", "work_notes"] as const)
      append(stamped.sysId, element, known[element] ?? "", now, writer.userName);
    return stamped === before ? stamped : put(stamped);
  }

  function stampOf(
    before: Ticket | undefined,
    after: Fields,
    now: string,
    by: string,
    isJournalled: boolean,
    userId: string,
  ): Ticket {
    if (before === undefined) {
      made += 1;
      const sysId = sysIdFrom(table.name, String(made), String(clock.now()));
      const number = `${table.numberPrefix}${String(10_000 + made).padStart(7, "0")}`;
      numbered.set(number, sysId);
      const own = { sys_id: sysId, number, opened_at: now, opened_by: userId, sys_created_on: now, sys_created_by: by };
      const fields = { ...after, ...own, sys_updated_on: now, sys_updated_by: by, sys_mod_count: "0" };
      return { sysId, sequence: made, createdAtMs: clock.now(), fields };
    }
    const isChanged = Object.entries(after).some(([name, value]) => before.fields[name] !== value);
    if (!isChanged && !isJournalled) return before;
    const count = String(Number(before.fields["sys_mod_count"] ?? "0") + 1);
    return { ...before, fields: { ...after, sys_updated_on: now, sys_updated_by: by, sys_mod_count: count } };
  }

  function append(sysId: string, element: JournalEntry["element"], value: string, now: string, by: string): void {
    if (value === "") return;
    entries += 1;
    const entry: JournalEntry = {
      sys_id: sysIdFrom("journal", String(entries), sysId),
      name: table.name,
      element,
      element_id: sysId,
      value,
      sys_created_on: now,
      sys_created_by: by,
    };
    const held = journals.get(sysId);
    if (held === undefined) journals.set(sysId, [entry]);
    else held.push(entry);
  }

  function require(sysId: string): Ticket {
    const ticket = tickets.get(sysId);
    if (ticket === undefined) throw new Error(`the simulated instance has no ${table.name} record ${sysId}`);
    return ticket;
  }

  return {
    write,
    get: (sysId) => tickets.get(sysId),
    byCorrelation: (id) => [...(correlated.get(id) ?? [])].map((sysId) => tickets.get(sysId) as Ticket),
    byNumber: (number) => tickets.get(numbered.get(number) ?? ""),
    all: () => tickets.values(),
    rows: () => ordered,
    journal: (sysId) => journals.get(sysId) ?? [],
    delete(sysId) {
      const ticket = tickets.get(sysId);
      if (ticket === undefined) return false;
      forget(ticket);
      tickets.delete(sysId);
      numbered.delete(ticket.fields["number"] ?? "");
      return journals.delete(sysId) || true;
    },
    size: () => tickets.size,
  };
}

export function isRefusal(value: Fields | Refusal | Ticket): value is Refusal {
  return "detail" in value && value["status"] === 403;
}

/** UTC, without a zone: "2026-11-24 10:15:00". */
export function serviceNowTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** Unknown and read-only columns are ignored, text is cut to its column's length, references are looked up. */
function readable(sent: Fields, directory: Directory, { columns }: TableDefinition): Fields {
  const known: Record<string, string> = {};
  for (const [name, value] of Object.entries(sent)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined || column.readOnly === true) continue;
    known[name] =
      column.kind === "reference" ? directory.resolve(column.table ?? "", value) : value.slice(0, column.maximumLength);
  }
  return known;
}

/** An update by the caller ends "On Hold, Awaiting Caller". */
function flipByCaller(before: Fields | undefined, after: Fields, sent: Fields, userId: string): Fields {
  const wasWaiting = before?.["state"] === "3" && before["hold_reason"] === "1";
  const isCaller = before?.["caller_id"] === userId && (sent["comments"] ?? "") !== "";
  if (!wasWaiting || !isCaller || after["state"] !== "3") return after;
  return { ...after, state: "2", incident_state: "2", hold_reason: "" };
}

function byUpdate(left: Ticket, right: Ticket): number {
  const one = left.fields["sys_updated_on"] ?? "";
  const other = right.fields["sys_updated_on"] ?? "";
  if (one !== other) return one < other ? -1 : 1;
  return left.sequence - right.sequence;
}
