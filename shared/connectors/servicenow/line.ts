import { RetryableError } from "../../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import type { Authorization } from "./authorization.ts";
import { ListAnswerSchema, type WireRow } from "./schema.ts";

/** A row of a table: every value as text, "" for none, a reference as the id it points to. */
export type Row = Readonly<Record<string, string>>;

export interface Listed {
  readonly rows: readonly Row[];
  /** How many there are in all, those included that an access rule hides. */
  readonly total: number;
}

/** Requests to one instance, signed in. */
export interface Line {
  readonly url: string;
  send(request: LineRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Rows of a table or an API that lists; the status instead where it is one of `expect`. What an invalid query part leaves out is for the caller to see. */
  list<S extends number>(path: string, query: Row, signal: AbortSignal, expect: readonly S[]): Promise<Listed | S>;
}

export interface LineRequest extends Pick<HttpRequest, "method" | "url" | "body"> {
  readonly mediaType?: string;
  readonly expect: readonly number[];
}

const TIMEOUT_MS = 30_000;

export function createLine(options: {
  readonly url: string;
  readonly authorization: Authorization;
  readonly http: Http;
}): Line {
  const { url, authorization } = options;
  let check: Promise<SchemaCheck<{ result: WireRow[] }>> | undefined;
  return {
    url,
    send,
    async list(path, query, signal, expect) {
      const response = await send(
        { method: "GET", url: `${url}${path}?${new URLSearchParams(query)}`, expect },
        signal,
      );
      const refused = expect.find((status) => status === response.status);
      if (refused !== undefined) return refused;
      check ??= loadSchemaCheck(ListAnswerSchema);
      const rows = trusted((await check)(response.json()), false).result.map(rowOf);
      return { rows, total: Number(response.headers.get("x-total-count") ?? rows.length) };
    },
  };

  async function send(request: LineRequest, signal: AbortSignal): Promise<HttpResponse> {
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
    { mediaType, ...request }: LineRequest,
    headers: Readonly<Record<string, string>>,
    expect: readonly number[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const type = request.body === undefined ? {} : { "content-type": mediaType ?? "application/json" };
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
}

export function trusted<T>(checked: ReturnType<SchemaCheck<T>>, mayHaveHappened: boolean): T {
  if ("value" in checked) return checked.value;
  throw new RetryableError(
    "unreadable",
    `ServiceNow answered no record (${checked.problems.join("; ").slice(0, 300)})`,
    { mayHaveHappened },
  );
}

export function rowOf(row: WireRow): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: WireRow[string]): string {
  if (value === null) return "";
  return typeof value === "object" ? (value.value ?? "") : String(value);
}
