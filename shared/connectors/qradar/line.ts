import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { type Wire, type WireSchema, WireVersionsSchema } from "./schema.ts";

/** Requests to one console, in the version of its API that was chosen for it. Parameters go into the query: QRadar reads no others. */
export interface Line {
  send(request: LineRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** What is at a path; undefined where that was answered with an expected status. */
  read<S extends WireSchema>(request: ReadRequest<S>, signal: AbortSignal): Promise<Wire<S> | undefined>;
  /** Rows; the first thousand where no range is named. */
  list<S extends WireSchema>(request: ReadRequest<S>, signal: AbortSignal): Promise<Wire<S>>;
  /** An answer of a write, as what it should be. */
  trusted<S extends WireSchema>(schema: S, value: unknown, mayHaveHappened: boolean): Promise<Wire<S>>;
  /** The version that is spoken; chosen with the first request. */
  version(signal: AbortSignal): Promise<string>;
}

export interface LineRequest {
  readonly method: HttpRequest["method"];
  /** Below `/api`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Zero based, both included. */
  readonly range?: readonly [from: number, to: number];
  readonly expect?: readonly number[];
}

export interface ReadRequest<S extends WireSchema> extends Omit<LineRequest, "method" | "body"> {
  readonly schema: S;
}

const TIMEOUT_MS = 30_000;
/** The newest that this was written against; a newer one may answer otherwise. */
const NEWEST = [26, 0] as const;
const ROWS_MAX = 1_000;

export function createLine(options: { readonly url: string; readonly token: string; readonly http: Http }): Line {
  const checks = new Map<WireSchema, Promise<SchemaCheck<unknown>>>();
  let chosen: Promise<string> | undefined;

  return {
    async send(request, signal) {
      return sendAs(await version(signal), request, signal);
    },
    read,
    async list(request, signal) {
      const rows = await read({ range: [0, ROWS_MAX - 1], ...request }, signal);
      if (rows === undefined) throw new Error("a list is answered, or the request fails");
      return rows;
    },
    trusted,
    version,
  };

  async function read<S extends WireSchema>(
    request: ReadRequest<S>,
    signal: AbortSignal,
  ): Promise<Wire<S> | undefined> {
    const { schema, expect = [], ...rest } = request;
    const asked = { ...rest, method: "GET" as const, expect: [...expect, 403] };
    const response = await sendAs(await version(signal), asked, signal);
    if (response.status === 403) throw refusedList(response);
    return expect.includes(response.status) ? undefined : trusted(schema, response.json(), false);
  }

  /** What could not be chosen is chosen anew with the next request. */
  function version(signal: AbortSignal): Promise<string> {
    if (chosen !== undefined) return chosen;
    const mine = choose(signal);
    chosen = mine;
    mine.catch(() => {
      if (chosen === mine) chosen = undefined;
    });
    return mine;
  }

  async function choose(signal: AbortSignal): Promise<string> {
    const response = await sendAs(undefined, { method: "GET", path: "/help/versions", expect: [403] }, signal);
    if (response.status === 403) throw refusedList(response);
    const versions = await trusted(WireVersionsSchema, response.json(), false);
    const found = newestOf(versions.filter(({ removed }) => removed !== true));
    if (found !== undefined) return found;
    throw new PermanentError("misconfigured", "QRadar offers no version of its API that is known here", {
      mend: `it offers ${versions.map(({ version: offered }) => offered).join(", ")}; ${NEWEST.join(".")} or older is spoken`,
    });
  }

  function sendAs(version: string | undefined, request: LineRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { method, path, query, body, range, expect = [] } = request;
    const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
    return options.http.send({
      method,
      url: `${options.url}/api${path}${search.replaceAll("+", "%20")}`,
      headers: {
        SEC: options.token,
        ...(version === undefined ? {} : { Version: version }),
        ...(range === undefined ? {} : { Range: `items=${range[0]}-${range[1]}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      timeoutMs: TIMEOUT_MS,
      accept: "json",
      expect,
      names: "QRadar",
    });
  }

  async function trusted<S extends WireSchema>(schema: S, value: unknown, mayHaveHappened: boolean): Promise<Wire<S>> {
    const check = checks.get(schema) ?? loadSchemaCheck(schema);
    checks.set(schema, check);
    const checked = (await check)(value);
    if ("value" in checked) return checked.value as Wire<S>;
    const problems = checked.problems.join("; ").slice(0, 300);
    throw new RetryableError("unreadable", `QRadar's answer has another shape (${problems})`, { mayHaveHappened });
  }
}

/** What refuses a list refuses everything. */
function refusedList(response: HttpResponse): RetryableError {
  return new RetryableError(
    "unauthorized",
    `QRadar answered 403${toolMessage(response.text)}: give the authorized service a role with Offenses and a security profile that sees the log source`,
  );
}

interface Offered {
  readonly version: string;
  readonly deprecated?: boolean;
}

/** The newest that is known here, and deprecated only where there is no other. */
function newestOf(versions: readonly Offered[]): string | undefined {
  const known = versions.filter(({ version }) => compare(numbersOf(version), NEWEST) <= 0);
  const current = known.filter(({ deprecated }) => deprecated !== true);
  return (current.length > 0 ? current : known)
    .toSorted((a, b) => compare(numbersOf(a.version), numbersOf(b.version)))
    .at(-1)?.version;
}

function numbersOf(version: string): readonly number[] {
  return version.split(".").map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  return (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0);
}
