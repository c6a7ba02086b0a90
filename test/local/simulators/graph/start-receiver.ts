import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/** What arrived at one path, in order. */
export interface Received {
  readonly path: string;
  /** The URL-decoded token of a handshake; null for a notification. */
  readonly token: string | null;
  /** The query as it was sent. */
  readonly query: string;
  readonly contentType: string;
  readonly body: string;
}

export interface Receiver {
  urlOf(path: string): string;
  readonly received: readonly Received[];
  /** The notifications, read as JSON. */
  notifications(path: string): ReadonlyArray<ReturnType<typeof JSON.parse>>;
}

/** Receivers of notifications for one test, closed when it ends. `refuses` are paths whose handshake fails. */
export function useReceiver(): (refuses?: readonly string[]) => Promise<Receiver> {
  const open: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((close) => close()));
  });
  return async (refuses = []) => {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const { pathname, search, searchParams } = new URL(request.url ?? "/", "http://localhost");
      const token = searchParams.get("validationToken");
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const contentType = request.headers["content-type"] ?? "";
        received.push({ path: pathname, token, query: search, contentType, body });
        response.writeHead(token === null ? 202 : 200, { "content-type": "text/plain" });
        response.end(refuses.includes(pathname) ? "no" : token);
      });
    });
    open.push(() => new Promise((resolve) => server.close(resolve)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      urlOf: (path) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      received,
      notifications: (path) =>
        received.filter((one) => one.token === null && one.path === path).map(({ body }) => JSON.parse(body)),
    };
  };
}
