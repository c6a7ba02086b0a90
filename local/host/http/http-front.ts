import type { IncomingMessage, ServerResponse } from "node:http";
import type { RegisteredFunction } from "../app-registration.ts";
import type { Invoker } from "../invoker.ts";
import { toHttpData, writeHttpData } from "./http-data.ts";
import { type KeyRing, givenKey } from "./keys.ts";
import { isLoopbackCaller } from "./loopback-caller.ts";
import { readBody } from "./read-body.ts";
import { type RouteTable, createRouteTable } from "./route-table.ts";
import { proxyStream } from "./stream-proxy.ts";

export type AuthorizationMode = "keys" | "loopback";

export interface HttpFront {
  /** Throws where the binding cannot be served. */
  add(entry: RegisteredFunction, binding: Readonly<Record<string, unknown>>): void;
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export interface HttpFrontOptions {
  readonly routePrefix: string;
  readonly keys: KeyRing;
  /** `loopback` waives the keys of level function, and only for callers of this machine that are no other page. */
  readonly authorization: AuthorizationMode;
  readonly maxBodyBytes: number;
  readonly invoker: Invoker;
  streamPort(entry: RegisteredFunction): number | undefined;
  /** Known once the host listens. */
  port(): number;
}

const AUTH_LEVELS = ["anonymous", "function", "admin"] as const;
type AuthLevel = (typeof AUTH_LEVELS)[number];

interface Target {
  readonly entry: RegisteredFunction;
  readonly authLevel: AuthLevel;
}

/** The HTTP functions behind their routes and keys. */
export function createHttpFront(options: HttpFrontOptions): HttpFront {
  const routes: RouteTable<Target> = createRouteTable(options.routePrefix);

  function isAllowed({ entry, authLevel }: Target, request: IncomingMessage, url: URL): boolean {
    if (authLevel === "anonymous") return true;
    const given = givenKey(request.headers["x-functions-key"], url.searchParams);
    if (authLevel === "admin") return options.keys.isMaster(given);
    if (options.keys.opensFunction(entry.metadata.name, given)) return true;
    return options.authorization === "loopback" && isLoopbackCaller(request.headers, options.port());
  }

  return {
    add: (entry, binding) => {
      const level = binding["authLevel"] ?? "function";
      const authLevel = AUTH_LEVELS.find((known) => typeof level === "string" && known === level.toLowerCase());
      if (authLevel === undefined) {
        throw new Error(`authLevel ${JSON.stringify(level)} is not one of ${AUTH_LEVELS.join(", ")}`);
      }
      const methods = Array.isArray(binding["methods"]) ? binding["methods"].map(String) : ["GET", "POST"];
      const route = typeof binding["route"] === "string" ? binding["route"] : entry.metadata.name;
      routes.add(route, methods, { entry, authLevel });
    },
    handle: async (request, response, url) => {
      const found = routes.find(request.method ?? "GET", url.pathname);
      if (found === undefined) {
        response.writeHead(404).end();
        return;
      }
      const { target, params } = found;
      if (!isAllowed(target, request, url)) {
        response.writeHead(401).end();
        return;
      }
      const { entry } = target;
      const streamPort = options.streamPort(entry);
      if (streamPort !== undefined) {
        const call = { request, response, params, port: streamPort, maxBodyBytes: options.maxBodyBytes };
        await proxyStream(call, (input) => options.invoker.invoke(entry, input));
        return;
      }
      const body = await readBody(request, options.maxBodyBytes);
      const outcome = await options.invoker.invoke(entry, {
        trigger: { http: toHttpData(request, url, params, body) },
        traceParent: traceParentOf(request),
      });
      writeHttpData(response, outcome.response.returnValue);
    },
  };
}

function traceParentOf(request: IncomingMessage): string | undefined {
  const given = request.headers["traceparent"];
  return typeof given === "string" && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(given) ? given : undefined;
}
