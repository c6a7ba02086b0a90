import type { IncomingMessage, ServerResponse } from "node:http";
import { HOST_VERSION } from "../core-module.ts";
import type { HostFunction } from "../host-function.ts";
import { type KeyRing, givenKey } from "./keys.ts";
import { readBody } from "./read-body.ts";

export interface AdminFrontOptions {
  readonly keys: KeyRing;
  readonly functions: readonly HostFunction[];
  readonly startedAt: number;
  readonly now: () => number;
  /** Runs a function with this text as its trigger's input; undefined where it cannot be started so. */
  readonly startNow: (name: string, input: string) => Promise<unknown> | undefined;
}

const MAX_BODY_BYTES = 1_048_576;

/** Whether the path is the host's own. */
export function isAdminPath(pathname: string): boolean {
  return /^\/admin(?:\/|$)/i.test(pathname);
}

/** `admin/…`, always under the master key: list the functions, run one now, say how the host is. */
export async function answerAdmin(
  options: AdminFrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  if (!options.keys.isMaster(givenKey(request.headers["x-functions-key"], url.searchParams))) {
    response.writeHead(401).end();
    return;
  }
  const path = url.pathname.toLowerCase().replace(/\/$/, "");
  const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
  const entry = options.functions.find((candidate) => candidate.name.toLowerCase() === name);
  if (request.method === "GET" && path === "/admin/functions") {
    json(
      response,
      200,
      options.functions.map((listed) => describe(listed, url.origin)),
    );
  } else if (request.method === "GET" && path === "/admin/host/status") {
    json(response, 200, status(options));
  } else if (request.method === "GET" && entry !== undefined) {
    json(response, 200, describe(entry, url.origin));
  } else if (request.method === "POST" && entry !== undefined) {
    await start(options, entry, request, response);
  } else {
    response.writeHead(404).end();
  }
}

async function start(
  options: AdminFrontOptions,
  entry: HostFunction,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const input = readInput(await readBody(request, MAX_BODY_BYTES));
  if (input === undefined) {
    json(response, 400, { error: 'the body must be JSON like {"input":"…"}, or empty' });
    return;
  }
  const run = options.startNow(entry.name, input);
  if (run === undefined) {
    json(response, 400, { error: entry.failure ?? "this function is called by its own route, or is disabled" });
    return;
  }
  // Accepted is all the caller learns; the invoker logs how it ended.
  run.catch(() => undefined);
  response.writeHead(202).end();
}

function readInput(body: Buffer): string | undefined {
  if (body.byteLength === 0) return "";
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const input = typeof parsed === "object" && parsed !== null && "input" in parsed ? parsed.input : "";
    return typeof input === "string" ? input : JSON.stringify(input);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describe(entry: HostFunction, origin: string): object {
  return {
    name: entry.name,
    href: `${origin}/admin/functions/${entry.name}`,
    config: { name: entry.name, bindings: entry.bindings },
    language: "node",
    isDisabled: entry.isDisabled,
    ...(entry.failure !== undefined && { error: entry.failure }),
  };
}

function status(options: AdminFrontOptions): object {
  const errors = options.functions.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`The '${name}' function is in error: ${failure}`],
  );
  return {
    id: "dex-sync-local-host",
    state: "Running",
    version: HOST_VERSION,
    processUptime: options.now() - options.startedAt,
    ...(errors.length > 0 && { errors }),
  };
}

function json(response: ServerResponse, statusCode: number, value: unknown): void {
  response.writeHead(statusCode, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
}
