import { PermanentError, RetryableError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import type { Attachment } from "../connector.ts";
import { type Line, type Row, rowOf, trusted } from "./line.ts";
import { RecordAnswerSchema, type WireRow } from "./schema.ts";

/** The Table API, in its own words. Source: ServiceNow documentation, release Australia, "Table API". */
export interface ServiceNowClient {
  /** Rows whose `correlation_id` is this one, the oldest first, two at most. */
  findByCorrelationId(correlationId: string, signal: AbortSignal): Promise<readonly Row[]>;
  /** Undefined where there is no such record, or none this account may see. */
  get(sysId: string, signal: AbortSignal): Promise<Row | undefined>;
  create(values: Row, signal: AbortSignal): Promise<Row>;
  patch(sysId: string, values: Row, signal: AbortSignal): Promise<Row>;
  /** Entries of a journal column; undefined where this account may not read them, all or some. */
  journal(sysId: string, element: JournalField, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** Puts a file on a record, unless one of that name is there. */
  attach(sysId: string, file: Attachment, signal: AbortSignal): Promise<void>;
}

export type JournalField = "work_notes" | "comments";

const SAFE_CORRELATION_ID = /^[A-Za-z0-9:_-]{1,100}$/;
const SYS_ID = /^[A-Za-z0-9]{1,64}$/;
/** Of records under one key: those that were continued are Closed, and there are few of them. */
const SAME_KEY_MAX = "20";
const JOURNAL_PAGE = 500;
const JOURNAL_PAGES = 10;
const FILE_NAME = /^[A-Za-z0-9._-]{1,100}$/;
/** One of a name is enough; a query that was not understood answers any. */
const FILES_MAX = "100";

export function createServiceNowClient(options: {
  readonly line: Line;
  readonly table: string;
  /** Columns to be answered. */
  readonly fields: readonly string[];
}): ServiceNowClient {
  const { line } = options;
  const fields = options.fields.join(",");
  const tablePath = `/api/now/table/${options.table}`;
  let check: Promise<SchemaCheck<{ result: WireRow }>> | undefined;

  return {
    async findByCorrelationId(correlationId, signal) {
      // A `^` would add a condition, and `javascript:` is evaluated by the instance.
      if (!SAFE_CORRELATION_ID.test(correlationId))
        throw new PermanentError("malformed", "a correlation key has characters that a query could mistake");
      const query = {
        sysparm_query: `correlation_id=${correlationId}^ORDERBYsys_created_on`,
        sysparm_fields: fields,
        sysparm_limit: SAME_KEY_MAX,
        sysparm_exclude_reference_link: "true",
        sysparm_no_count: "true",
      };
      const listed = await line.list(tablePath, query, signal, [403]);
      if (listed === 403) throw lookUpForbidden(options.table);
      const { rows } = listed;
      const found = rows.filter((row) => row["correlation_id"] === correlationId);
      // A query part that is not understood is left out, and any rows come back: then "nothing found" would make a second ticket.
      // The instance's database may compare without case.
      if (rows.some((row) => row["correlation_id"]?.toLowerCase() !== correlationId.toLowerCase()))
        throw queryIgnored(options.table);
      return found;
    },

    async get(sysId, signal) {
      const response = await line.send(
        { method: "GET", url: recordUrl(sysId, { sysparm_exclude_reference_link: "true" }), expect: [404] },
        signal,
      );
      return response.status === 404 ? undefined : recordIn(response, false);
    },

    async create(values, signal) {
      const url = `${line.url}${tablePath}?${new URLSearchParams({ sysparm_fields: fields, sysparm_exclude_reference_link: "true" })}`;
      return recordIn(
        accepted(await line.send({ method: "POST", url, body: JSON.stringify(values), expect: [403] }, signal)),
        true,
      );
    },

    async patch(sysId, values, signal) {
      const request = {
        method: "PATCH",
        url: recordUrl(sysId, {}),
        body: JSON.stringify(values),
        expect: [403, 404],
      } as const;
      return recordIn(accepted(await line.send(request, signal)), true);
    },

    async journal(sysId, element, signal) {
      const entries: string[] = [];
      for (let page = 0; page < JOURNAL_PAGES; page += 1) {
        const query = {
          sysparm_query: `element_id=${checkedSysId(sysId)}^element=${element}^ORDERBYDESCsys_created_on`,
          sysparm_fields: "element_id,value",
          sysparm_limit: String(JOURNAL_PAGE),
          sysparm_offset: String(page * JOURNAL_PAGE),
          sysparm_exclude_reference_link: "true",
        };
        const listed = await line.list("/api/now/table/sys_journal_field", query, signal, [403]);
        if (listed === 403) return undefined;
        const { rows, total } = listed;
        entries.push(...rows.filter((row) => row["element_id"] === sysId).map((row) => row["value"] ?? ""));
        // Rows an access rule hides are counted, but not answered.
        if (rows.length < Math.min(JOURNAL_PAGE, total - page * JOURNAL_PAGE)) return undefined;
        if (rows.length < JOURNAL_PAGE) return entries;
      }
      return undefined;
    },

    async attach(sysId, file, signal) {
      // A name has letters, digits, - and . only: it stands in a query.
      if (!FILE_NAME.test(file.name))
        throw new PermanentError("malformed", "a file's name has characters that do not belong there");
      const place = { table_name: options.table, table_sys_id: checkedSysId(sysId), file_name: file.name };
      const query = {
        sysparm_query: Object.entries(place)
          .map(([name, value]) => `${name}=${value}`)
          .join("^"),
        sysparm_limit: FILES_MAX,
      };
      const listed = await line.list("/api/now/attachment", query, signal, [403]);
      const isThere =
        listed !== 403 &&
        listed.rows.some((row) => Object.entries(place).every(([name, value]) => row[name] === value));
      if (isThere) return;
      const url = `${line.url}/api/now/attachment/file?${new URLSearchParams(place)}`;
      const { text: body, mediaType } = file;
      attached(await line.send({ method: "POST", url, body, mediaType, expect: [403, 404, 413] }, signal));
    },
  };

  function recordUrl(sysId: string, query: Readonly<Record<string, string>>): string {
    return `${line.url}${tablePath}/${checkedSysId(sysId)}?${new URLSearchParams({ sysparm_fields: fields, ...query })}`;
  }

  async function recordIn(response: HttpResponse, isWrite: boolean): Promise<Row> {
    check ??= loadSchemaCheck(RecordAnswerSchema);
    return rowOf(trusted((await check)(response.json()), isWrite).result);
  }
}

/** 403 is an access rule, a business rule or a data policy: only the tool's own words tell which. */
function accepted(response: HttpResponse): HttpResponse {
  if (response.status === 404) {
    throw new PermanentError("notFound", "ServiceNow has no such record (deleted, or hidden from this account)", {
      mend: "restore the record or its visibility, then replay this work",
    });
  }
  if (response.status !== 403) return response;
  throw new PermanentError("rejected", `ServiceNow refused the record (403${toolMessage(response.text)})`, {
    mend: "if it names a mandatory field, give it in mapping.fields of the connector (a close code in mapping.closeCodes); else let the account write this record, or exempt it from the data policy; then replay this work",
  });
}

function attached(response: HttpResponse): void {
  if (response.status < 300) return;
  throw new PermanentError(
    "rejected",
    `ServiceNow did not take the evidence as a file (${response.status}${toolMessage(response.text)}); everything else is on the ticket`,
    {
      mend: "let the account create attachments on this table (and the type csv, in glide.attachment.extensions), or set mapping.attachEvidence to false; then replay this work",
    },
  );
}

function lookUpForbidden(table: string): RetryableError {
  return new RetryableError(
    "unauthorized",
    `ServiceNow does not let this account look for tickets (403): give it read access to the table ${table}`,
  );
}

function queryIgnored(table: string): RetryableError {
  return new RetryableError(
    "unauthorized",
    `ServiceNow answered a look-up by correlation_id with other records: this account may not read ${table}.correlation_id. Let it, and set glide.invalid_query.returns_no_rows to true`,
  );
}

function checkedSysId(sysId: string): string {
  if (SYS_ID.test(sysId)) return sysId;
  throw new PermanentError("malformed", "a record's sys_id has characters that do not belong there");
}
