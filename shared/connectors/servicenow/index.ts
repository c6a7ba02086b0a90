import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import {
  type ConnectorId,
  type Ticket,
  type TicketChanges,
  type TicketConnector,
  type TicketRef,
  afterSomeNotes,
} from "../connector.ts";
import { type ServiceNowAuth, createAuthorization } from "./authorization.ts";
import { type Row, createServiceNowClient } from "./client.ts";
import { toWanted } from "./mapping.ts";
import { CLOSED, type FullMapping, type ServiceNowMapping, fullMapping } from "./mapping-options.ts";
import { noteIdsIn, toWorkNotes } from "./work-notes.ts";

export interface ServiceNowOptions {
  readonly id: ConnectorId;
  /** `https://contoso.service-now.com` */
  readonly url: string;
  readonly table: "incident";
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

/** Tickets in ServiceNow's `incident` table, through the Table API. */
export function createServiceNowConnector(options: ServiceNowOptions): TicketConnector {
  const url = options.url.replace(/\/+$/, "");
  const mapping = fullMapping(options.mapping);
  const writtenAs = columnsOf(mapping);
  const client = createServiceNowClient({
    url,
    table: options.table,
    fields: ["sys_id", "number", ...Object.values(writtenAs)],
    authorization: createAuthorization({ url, auth: options.auth, http: options.http, clock: options.clock }),
    http: options.http,
  });

  return {
    id: options.id,
    kind: "servicenow",
    mappingVersion: 3,
    settleMs: options.settleMs ?? SETTLE_MS,
    wanted: (projection, context) => toWanted(projection, context, mapping, options.portalHosts),
    async find(key, signal, except) {
      const all = await client.findByCorrelationId(key, signal);
      const oldestFirst = all.filter((found) => except?.has(found["sys_id"] ?? "") !== true);
      // Closed ones are what the living one continues; so may resolved ones be.
      const living = oldestFirst.filter((found) => found["state"] !== CLOSED);
      const open = living.filter((found) => found["state"] !== mapping.states.resolved);
      const [oldest, ...others] = open.length > 0 ? open : living;
      const row = oldest ?? oldestFirst.at(-1);
      if (row === undefined) return undefined;
      const ticket = ticketOf(row);
      return others.length === 0 ? ticket : { ...ticket, duplicates: others.map((other) => other["number"] ?? "") };
    },
    async read(ref, signal) {
      const row = await client.get(ref.id, signal);
      return row === undefined ? undefined : ticketOf(row);
    },
    async create(fields, signal) {
      return ticketOf(await client.create(withHoldComment(fields.values, mapping), signal));
    },
    async update(ref, changes, signal) {
      return ticketOf(await explained(ref, signal, () => patch(ref, changes, signal)));
    },
    async appendNotes(ref, notes, signal) {
      for (const [index, entry] of toWorkNotes(notes).entries()) {
        try {
          await explained(ref, signal, () => client.patch(ref.id, { work_notes: entry }, signal));
        } catch (error) {
          throw index === 0 ? error : afterSomeNotes(error, notes);
        }
      }
    },
    async readNotes(ref, signal) {
      const entries = await client.journal(ref.id, signal);
      return entries === undefined ? undefined : noteIdsIn(entries);
    },
  };

  function patch(ref: TicketRef, changes: TicketChanges, signal: AbortSignal): Promise<Row> {
    return client.patch(ref.id, withHoldComment(changes.values, mapping), signal);
  }

  /**
   * A refused write is looked into: a closed record takes no changes from anybody but administrators. One that cannot be seen may be there:
   * what becomes of it the configuration says.
   */
  async function explained(ref: TicketRef, signal: AbortSignal, write: () => Promise<Row>): Promise<Row> {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      if (error.reason === "notFound") {
        throw new PermanentError(
          "notFound",
          `${ref.label} is not there any more (deleted, or hidden from this account)`,
          {
            mend: "restore it or its visibility in ServiceNow, then replay this work",
            cause: error,
          },
        );
      }
      if (error.reason !== "rejected") throw error;
      const row = await client.get(ref.id, signal);
      if (row?.["state"] !== CLOSED) throw error;
      throw new PermanentError("final", `${ref.label} is Closed and takes no more changes`, {
        mend: `nothing, where that is meant: when Defender reopens the incident, a new ticket continues it; or reopen the record in ServiceNow and replay this work`,
        cause: error,
      });
    }
  }

  function ticketOf(row: Row): Ticket {
    const id = row["sys_id"] ?? "";
    if (id === "")
      throw new RetryableError("unreadable", "ServiceNow answered a record without sys_id", { mayHaveHappened: true });
    const values = Object.entries(writtenAs).flatMap(([name, column]) => {
      const value = row[column];
      return value === undefined ? [] : [[name, value.replaceAll("\r\n", "\n")] as const];
    });
    return {
      ref: {
        id,
        label: row["number"] ?? id,
        url: `${url}/nav_to.do?uri=${encodeURIComponent(`incident.do?sys_id=${id}`)}`,
      },
      values: Object.fromEntries(values),
      tags: [],
      isFinal: row["state"] === CLOSED,
    };
  }
}

function withHoldComment(values: Row, mapping: FullMapping): Row {
  const isHeld = mapping.onHold && values["state"] === mapping.states.awaitingCustomerAction;
  return isHeld ? { ...values, comments: ON_HOLD_COMMENT } : values;
}

/**
 * The column each field is read back from. A reference is answered as the id it points to; one that is configured by name is compared
 * by name.
 */
function columnsOf(mapping: FullMapping): Readonly<Record<string, string>> {
  const own = [
    "correlation_id",
    "correlation_display",
    "short_description",
    "description",
    "state",
    "close_code",
    "close_notes",
    "hold_reason",
    "impact",
    "urgency",
    "category",
    "parent_incident",
  ];
  return {
    ...Object.fromEntries(own.map((name) => [name, name])),
    assignment_group: referenceColumn("assignment_group", mapping.assignmentGroup),
    caller_id: referenceColumn("caller_id", mapping.callerId),
  };
}

function referenceColumn(name: string, configured: string): string {
  return configured === "" || /^[0-9a-f]{32}$/.test(configured) ? name : `${name}.name`;
}
