import { PermanentError } from "../../errors.ts";
import type { Http } from "../../http/request.ts";
import type { CorrelationKey } from "../../incident/correlation-key.ts";
import type { LifecycleEvent } from "../../incident/lifecycle-event.ts";
import {
  type ConnectorId,
  type Ticket,
  type TicketChanges,
  type TicketConnector,
  afterSomeNotes,
} from "../connector.ts";
import { checkConsole } from "./check.ts";
import { closed, createQRadarClient, gone } from "./client.ts";
import { createClosingReasons, spelledAs } from "./closing-reasons.ts";
import { toLeefLine } from "./leef.ts";
import { leefOfEvent } from "./leef-of-event.ts";
import { createLine } from "./line.ts";
import { CLOSED, fieldRules, toTicket, toWanted } from "./mapping.ts";
import { type QRadarMapping, fullMapping } from "./mapping-options.ts";
import { noteIdsIn, toOffenseNotes } from "./notes.ts";
import { createOffenseIndex } from "./offense-index.ts";
import { rowOfEvent } from "./reference-row.ts";
import type { WireOffense } from "./schema.ts";
import { setUpQRadar } from "./setup.ts";
import type { SyslogSender } from "./syslog-sender.ts";

export interface QRadarOptions {
  readonly id: ConnectorId;
  /** `https://qradar.contoso.com` */
  readonly url: string;
  /** Of an authorized service. */
  readonly token: string;
  readonly syslog: SyslogSender;
  /** What the sender sends to, for the words of the set-up. */
  readonly receiver: { readonly port: number; readonly isEncrypted: boolean };
  /** The identifier of the log source: the host in the header of our events. */
  readonly source: string;
  /** Its name: what tells an offense of ours from others of the same source. */
  readonly logSource: string;
  /** "" for none. */
  readonly referenceTable: string;
  readonly mapping: QRadarMapping;
  /** True where no other tenant's incidents go to this console: then an incident's number names it. */
  readonly isOnlyTenant: boolean;
  readonly http: Http;
  readonly clock: { now(): number };
  readonly portalHosts: readonly string[];
}

/** Events by syslog, of which a rule of QRadar makes offenses; these are adopted, noted and followed up by its REST API, which makes none. */
export function createQRadarConnector(options: QRadarOptions): TicketConnector {
  const url = options.url.replace(/\/+$/, "");
  const { http, clock, source, logSource, referenceTable, portalHosts } = options;
  const mapping = fullMapping(options.mapping);
  const line = createLine({ url, token: options.token, http });
  const client = createQRadarClient(line);
  const reasons = createClosingReasons({ client, clock });
  const offenses = createOffenseIndex({ client, clock, isOurs });

  return {
    id: options.id,
    kind: "qradar",
    mappingVersion: 1,
    settleMs: 0,
    fields: fieldRules(mapping),
    wanted: (projection, context) => toWanted(projection, context, mapping),
    check: (signal) => checkConsole({ line, client, mapping, logSource, referenceTable }, signal),
    setUp: (signal) =>
      setUpQRadar({ line, client, source, logSource, referenceTable, mapping, receiver: options.receiver }, signal),
    async tell(event, signal) {
      // The table first: a rule that the event meets finds there what it says.
      await loadRow(event, signal);
      const line = toLeefLine(leefOfEvent(event, source, portalHosts));
      await options.syslog.send(line, signal, event.projection.key);
    },
    close: async () => (await options.syslog.close()) as readonly CorrelationKey[],
    async find(key, signal, except = new Set()) {
      const sources = [key, ...(options.isOnlyTenant ? [key.slice(key.lastIndexOf(":") + 1)] : [])];
      const found = await offenses.of(sources, signal);
      const ours = found.filter(({ id }) => !except.has(String(id)));
      const open = ours.find(({ status }) => status.toUpperCase() !== CLOSED);
      // Once one was let go of because it is closed, another closed one is no better.
      const offense = open ?? (except.size === 0 ? ours[0] : undefined);
      return offense === undefined ? undefined : ticketOf(offense, signal);
    },
    async read(ref, signal) {
      const offense = await offenseOf(ref.id, signal);
      return offense === undefined ? undefined : ticketOf(offense, signal);
    },
    async update(ref, changes, signal) {
      const offense = await offenseOf(ref.id, signal);
      if (offense === undefined) throw gone(ref.id);
      const before = await ticketOf(offense, signal);
      const query = await toQuery(before, changes, signal);
      if (Object.keys(query).length === 0) return before;
      return ticketOf(await client.update(ref.id, query, signal), signal);
    },
    async appendNotes(ref, notes, signal) {
      for (const [index, text] of notes.flatMap(toOffenseNotes).entries()) {
        try {
          await client.addNote(ref.id, text, signal);
        } catch (error) {
          throw index === 0 ? error : afterSomeNotes(error, notes);
        }
      }
    },
    readNotes: async (ref, signal) => noteIdsIn(await client.notes(ref.id, signal)),
  };

  async function offenseOf(id: string, signal: AbortSignal): Promise<WireOffense | undefined> {
    const offense = await client.offense(id, signal);
    if (offense === undefined) offenses.forget(id);
    return offense;
  }

  async function loadRow(event: LifecycleEvent, signal: AbortSignal): Promise<void> {
    if (referenceTable === "") return;
    await client.load(referenceTable, event.projection.key, rowOfEvent(event), signal);
  }

  /** A number may be the source of another rule's offense too. */
  function isOurs({ offense_source: offenseSource, log_sources: sources }: WireOffense): boolean {
    if (typeof offenseSource !== "string") return false;
    return offenseSource.startsWith("mdx:") || sources?.some(({ name }) => name === logSource) === true;
  }

  async function ticketOf(offense: WireOffense, signal: AbortSignal): Promise<Ticket> {
    if (typeof offense.closing_reason_id === "number") await reasons.load(signal);
    return toTicket(offense, url, (id) => spelledAs(Object.values(mapping.closingReasons), reasons.textOf(id)));
  }

  /** What differs, as QRadar takes it. A closed offense is never opened: QRadar does not allow it, and whoever closed it meant it. */
  async function toQuery(
    before: Ticket,
    { values }: TicketChanges,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> {
    const { status, closingReason = "", followUp } = values;
    const isClosed = before.values["status"] === CLOSED;
    if (isClosed && status !== undefined && status !== CLOSED) throw closed(before.ref.id);
    const flag = followUp === undefined || followUp === before.values["followUp"] ? {} : { follow_up: followUp };
    if (status !== CLOSED || isClosed) return isClosed ? {} : flag;
    const reasonId = await reasons.idOf(closingReason, signal);
    if (reasonId === undefined) {
      throw new PermanentError("rejected", `QRadar has no closing reason "${closingReason}" that may be used`, {
        mend: "make it (dex-sync setup qradar does), or name another in mapping.closingReasons",
      });
    }
    return { ...flag, status: CLOSED, closing_reason_id: String(reasonId) };
  }
}
