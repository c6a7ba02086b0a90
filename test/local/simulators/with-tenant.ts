import { afterEach } from "vitest";
import { DEFAULT_GRAPH_TOKEN } from "../../../local/simulators/graph/start-graph.ts";
import { DEFAULT_SENTINEL_TOKEN } from "../../../local/simulators/sentinel/start-sentinel.ts";
import { startTenant, type Tenant, type TenantOptions } from "../../../local/simulators/start-tenant.ts";

/** What a call was answered with. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; reading it throws where it is none. */
  json(): Parsed;
}

/** Answers of simulated services have many shapes; tests name the members they look at. */
type Parsed = ReturnType<typeof JSON.parse>;

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export const PREFER = { prefer: "include-unknown-enum-members" } as const;

/** A tenant for one test, closed when it ends. */
export function useTenant(): (options?: TenantOptions) => Promise<Tenant> {
  const open: Tenant[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((tenant) => tenant.close()));
  });
  return async (options = {}) => {
    const tenant = await startTenant(options);
    open.push(tenant);
    return tenant;
  };
}

/** A clock that stands still until it is moved; begins at 2026-11-24T10:00:00Z. */
export function createManualClock(): { now(): number; advance(ms: number): void } {
  let ms = Date.UTC(2026, 10, 24, 10);
  return {
    now: () => ms,
    advance(by) {
      ms += by;
    },
  };
}

export function graphCall({ graph }: Tenant, path: string, options: CallOptions = {}): Promise<Answer> {
  const url = path.startsWith("http") ? path : `${graph.url}/${path}`;
  return call(url, { authorization: `Bearer ${DEFAULT_GRAPH_TOKEN}` }, options);
}

export function deskCall({ serviceNow }: Tenant, path: string, options: CallOptions = {}): Promise<Answer> {
  const { username, password } = serviceNow.credentials;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return call(`${serviceNow.url}${path}`, { authorization, accept: "application/json" }, options);
}

/** `path` is relative to the incidents of the workspace: "", "/{name}", "/{name}/comments/{id}". */
export function sentinelCall(tenant: Tenant, path: string, options: CallOptions = {}): Promise<Answer> {
  const separator = path.includes("?") ? "&" : "?";
  const url = path.startsWith("http") ? path : `${incidentsUrl(tenant)}${path}${separator}api-version=2025-09-01`;
  return call(url, { authorization: `Bearer ${DEFAULT_SENTINEL_TOKEN}` }, options);
}

export function incidentsUrl({ sentinel }: Tenant): string {
  const { subscriptionId, resourceGroup, workspace } = sentinel.workspace;
  return `${sentinel.url}/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${workspace}/providers/Microsoft.SecurityInsights/incidents`;
}

export async function call(
  url: string,
  defaults: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<Answer> {
  const hasBody = options.body !== undefined;
  const headers = { ...defaults, ...(hasBody ? { "content-type": "application/json" } : {}), ...options.headers };
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  const response = await fetch(url, {
    method: options.method ?? "GET",
    headers,
    redirect: "manual",
    ...(hasBody ? { body } : {}),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}
