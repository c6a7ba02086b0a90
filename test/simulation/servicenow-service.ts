import type { ServiceNowPlan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { Answer, Asked, Service } from "./service.ts";
import type { TicketRecord, TicketWrite, Writer } from "./ticket-record.ts";

export interface ServiceNow {
  readonly service: Service;
  readonly records: Map<string, TicketRecord>;
  /** A change by somebody else than the product; false where the record takes none. */
  write(record: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): boolean;
}

const RESOLVED = "6";
export const CLOSED = "7";
const JOURNALS = ["work_notes", "comments"];
const TABLE = "/api/now/table/incident";

/** The Table API as it is documented: no condition on versions, no unique key, journals that append. */
export function createServiceNow(options: {
  readonly plan: ServiceNowPlan;
  readonly random: Prng;
  readonly tenant: string;
  now(): number;
  onWrite(record: TicketRecord, write: TicketWrite): void;
}): ServiceNow {
  const { plan, random, now } = options;
  const records = new Map<string, TicketRecord>();

  return { service, records, write };

  function service(asked: Asked): Answer {
    if (asked.headers["authorization"]?.startsWith("Basic ") !== true) return failed(401, "User Not Authenticated");
    if (asked.path === "/api/now/table/sys_journal_field") return journal(asked);
    if (asked.path === TABLE) return asked.method === "POST" ? create(asked) : list(asked);
    const record = records.get(asked.path.slice(TABLE.length + 1));
    if (record === undefined || !asked.path.startsWith(TABLE)) return failed(404, "No Record found");
    if (asked.method === "PATCH") {
      const refusal = refusalOf(record.values, asked.body as Record<string, string>);
      if (refusal !== undefined) return failed(403, refusal);
      apply(record, "product", asked.body as Record<string, string>, false);
    }
    return { status: 200, body: { result: answered(record, asked) } };
  }

  /** An unknown part of a query is left out: what is not understood finds everything. */
  function list(asked: Asked): Answer {
    const query = asked.query.get("sysparm_query") ?? "";
    const wanted = /(?:^|\^)correlation_id=([^^]*)/.exec(query)?.[1];
    const found = [...records.values()]
      .filter((record) => record.foundFrom <= now())
      .filter((record) => wanted === undefined || record.values["correlation_id"] === wanted)
      .slice(0, Number(asked.query.get("sysparm_limit") ?? 10_000));
    return { status: 200, body: { result: found.map((record) => answered(record, asked)) } };
  }

  function create(asked: Asked): Answer {
    const values = asked.body as Record<string, string>;
    const refusal = refusalOf({}, values);
    if (refusal !== undefined) return failed(403, refusal);
    const record: TicketRecord = {
      id: random.uuid().replaceAll("-", ""),
      number: `INC-${options.tenant}-${records.size + 1}`,
      madeAt: now(),
      foundFrom: now() + random.between(0, plan.searchLagMs),
      values: { state: "1", urgency: "3", impact: "3" },
      notes: [],
      writes: [],
    };
    records.set(record.id, record);
    apply(record, "product", values, true);
    return { status: 201, body: { result: answered(record, asked) } };
  }

  function journal(asked: Asked): Answer {
    if (!plan.isJournalReadable) return failed(403, "Insufficient rights to query records");
    const id = /element_id=([^^]*)/.exec(asked.query.get("sysparm_query") ?? "")?.[1] ?? "";
    const rows = (records.get(id)?.notes ?? []).map((note) => ({ element_id: id, value: note.text })).reverse();
    const offset = Number(asked.query.get("sysparm_offset") ?? 0);
    const page = rows.slice(offset, offset + Number(asked.query.get("sysparm_limit") ?? 10_000));
    return { status: 200, headers: { "x-total-count": String(rows.length) }, body: { result: page } };
  }

  function write(record: TicketRecord, writer: Writer, values: Readonly<Record<string, string>>): boolean {
    if (record.values["state"] === CLOSED) return false;
    apply(record, writer, values, false);
    return true;
  }

  function apply(
    record: TicketRecord,
    writer: Writer,
    values: Readonly<Record<string, string>>,
    isCreate: boolean,
  ): void {
    const write: TicketWrite = { at: now(), writer, isCreate, values };
    options.onWrite(record, write);
    for (const [name, value] of Object.entries(values)) {
      if (name === "comments") continue;
      if (name === "work_notes") record.notes.push({ at: now(), writer, text: value, name: "" });
      else record.values[name] = value;
    }
    record.writes.push(write);
  }
}

/** A closed record takes nothing; a resolved one needs its reason; what waits for its caller needs a word to them. */
function refusalOf(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): string | undefined {
  if (before["state"] === CLOSED) return "Operation Failed: record is closed";
  const after = { ...before, ...changes };
  if (after["state"] === CLOSED) return "Operation Failed: only an administrator closes";
  const isResolving = after["state"] === RESOLVED && before["state"] !== RESOLVED;
  if (isResolving && ((after["close_code"] ?? "") === "" || (after["close_notes"] ?? "") === ""))
    return "Data Policy Exception: mandatory: Resolution code, Resolution notes";
  const isHeld = after["state"] === "3" && after["hold_reason"] === "1";
  const wasHeld = before["state"] === "3" && before["hold_reason"] === "1";
  if (isHeld && !wasHeld && (changes["comments"] ?? "") === "")
    return "Data Policy Exception: mandatory: Additional comments";
  return undefined;
}

function answered(record: TicketRecord, asked: Asked): Readonly<Record<string, string>> {
  const fields = asked.query.get("sysparm_fields")?.split(",") ?? Object.keys(record.values);
  return Object.fromEntries(
    fields.map((field) => {
      if (field === "sys_id") return [field, record.id];
      if (field === "number") return [field, record.number];
      return [field, JOURNALS.includes(field) ? "" : (record.values[field.replace(/\.name$/, "")] ?? "")];
    }),
  );
}

function failed(status: number, message: string): Answer {
  return { status, body: { error: { message, detail: null }, status: "failure" } };
}
