import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../http/request.ts";
import { statusError } from "../../http/status-error.ts";
import { toolMessage } from "../../http/tool-message.ts";
import { loadSchemaCheck } from "../../schema-check.ts";
import { type Checks, loadChecks, trusted } from "./checks.ts";
import type { IncidentBody } from "./incident-body.ts";
import { notAllowed, notThere, refusalOfAll, writeRefused } from "./refusals.ts";
import { type WireIncident, type WirePermission, WirePermissionsSchema, type WireTask } from "./schema.ts";
import { createWriteQuota } from "./write-quota.ts";

/** Incidents of one workspace, in the words of Azure Resource Manager. */
export interface SentinelClient {
  findByProviderIncidentId(id: string, signal: AbortSignal): Promise<WireIncident | undefined>;
  /** Undefined where it is gone: the workspace was asked for then, so that one that is gone itself is not taken for that. */
  get(name: string, signal: AbortSignal): Promise<WireIncident | undefined>;
  /** The same without that question: for a look-up that goes on to ask for a list. */
  peek(name: string, signal: AbortSignal): Promise<WireIncident | undefined>;
  /** Replaces the writable properties; undefined where the etag is no longer the incident's. */
  put(name: string, body: IncidentBody, signal: AbortSignal): Promise<WireIncident | undefined>;
  putComment(name: string, commentName: string, message: string, signal: AbortSignal): Promise<void>;
  /** Names of all comments. */
  commentNames(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** A task as it is; undefined where there is none. */
  getTask(name: string, taskName: string, signal: AbortSignal): Promise<WireTask | undefined>;
  putTask(name: string, taskName: string, task: WireTask["properties"], signal: AbortSignal): Promise<void>;
  /** Whether Sentinel's own Defender connector has made an incident since then, milliseconds since 1970. */
  hasTwinSince(since: number, signal: AbortSignal): Promise<boolean>;
  /** Throws where incidents of this workspace cannot be listed. */
  mustList(signal: AbortSignal): Promise<void>;
  /** What this identity may do in the workspace, by roles there and above; undefined where Azure does not say. */
  permissions(signal: AbortSignal): Promise<readonly WirePermission[] | undefined>;
}

type Asked = Pick<HttpRequest, "method" | "url" | "body" | "expect">;

/** A bearer token; `isFresh` asks for another one than before, which was refused. */
export type SentinelToken = (signal: AbortSignal, options?: { readonly isFresh?: boolean }) => Promise<string>;

const API_VERSION = "2025-09-01";
const AUTHORIZATION_VERSION = "2022-04-01";
const TIMEOUT_MS = 30_000;
/** Without the filter: the newest so many incidents are looked through. */
const PAGE_SIZE = 500;
const PAGES_MAX = 10;
/** Statuses of which only Azure's code tells whom they concern. */
const MAY_CONCERN_ALL = [400, 403, 404, 409];
/** One refusal may have had another cause, and a look without the filter costs up to ten requests. */
const FILTER_AGAIN_MS = 60 * 60_000;
const PROVIDER_ID = /^[A-Za-z0-9_-]{1,58}$/;
/** `Microsoft XDR`, before `Microsoft 365 Defender`, `Microsoft Defender XDR`: compared loosely, for it has been renamed twice. */
const PORTAL = /(?:^|\.)security\.microsoft\.(?:com|us)$/i;
const PROVIDER = /\b(?:xdr|defender)\b/i;

export function createSentinelClient(options: {
  readonly armUrl: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly token: SentinelToken;
  readonly http: Http;
  readonly clock: { now(): number };
  readonly writesPer5Minutes: number;
}): SentinelClient {
  const workspacePath = [
    ["subscriptions", options.subscriptionId],
    ["resourceGroups", options.resourceGroup],
    ["providers/Microsoft.OperationalInsights/workspaces", options.workspace],
  ].map(([kind, name]) => `${kind}/${encodeURIComponent(name ?? "")}`);
  const incidentsUrl = `${options.armUrl}/${workspacePath.join("/")}/providers/Microsoft.SecurityInsights/incidents`;
  const quota = createWriteQuota({ clock: options.clock, most: options.writesPer5Minutes });
  let checks: Promise<Checks> | undefined;
  /** Whether this API takes a filter on providerIncidentId is documented nowhere; where it was refused, until when it is not asked. */
  let unfilteredUntil = Number.NEGATIVE_INFINITY;

  return {
    async findByProviderIncidentId(id, signal) {
      if (!PROVIDER_ID.test(id))
        throw new PermanentError("malformed", "an incident id has characters that a filter could mistake");
      if (options.clock.now() >= unfilteredUntil) {
        const filtered = await findByFilter(id, signal);
        if (filtered !== "refused") return filtered;
        unfilteredUntil = options.clock.now() + FILTER_AGAIN_MS;
      }
      return findByPaging(id, signal);
    },

    async get(name, signal) {
      const incident = await peek(name, signal);
      if (incident === undefined) await mustList(signal);
      return incident;
    },

    peek,

    async put(name, body, signal) {
      quota.spend("incident");
      const request = {
        method: "PUT",
        url: urlOf(name),
        body: JSON.stringify(body),
        expect: [403, 404, 409, 412],
      } as const;
      const response = await send(request, signal);
      if (response.status === 409 || response.status === 412) return undefined;
      return incidentIn(await allowed(response, name, signal));
    },

    async putComment(name, commentName, message, signal) {
      quota.spend("comment");
      const body = JSON.stringify({ properties: { message } });
      const url = urlOf(name, `/comments/${commentName}`);
      await allowed(await send({ method: "PUT", url, body, expect: [403, 404] }, signal), name, signal);
    },

    async commentNames(name, signal) {
      const { checkComment } = await loadedChecks();
      const names: string[] = [];
      const url = urlOf(name, "/comments");
      for await (const row of rowsFrom(url, signal, name)) names.push(trusted(checkComment(row)).name);
      return names;
    },

    async getTask(name, taskName, signal) {
      const response = await send({ method: "GET", url: urlOf(name, `/tasks/${taskName}`), expect: [404] }, signal);
      return response.status === 404 ? undefined : trusted((await loadedChecks()).checkTask(response.json()));
    },

    async putTask(name, taskName, task, signal) {
      quota.spend("task");
      const body = JSON.stringify({ properties: task });
      const url = urlOf(name, `/tasks/${taskName}`);
      await allowed(await send({ method: "PUT", url, body, expect: [403, 404] }, signal), name, signal);
    },

    async hasTwinSince(since, signal) {
      const query = {
        "api-version": API_VERSION,
        $filter: `properties/createdTimeUtc ge ${new Date(since).toISOString()}`,
        $orderby: "properties/createdTimeUtc desc",
        $top: String(PAGE_SIZE),
      };
      const { checkIncident } = await loadedChecks();
      for await (const row of rowsFrom(`${incidentsUrl}?${new URLSearchParams(query)}`, signal)) {
        const checked = checkIncident(row);
        if ("value" in checked && isOfDefender(checked.value)) return true;
      }
      return false;
    },

    mustList,

    async permissions(signal) {
      const url = `${options.armUrl}/${workspacePath.join("/")}/providers/Microsoft.Authorization/permissions?api-version=${AUTHORIZATION_VERSION}`;
      const response = await ask({ method: "GET", url, expect: [400, 403, 404] }, signal);
      if (response.status !== 200) return undefined;
      const checked = (await loadSchemaCheck(WirePermissionsSchema))(response.json());
      return "value" in checked ? checked.value.value : undefined;
    },
  };

  async function peek(name: string, signal: AbortSignal): Promise<WireIncident | undefined> {
    const response = await send({ method: "GET", url: urlOf(name), expect: [404] }, signal);
    return response.status === 404 ? undefined : incidentIn(response);
  }

  async function mustList(signal: AbortSignal): Promise<void> {
    const query = { "api-version": API_VERSION, $top: "1" };
    const response = await sendList(`${incidentsUrl}?${new URLSearchParams(query)}`, [], signal);
    trusted((await loadedChecks()).checkPage(response.json()));
  }

  /** An incident that is not found is gone only where its workspace is there. */
  async function allowed(response: HttpResponse, name: string, signal: AbortSignal): Promise<HttpResponse> {
    if (response.status === 403) throw writeRefused(response);
    if (response.status !== 404) return response;
    await mustList(signal);
    throw gone(name);
  }

  async function findByFilter(id: string, signal: AbortSignal): Promise<WireIncident | undefined | "refused"> {
    const url = `${incidentsUrl}?${new URLSearchParams({ "api-version": API_VERSION, $filter: `properties/providerIncidentId eq '${id}'` })}`;
    const response = await sendList(url, [400], signal);
    if (response.status === 400) return "refused";
    const rows = (await pageIn(response)).rows.map(trusted);
    const found = rows.find((row) => isTwin(row, id));
    // Rows of other incidents mean that the filter was not applied.
    return found === undefined && rows.some((row) => row.properties.providerIncidentId !== id) ? "refused" : found;
  }

  /** Looks through the newest incidents; one beyond the bound counts as not there. */
  async function findByPaging(id: string, signal: AbortSignal): Promise<WireIncident | undefined> {
    const query = {
      "api-version": API_VERSION,
      $orderby: "properties/lastModifiedTimeUtc desc",
      $top: String(PAGE_SIZE),
    };
    const { checkIncident } = await loadedChecks();
    for await (const row of rowsFrom(`${incidentsUrl}?${new URLSearchParams(query)}`, signal)) {
      const checked = checkIncident(row);
      // A row of another provider that cannot be read is not ours to fail on.
      if ("value" in checked && isTwin(checked.value, id)) return checked.value;
    }
    return undefined;
  }

  /** `of`: the incident whose own list it is. */
  async function* rowsFrom(firstUrl: string, signal: AbortSignal, of?: string): AsyncGenerator<unknown, void> {
    const { checkPage } = await loadedChecks();
    let url: string | undefined = firstUrl;
    for (let pages = 0; url !== undefined && pages < PAGES_MAX; pages += 1) {
      const page: { value: unknown[]; nextLink?: string | null } = trusted(
        checkPage((await sendList(url, [], signal, of)).json()),
      );
      yield* page.value;
      url = nextOf(page.nextLink);
    }
  }

  async function pageIn(
    response: HttpResponse,
  ): Promise<{ readonly rows: readonly ReturnType<Checks["checkIncident"]>[] }> {
    const { checkPage, checkIncident } = await loadedChecks();
    return { rows: trusted(checkPage(response.json())).value.map(checkIncident) };
  }

  /** Anywhere else would be given our token. */
  function nextOf(link: string | null | undefined): string | undefined {
    if (link === null || link === undefined || link === "") return undefined;
    if (URL.canParse(link) && new URL(link).origin === new URL(options.armUrl).origin) return link;
    throw new RetryableError("unreadable", "Sentinel named a next page on another host; it was not followed");
  }

  /** What refuses a list refuses everything: the role, or the workspace's name. */
  async function sendList(
    url: string,
    expect: readonly number[],
    signal: AbortSignal,
    of?: string,
  ): Promise<HttpResponse> {
    const response = await send({ method: "GET", url, expect: [...expect, 403, 404] }, signal);
    if (response.status === 403) throw notAllowed(response, options, false);
    if (response.status !== 404) return response;
    if (of === undefined) throw notThere(response, options);
    return allowed(response, of, signal);
  }

  /** What every incident of the workspace would be refused is thrown here; what may be this one's own is the caller's to expect. */
  async function send(request: Asked, signal: AbortSignal): Promise<HttpResponse> {
    const { method, url, expect = [] } = request;
    const response = await ask({ ...request, expect: [...expect, ...MAY_CONCERN_ALL] }, signal);
    const { status } = response;
    if (status < 400) return response;
    const isWrite = method !== "GET";
    const ofAll = refusalOfAll(response, options, isWrite);
    if (ofAll !== undefined) throw ofAll;
    if (expect.includes(status)) return response;
    const what = `Sentinel: ${method} ${new URL(url).host}${new URL(url).pathname.slice(0, 200)}`;
    throw statusError(status, what, toolMessage(response.text), { isWrite, retryAfterMs: undefined, location: null });
  }

  async function ask(request: Asked, signal: AbortSignal): Promise<HttpResponse> {
    const expect = request.expect ?? [];
    const response = await sendWith(await options.token(signal), request, [...expect, 401], signal);
    // Certainly not carried out, so that even a write may be sent again; once, with another token.
    return response.status === 401
      ? sendWith(await options.token(signal, { isFresh: true }), request, expect, signal)
      : response;
  }

  function sendWith(
    token: string,
    request: Pick<HttpRequest, "method" | "url" | "body">,
    expect: readonly number[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const type = request.body === undefined ? {} : { "content-type": "application/json" };
    return options.http.send({
      ...request,
      headers: { authorization: `Bearer ${token}`, ...type },
      expect,
      signal,
      timeoutMs: TIMEOUT_MS,
      accept: "json",
      names: "Sentinel",
    });
  }

  function urlOf(name: string, rest = ""): string {
    return `${incidentsUrl}/${encodeURIComponent(name)}${rest}?api-version=${API_VERSION}`;
  }

  async function incidentIn(response: HttpResponse): Promise<WireIncident> {
    return trusted((await loadedChecks()).checkIncident(response.json()));
  }

  function loadedChecks(): Promise<Checks> {
    checks ??= loadChecks();
    return checks;
  }
}

function isTwin(incident: WireIncident, id: string): boolean {
  return incident.properties.providerIncidentId === id && isOfDefender(incident);
}

/** Under a name of tomorrow it is still known by its address in the Defender portal. */
export function isOfDefender({ properties }: WireIncident): boolean {
  if (PROVIDER.test(properties.providerName ?? "")) return true;
  const address = properties.additionalData?.providerIncidentUrl ?? "";
  return URL.canParse(address) && PORTAL.test(new URL(address).hostname);
}

/** The lane then lets go of the twin, for Sentinel's own connector may make another. */
export function gone(label: string): PermanentError {
  return new PermanentError("notFound", `Sentinel incident ${label} is not there any more`, {
    mend: "nothing, where it was deleted on purpose: its link is dropped, and the incident's next change (or a replay) looks for a twin anew",
  });
}
