import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import type { Authorization } from "./authorization.ts";
import { ListAnswerSchema, RecordAnswerSchema, type WireRow } from "./schema.ts";

/** A row of a table: every value as text, "" for none, a reference as the id it points to. */
export type Row = Readonly<Record<string, string>>;

/** The Table API, in its own words. Source: ServiceNow documentation, release Australia, "Table API". */
export interface ServiceNowClient {
  /** Rows whose `correlation_id` is this one, the oldest first, two at most. */
  findByCorrelationId(correlationId: string, signal: AbortSignal): Promise<readonly Row[]>;
  /** Undefined where there is no such record, or none this account may see. */
  get(sysId: string, signal: AbortSignal): Promise<Row | undefined>;
  create(values: Row, signal: AbortSignal): Promise<Row>;
  patch(sysId: string, values: Row, signal: AbortSignal): Promise<Row>;
  /** Entries of `work_notes`; undefined where this account may not read them, all or some. */
  journal(sysId: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

const TIMEOUT_MS = 30_000;
const SAFE_CORRELATION_ID = /^[A-Za-z0-9:_-]{1,100}$/;
const SYS_ID = /^[A-Za-z0-9]{1,64}$/;
/** Of records under one key: those that were continued are Closed, and there are few of them. */
const SAME_KEY_MAX = "20";
const JOURNAL_PAGE = 500;
const JOURNAL_PAGES = 10;

export function createServiceNowClient(options: {
  readonly url: string;
  readonly table: string;
  /** Columns to be answered. */
  readonly fields: readonly string[];
  readonly authorization: Authorization;
  readonly http: Http;
}): ServiceNowClient {
  const { authorization } = options;
  const fields = options.fields.join(",");
  const tableUrl = `${options.url}/api/now/table/${options.table}`;
  let checks: Promise<Checks> | undefined;

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
      const listed = await list(tableUrl, query, signal);
      if (listed === undefined) throw lookUpForbidden(options.table);
      const { rows } = listed;
      const found = rows.filter((row) => row["correlation_id"] === correlationId);
      // A query part that is not understood is left out, and any rows come back: then "nothing found" would make a second ticket.
      // The instance's database may compare without case.
      if (rows.some((row) => row["correlation_id"]?.toLowerCase() !== correlationId.toLowerCase()))
        throw queryIgnored();
      return found;
    },

    async get(sysId, signal) {
      const response = await send(
        { method: "GET", url: recordUrl(sysId, { sysparm_exclude_reference_link: "true" }), expect: [404] },
        signal,
      );
      return response.status === 404 ? undefined : recordIn(response, false);
    },

    async create(values, signal) {
      const url = `${tableUrl}?${new URLSearchParams({ sysparm_fields: fields, sysparm_exclude_reference_link: "true" })}`;
      return recordIn(
        accepted(await send({ method: "POST", url, body: JSON.stringify(values), expect: [403] }, signal)),
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
      return recordIn(accepted(await send(request, signal)), true);
    },

    async journal(sysId, signal) {
      const entries: string[] = [];
      for (let page = 0; page < JOURNAL_PAGES; page += 1) {
        const query = {
          sysparm_query: `element_id=${checkedSysId(sysId)}^element=work_notes^ORDERBYDESCsys_created_on`,
          sysparm_fields: "element_id,value",
          sysparm_limit: String(JOURNAL_PAGE),
          sysparm_offset: String(page * JOURNAL_PAGE),
          sysparm_exclude_reference_link: "true",
        };
        const listed = await list(`${options.url}/api/now/table/sys_journal_field`, query, signal);
        if (listed === undefined) return undefined;
        const { rows, total } = listed;
        entries.push(...rows.filter((row) => row["element_id"] === sysId).map((row) => row["value"] ?? ""));
        // Rows an access rule hides are counted, but not answered.
        if (rows.length < Math.min(JOURNAL_PAGE, total - page * JOURNAL_PAGE)) return undefined;
        if (rows.length < JOURNAL_PAGE) return entries;
      }
      return undefined;
    },
  };

  /** Undefined where it is forbidden. */
  async function list(url: string, query: Row, signal: AbortSignal): Promise<Listed | undefined> {
    const response = await send({ method: "GET", url: `${url}?${new URLSearchParams(query)}`, expect: [403] }, signal);
    if (response.status === 403) return undefined;
    const { checkList } = await loadedChecks();
    const rows = trusted(checkList(response.json()), false).result.map(rowOf);
    return { rows, total: Number(response.headers.get("x-total-count") ?? rows.length) };
  }

  async function send(
    request: Pick<HttpRequest, "method" | "url" | "body"> & { readonly expect: readonly number[] },
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const first = await authorization.headers(signal);
    const response = await attempt(request, first, [...request.expect, 401], signal);
    if (response.status !== 401) return response;
    // A token may have been withdrawn before its time: one renewal, then the credential counts as refused.
    if (authorization.forget(first))
      return attempt(request, await authorization.headers(signal), request.expect, signal);
    throw new RetryableError(
      "unauthorized",
      `ServiceNow refuses this account (401${toolMessage(response.text)}): check user and password, or the key; an account that needs a second factor cannot be used`,
    );
  }

  function attempt(
    request: Pick<HttpRequest, "method" | "url" | "body">,
    headers: Readonly<Record<string, string>>,
    expect: readonly number[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const type = request.body === undefined ? {} : { "content-type": "application/json" };
    return options.http.send({
      ...request,
      headers: { ...headers, ...type },
      signal,
      timeoutMs: TIMEOUT_MS,
      accept: "json",
      expect,
      names: "ServiceNow",
    });
  }

  function recordUrl(sysId: string, query: Readonly<Record<string, string>>): string {
    return `${tableUrl}/${checkedSysId(sysId)}?${new URLSearchParams({ sysparm_fields: fields, ...query })}`;
  }

  async function recordIn(response: HttpResponse, isWrite: boolean): Promise<Row> {
    const { checkRecord } = await loadedChecks();
    return rowOf(trusted(checkRecord(response.json()), isWrite).result);
  }

  function loadedChecks(): Promise<Checks> {
    checks ??= loadChecks();
    return checks;
  }
}

interface Listed {
  readonly rows: readonly Row[];
  /** How many there are in all, those included that an access rule hides. */
  readonly total: number;
}

interface Checks {
  readonly checkList: SchemaCheck<{ result: WireRow[] }>;
  readonly checkRecord: SchemaCheck<{ result: WireRow }>;
}

async function loadChecks(): Promise<Checks> {
  return { checkList: await loadSchemaCheck(ListAnswerSchema), checkRecord: await loadSchemaCheck(RecordAnswerSchema) };
}

function trusted<T>(checked: ReturnType<SchemaCheck<T>>, mayHaveHappened: boolean): T {
  if ("value" in checked) return checked.value;
  throw new RetryableError(
    "unreadable",
    `ServiceNow answered no record (${checked.problems.join("; ").slice(0, 300)})`,
    { mayHaveHappened },
  );
}

function rowOf(row: WireRow): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: WireRow[string]): string {
  if (value === null) return "";
  return typeof value === "object" ? (value.value ?? "") : String(value);
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
    mend: "if it names a mandatory field, set close codes and the like in the connector's mapping; else let the account write this record, or exempt it from the data policy",
  });
}

function lookUpForbidden(table: string): RetryableError {
  return new RetryableError(
    "unauthorized",
    `ServiceNow does not let this account look for tickets (403): give it read access to the table ${table}`,
  );
}

function queryIgnored(): RetryableError {
  return new RetryableError(
    "unauthorized",
    "ServiceNow answered a look-up by correlation_id with other records: this account may not read incident.correlation_id. Let it, and set glide.invalid_query.returns_no_rows to true",
  );
}

function checkedSysId(sysId: string): string {
  if (SYS_ID.test(sysId)) return sysId;
  throw new PermanentError("malformed", "a record's sys_id has characters that do not belong there");
}
