import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SimulatorClock } from "../clock.ts";
import { machineClock } from "../clock.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { type Flood, FLOOD_BYTES, sendFlood } from "./flood.ts";
import { type Call, htmlReply, type Reply, type Route, textReply } from "./message.ts";
import { createRequestCounters, type RequestCounters } from "./request-counters.ts";

export interface ServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly clock: SimulatorClock;
  /** The service itself. */
  route(method: string, path: string, call: Call): Route;
  /** Paths under `/simulator`, and pages for people: never counted, never struck by faults. Undefined: the service answers. */
  control(call: Call, server: RunningServer): Reply | undefined;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  readonly requests: RequestCounters;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** A loopback HTTP server that can be told to fail. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const faults = createFaults();
  const requests = createRequestCounters();
  const waits = new Set<() => void>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error("simulator failed", error);
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end("the simulator itself failed");
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const running: RunningServer = { url, port, faults, requests, close };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await readCall(request, url);
    if (call === undefined) {
      send(response, textReply(413, "text/plain", "the request body is over 10 MB"));
      return;
    }
    if (!isDecodable(call.path)) {
      send(response, textReply(400, "text/plain", "the path is not validly percent-encoded"));
      return;
    }
    const control = options.control(call, running);
    if (control !== undefined) {
      send(response, control);
      return;
    }
    const route = options.route(call.method, call.path, call);
    const fault = faults.take(call.method, call.path);
    const reply = fault === undefined ? await route.run(call) : await struck(fault, route, call);
    requests.count(route.kind, reply === "cut" ? "cut" : reply.status);
    const addBytes = (bytes: number): void => requests.addBytes(route.kind, bytes);
    if (reply === "cut") request.socket.destroy();
    else if ("bytes" in reply) await sendFlood(response, reply, addBytes);
    else addBytes(send(response, reply));
  }

  async function struck(fault: Fault, route: Route, call: Call): Promise<Reply | Flood | "cut"> {
    if (fault.delayMs !== undefined) await wait(fault.delayMs);
    const retryAfter: Record<string, string> =
      fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    switch (fault.kind) {
      case "delay":
        return route.run(call);
      case "cut":
        return "cut";
      case "applyThenCut":
        await route.run(call);
        return "cut";
      case "status":
        return textReply(
          fault.status ?? 500,
          "application/json",
          '{"error":{"message":"simulated fault"}}',
          retryAfter,
        );
      case "html":
        return htmlReply(fault.status ?? 200, "<!doctype html><title>Sign in</title><h1>Sign in</h1>", retryAfter);
      case "huge":
      case "gzipBomb":
        return {
          status: fault.status ?? 200,
          bytes: fault.bytes ?? FLOOD_BYTES,
          isPacked: fault.kind === "gzipBomb",
        };
      case "malformed":
        return cutShort(call.method === "GET" ? await route.run(call) : undefined);
    }
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        waits.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      waits.add(end);
    });
  }

  /** Answers how many bytes the body has. */
  function send(response: ServerResponse, reply: Reply): number {
    const length = Buffer.byteLength(reply.body);
    const headers: Record<string, string | number> = { ...reply.headers, "content-length": length };
    if (options.clock !== machineClock) headers["date"] = new Date(options.clock.now()).toUTCString();
    response.writeHead(reply.status, headers);
    response.end(reply.body);
    return length;
  }

  async function close(): Promise<void> {
    for (const end of waits) end();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  return running;
}

async function readCall(request: IncomingMessage, origin: string): Promise<Call | undefined> {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  const body = await readBody(request);
  if (body === undefined) return undefined;
  return {
    method: request.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1)),
    headers: request.headers,
    body,
    origin,
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (request.method === "GET" || request.method === "HEAD") return "";
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT_BYTES) return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isDecodable(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** Half of an answer under a header that says it is whole JSON. */
function cutShort(reply: Reply | undefined): Reply {
  const whole = reply?.body ?? '{"value":[{"id":"1"}]}';
  return textReply(200, "application/json; charset=utf-8", whole.slice(0, Math.floor(whole.length / 2)));
}
