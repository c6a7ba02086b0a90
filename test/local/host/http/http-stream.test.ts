import { app } from "@azure/functions";
import { EventEmitter, once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { startTestHost, type TestHost } from "../start-test-host.ts";

/** Tells the function, by topic, that its caller has what was sent so far. */
const caller = new EventEmitter();

/** The library is told once for the whole process, so this has a file of its own. */
describe("with enableHttpStream", () => {
  async function startStreaming(limits?: { maxBodyBytes: number }): Promise<TestHost> {
    return startTestHost({
      ...(limits && { httpLimits: limits }),
      load: () => {
        if (!("streamSetUp" in globalThis)) app.setup({ enableHttpStream: true });
        Object.assign(globalThis, { streamSetUp: true });
        app.http("events", {
          route: "events/{topic}",
          authLevel: "anonymous",
          handler: ({ params: { topic = "" } }) => ({
            headers: { "content-type": "text/event-stream" },
            body: new ReadableStream<Uint8Array>({
              async start(controller) {
                for (const at of [1, 2, 3]) {
                  const has = once(caller, `${topic} has it`);
                  controller.enqueue(Buffer.from(`data: ${topic} ${at}\n\n`));
                  await has;
                }
                controller.close();
              },
            }),
          }),
        });
        app.post("bytes", {
          handler: async (request) => ({
            body: new Uint8Array(await request.arrayBuffer()),
            headers: { "x-url": request.url },
          }),
        });
        app.get("throws", () => {
          throw new Error("no");
        });
        app.get("nothing", () => undefined as never);
        app.get("cookies", () => ({ body: "x", cookies: [{ name: "a", value: "b" }] }));
        app.get("keyed", { authLevel: "function", handler: () => ({ body: "in" }) });
      },
    });
  }

  it("sends events as they come, and the rest as without it", async () => {
    const host = await startStreaming();
    const arrivals: string[] = [];
    await new Promise<void>((resolve, reject) => {
      httpRequest(`${host.url}/api/events/news`, (response) => {
        expect(response.headers["content-type"]).toBe("text/event-stream");
        // The next event is sent once this one is here: were they kept back until the end, it would never come.
        response.on("data", (chunk: Buffer) => {
          arrivals.push(chunk.toString());
          caller.emit("news has it");
        });
        response.on("end", resolve);
      })
        .on("error", reject)
        .end();
    });
    expect(arrivals).toEqual(["data: news 1\n\n", "data: news 2\n\n", "data: news 3\n\n"]);

    const sent = Buffer.from(Array.from({ length: 3 * 1024 * 1024 }, (_, at) => at * 11));
    const bytes = await fetch(`${host.url}/api/bytes?q=1`, { method: "POST", body: sent });
    expect(Buffer.from(await bytes.arrayBuffer()).equals(sent)).toBe(true);
    expect(bytes.headers.get("x-url")).toBe(`${host.url}/api/bytes?q=1`);
    expect(bytes.headers.get("x-ms-invocation-id")).toBeNull();
    const status = async (path: string): Promise<number> => (await fetch(`${host.url}/api/${path}`)).status;
    expect(await status("throws")).toBe(500);
    expect(await status("nothing")).toBe(204);
    expect(await status("keyed")).toBe(401);
    expect((await fetch(`${host.url}/api/cookies`)).headers.getSetCookie()).toEqual(["a=b"]);
  });

  it("refuses a body over the limit", async () => {
    const host = await startStreaming({ maxBodyBytes: 1000 });
    expect((await fetch(`${host.url}/api/bytes`, { method: "POST", body: "x".repeat(1001) })).status).toBe(413);
  });

  it("stops although a function goes on sending to a caller that went away", async () => {
    const host = await startStreaming();
    const abort = new AbortController();
    const response = await fetch(`${host.url}/api/events/gone`, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    // The function waits for ever: it would hold this up past the test's time.
    await host.stop();
  });

  it("leaves nothing listening on another interface", async () => {
    await startStreaming();
    const ports = listeningPorts();
    expect(ports.length).toBeGreaterThan(1);
    expect(ports.every(({ host }) => host === "127.0.0.1")).toBe(true);
  });
});

function listeningPorts(): { host: string }[] {
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  return handles.flatMap((handle) => {
    const { listening, address } = handle as { listening?: boolean; address?: () => { address: string } | null };
    const bound = listening === true ? address?.call(handle) : undefined;
    return bound ? [{ host: bound.address }] : [];
  });
}
