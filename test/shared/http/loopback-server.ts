import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

export interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  readonly server: Server;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/** A real server on a free port of 127.0.0.1 until the test ends. */
export async function startLoopbackServer(answer: Answer): Promise<LoopbackServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { method, url, headers } = request;
      const seen = { method, url, headers, body: await text(request) };
      received.push(seen);
      answer(response, seen);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, received, server };
}

export function answerJson(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(value));
  };
}

export function answerText(status: number, body: string, headers: Record<string, string>): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}
