import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import { type ConnectorId, type Ticket, type TicketConnector, type TicketRef, afterSomeNotes } from "../connector.ts";
import { type ServiceNowAuth, createAuthorization } from "./authorization.ts";
import { checkInstance } from "./check.ts";
import { createKnownChoices } from "./choices.ts";
import { createServiceNowClient } from "./client.ts";
import { explained } from "./explain-refusal.ts";
import { fieldRules } from "./field-rules.ts";
import { type Row, createLine } from "./line.ts";
import { toWanted } from "./mapping.ts";
import { type FullMapping, type ServiceNowMapping, fullMapping } from "./mapping-options.ts";
import { type Reference, createReference } from "./reference.ts";
import { createdWithoutState, writeWithoutState } from "./refused-state.ts";
import { type ServiceNowTable, TABLES } from "./tables.ts";
import { noteIdsIn, toWorkNotes } from "./work-notes.ts";

export interface ServiceNowOptions {
  readonly id: ConnectorId;
  /** `https://contoso.service-now.com` */
  readonly url: string;
  readonly table: ServiceNowTable;
  readonly auth: ServiceNowAuth;
  readonly mapping: ServiceNowMapping;
  readonly http: Http;
  readonly clock: { now(): number };
  /** Hosts whose links stay links: the Defender portal's. */
  readonly portalHosts: readonly string[];
  /** Default 5 s. */
  readonly settleMs?: number;
}

const SETTLE_MS = 5_000;
/** `comments` must be written with On Hold / Awaiting Caller, or the change is refused. */
const ON_HOLD_COMMENT = "Microsoft Defender Experts posted a managed response: its pending actions wait for you.";

/** Tickets in ServiceNow's tables `incident` or `sn_si_incident`, through the Table API. */
export function createServiceNowConnector(options: ServiceNowOptions): TicketConnector {
  const url = options.url.replace(/\/+$/, "");
  const { http, clock, table } = options;
  const mapping = fullMapping(options.mapping, table);
  const facts = TABLES[table];
  const line = createLine({ url, authorization: createAuthorization({ url, auth: options.auth, http, clock }), http });
  const columns = columnsOf(mapping);
  const client = createServiceNowClient({ line, table, fields: ["sys_id", "number", ...columns] });
  const context = { client, facts };
  const choices = createKnownChoices({ line, table, clock });
  const group = createReference({
    line,
    table: "sys_user_group",
    names: ["name"],
    configured: mapping.assignmentGroup,
    clock,
  });
  const caller = createReference({
    line,
    table: "sys_user",
    names: ["user_name", "name"],
    configured: mapping.callerId,
    clock,
  });
  const references: Readonly<Record<string, Reference>> = { assignment_group: group, caller_id: caller };
  const username = options.auth.kind === "basic" ? options.auth.username : undefined;

  return {
    id: options.id,
    kind: "servicenow",
    mappingVersion: 3,
    settleMs: options.settleMs ?? SETTLE_MS,
    fields: fieldRules(mapping),
    wanted: (projection, context) => toWanted(projection, context, mapping, options.portalHosts),
    check: (signal) => checkInstance({ line, mapping, choices, group, caller, username }, signal),
    async find(key, signal, except) {
      await resolveReferences(signal);
      const all = await client.findByCorrelationId(key, signal);
      const oldestFirst = all.filter((found) => except?.has(found["sys_id"] ?? "") !== true);
      // Closed ones are what the living one continues; so may resolved ones be.
      const living = oldestFirst.filter((found) => !facts.closedStates.includes(found["state"] ?? ""));
      const open = living.filter((found) => found["state"] !== mapping.states.resolved);
      const [oldest, ...others] = open.length > 0 ? open : living;
      const row = oldest ?? oldestFirst.at(-1);
      if (row === undefined) return undefined;
      const ticket = ticketOf(row);
      return others.length === 0 ? ticket : { ...ticket, duplicates: others.map((other) => other["number"] ?? "") };
    },
    async read(ref, signal) {
      await resolveReferences(signal);
      const row = await client.get(ref.id, signal);
      return row === undefined ? undefined : ticketOf(row);
    },
    async create(fields, signal) {
      const values = await toSend(fields.values, signal);
      return ticketOf(await created(values, signal));
    },
    async update(ref, changes, signal) {
      const values = await toSend(changes.values, signal);
      return ticketOf(await explained(ref, context, signal, () => changed(ref, values, signal)));
    },
    async appendNotes(ref, notes, signal) {
      for (const [index, entry] of toWorkNotes(notes).entries()) {
        try {
          await explained(ref, context, signal, () => client.patch(ref.id, { [mapping.notesField]: entry }, signal));
        } catch (error) {
          throw index === 0 ? error : afterSomeNotes(error, notes);
        }
      }
    },
    async readNotes(ref, signal) {
      const entries = await client.journal(ref.id, mapping.notesField, signal);
      return entries === undefined ? undefined : noteIdsIn(entries);
    },
    attach: (ref, file, signal) => client.attach(ref.id, file, signal),
  };

  async function resolveReferences(signal: AbortSignal): Promise<void> {
    for (const reference of Object.values(references)) await reference.resolve(signal);
  }

  /** As the instance takes it; throws where it is known not to. */
  async function toSend(values: Row, signal: AbortSignal): Promise<Row> {
    await resolveReferences(signal);
    await choices.refuseUnknown(values, signal);
    const sent = Object.entries(withHoldComment(values, mapping)).flatMap(([name, value]) => {
      const wire = value === "" || references[name] === undefined ? value : references[name].toWire();
      return wire === undefined ? [] : [[name, wire] as const];
    });
    return Object.fromEntries(sent);
  }

  async function created(values: Row, signal: AbortSignal): Promise<Row> {
    try {
      return await client.create(values, signal);
    } catch (error) {
      if (!mayBeJump(error, values)) throw error;
      return client.create(createdWithoutState(values, error), signal);
    }
  }

  async function changed(ref: TicketRef, values: Row, signal: AbortSignal): Promise<Row> {
    try {
      return await client.patch(ref.id, values, signal);
    } catch (error) {
      if (!mayBeJump(error, values)) throw error;
      return writeWithoutState({ client, sysId: ref.id, values, refusal: error, signal });
    }
  }

  function mayBeJump(error: unknown, values: Row): error is PermanentError {
    const isRefusal = error instanceof PermanentError && error.reason === "rejected";
    return isRefusal && facts.mayRefuseJumps && values["state"] !== undefined;
  }

  function ticketOf(row: Row): Ticket {
    const id = row["sys_id"] ?? "";
    if (id === "")
      throw new RetryableError("unreadable", "ServiceNow answered a record without sys_id", { mayHaveHappened: true });
    const values = columns.flatMap((name) => {
      const answered = row[name]?.replaceAll("\r\n", "\n");
      const reference = references[name];
      const value = answered === undefined || reference === undefined ? answered : reference.fromWire(answered);
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      ref: {
        id,
        label: row["number"] ?? id,
        url: `${url}/nav_to.do?uri=${encodeURIComponent(`${table}.do?sys_id=${id}`)}`,
      },
      values: Object.fromEntries(values),
      tags: [],
      isFinal: facts.takesNoChange.includes(row["state"] ?? ""),
    };
  }
}

function withHoldComment(values: Row, mapping: FullMapping): Row {
  const isHeld = mapping.onHold && values["state"] === mapping.states.awaitingCustomerAction;
  return isHeld ? { ...values, comments: ON_HOLD_COMMENT } : values;
}

/** What is written, and so read back. */
function columnsOf(mapping: FullMapping): readonly string[] {
  return fieldRules(mapping)
    .filter(({ wins }) => wins === "ours" || wins === "onStage" || wins === "lastWritten")
    .map(({ field }) => field);
}
