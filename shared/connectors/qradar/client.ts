import { PermanentError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import type { Line } from "./line.ts";
import {
  type WireOffense,
  WireNotesSchema,
  WireOffenseSchema,
  WireOffensesSchema,
  type WireReason,
  WireReasonsSchema,
  WireTableSchema,
} from "./schema.ts";

/** Offenses and reference tables of one console, in QRadar's own words. */
export interface QRadarClient {
  /** Newest first; undefined where the filter is not taken. */
  offenses(filter: string | undefined, from: number, signal: AbortSignal): Promise<readonly WireOffense[] | undefined>;
  offense(id: string, signal: AbortSignal): Promise<WireOffense | undefined>;
  /** Answers the offense as it is afterwards. */
  update(id: string, changes: Readonly<Record<string, string>>, signal: AbortSignal): Promise<WireOffense>;
  addNote(id: string, text: string, signal: AbortSignal): Promise<void>;
  notes(id: string, signal: AbortSignal): Promise<readonly string[]>;
  closingReasons(signal: AbortSignal): Promise<readonly WireReason[]>;
  /** Adds or replaces the row of a table; makes the table where there is none. */
  load(table: string, row: string, columns: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  hasTable(table: string, signal: AbortSignal): Promise<boolean>;
  /** False where it was there already. */
  createTable(table: string, signal: AbortSignal): Promise<boolean>;
  /** False where it was there already. */
  createClosingReason(reason: string, signal: AbortSignal): Promise<boolean>;
}

export const PAGE_SIZE = 500;
const NOTES_PAGES = 20;
const FIELDS = "id,status,offense_source,follow_up,closing_reason_id,last_persisted_time,log_sources(name)";
/** So that the table cannot grow for ever: longer than an incident is kept here. */
const TABLE_TTL = "400 days";

export function createQRadarClient(line: Line): QRadarClient {
  return {
    async offenses(filter, from, signal) {
      const query = { fields: FIELDS, sort: "-id", ...(filter === undefined ? {} : { filter }) };
      const range = [from, from + PAGE_SIZE - 1] as const;
      try {
        return await line.list({ path: "/siem/offenses", query, range, schema: WireOffensesSchema }, signal);
      } catch (error) {
        const isRefused = error instanceof PermanentError && error.reason === "rejected";
        if (!isRefused || filter === undefined) throw error;
        return undefined;
      }
    },
    offense: (id, signal) =>
      line.read(
        { path: `/siem/offenses/${id}`, query: { fields: FIELDS }, expect: [404], schema: WireOffenseSchema },
        signal,
      ),
    async update(id, changes, signal) {
      const query = { ...changes, fields: FIELDS };
      const response = await change({ path: `/siem/offenses/${id}`, query }, id, signal);
      return line.trusted(WireOffenseSchema, response.json(), true);
    },
    async addNote(id, text, signal) {
      await change({ path: `/siem/offenses/${id}/notes`, query: { note_text: text } }, id, signal);
    },
    async notes(id, signal) {
      const texts: string[] = [];
      for (let page = 0; page < NOTES_PAGES; page += 1) {
        const range = [page * PAGE_SIZE, (page + 1) * PAGE_SIZE - 1] as const;
        const path = `/siem/offenses/${id}/notes`;
        const rows = await line.list({ path, range, query: { fields: "note_text" }, schema: WireNotesSchema }, signal);
        texts.push(...rows.map((row) => row.note_text));
        if (rows.length < PAGE_SIZE) break;
      }
      return texts;
    },
    closingReasons: (signal) => line.list({ path: "/siem/offense_closing_reasons", schema: WireReasonsSchema }, signal),
    async load(table, row, columns, signal) {
      const first = await bulkLoad(table, row, columns, [404], signal);
      if (first.status !== 404) return;
      await createTable(table, signal);
      await bulkLoad(table, row, columns, [], signal);
    },
    async hasTable(table, signal) {
      const path = `/reference_data/tables/${encodeURIComponent(table)}`;
      const found = await line.read({ path, range: [0, 0], expect: [404], schema: WireTableSchema }, signal);
      return found !== undefined;
    },
    createTable,
    async createClosingReason(reason, signal) {
      const request = {
        method: "POST",
        path: "/siem/offense_closing_reasons",
        query: { reason },
        expect: [409],
      } as const;
      return (await line.send(request, signal)).status !== 409;
    },
  };

  async function bulkLoad(
    table: string,
    row: string,
    columns: Readonly<Record<string, string>>,
    expect: readonly number[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const path = `/reference_data/tables/bulk_load/${encodeURIComponent(table)}`;
    const request = { method: "POST", path, body: { [row]: columns }, expect: [...expect, 403] } as const;
    return permitted(await line.send(request, signal), table);
  }

  async function createTable(table: string, signal: AbortSignal): Promise<boolean> {
    const query = { name: table, element_type: "ALN", time_to_live: TABLE_TTL, timeout_type: "LAST_SEEN" };
    const request = { method: "POST", path: "/reference_data/tables", query, expect: [403, 409] } as const;
    return permitted(await line.send(request, signal), table).status !== 409;
  }

  async function change(
    request: { readonly path: string; readonly query: Readonly<Record<string, string>> },
    id: string,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const response = await line.send({ ...request, method: "POST", expect: [404, 409] }, signal);
    if (response.status === 404) throw gone(id);
    if (response.status === 409) throw closed(id, toolMessage(response.text));
    return response;
  }
}

/** A right that is missing for one incident's row is missing for all: they wait until it is given. */
function permitted(response: HttpResponse, table: string): HttpResponse {
  if (response.status !== 403) return response;
  throw new PermanentError(
    "misconfigured",
    `QRadar refused to write reference table ${table} (403${toolMessage(response.text)})`,
    {
      mend: 'give the authorized service the right to write reference data, or set referenceTable to "" for none; what waits is sent then',
    },
  );
}

/** The lane then lets go of the offense: the next event may make another. */
export function gone(id: string): PermanentError {
  return new PermanentError(
    "notFound",
    `QRadar offense ${id} is not there any more (deleted, or hidden from this account)`,
    {
      mend: "nothing, where it was deleted on purpose: its link is dropped, and the incident's next change (or a replay) looks for an offense anew",
    },
  );
}

export function closed(id: string, said = ""): PermanentError {
  return new PermanentError("final", `QRadar offense ${id} is closed, and takes no change${said}`, {
    mend: "nothing, where it was closed on purpose: events go on, and the offense that the next one makes is adopted",
  });
}
