import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HostLog } from "../core-types.ts";
import { BodyTooLargeError } from "./read-body.ts";

export interface HttpLimits {
  /** 16 MiB. Functions takes 100 MiB, but a body is held in memory here, beside everything else on this machine. */
  readonly maxBodyBytes: number;
  /** A caller that sends its headers, or the whole request, more slowly is cut off. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
};

export type HttpHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface HttpListener {
  readonly port: number;
  /** Takes nothing new; resolves when what was under way is done. */
  drain(): Promise<void>;
  /** Cuts off whatever is still open. */
  close(): void;
}

const MAX_HEADER_BYTES = 32 * 1024;

/** Listens on 127.0.0.1 alone. */
export async function startHttp(
  options: { readonly port: number; readonly limits: HttpLimits; readonly log: HostLog },
  handle: HttpHandler,
): Promise<HttpListener> {
  const { limits, log } = options;
  let closed: Promise<void> | undefined;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
    },
    (request, response) => {
      // A caller keeps its connection for the next request, and a listener that closes would wait for it.
      response.once("close", () => {
        if (closed !== undefined) setImmediate(() => server.closeIdleConnections());
      });
      answer(request, response, handle).catch((error: unknown) => fail(request, response, error, log));
    },
  );
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    drain: () => {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      return closed;
    },
    close: () => server.closeAllConnections(),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, handle: HttpHandler): Promise<void> {
  const target = request.url ?? "/";
  const url = `http://${request.headers.host ?? ""}${target}`;
  // A target that names another host (`GET http://other/`) is a proxy's business, and would get around the check of the Host header.
  if (!target.startsWith("/") || !URL.canParse(url) || new URL(url).username !== "") {
    response.writeHead(400).end();
    return;
  }
  await handle(request, response, new URL(url));
}

/** What a caller sees of a failure: never more than the status. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown, log: HostLog): void {
  const isTooLarge = error instanceof BodyTooLargeError;
  if (!isTooLarge && !request.destroyed) log("error", "Host.Http", describe(error));
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  // What is left of the body is not read, so the connection cannot be used again.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(isTooLarge ? 413 : 500).end();
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") {
        reject(
          new Error(`port ${port} on 127.0.0.1 is in use: end the program that has it, or start on another port`, {
            cause: error,
          }),
        );
      } else reject(error);
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}
