import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLoopbackHttp, errorOf, get, post } from "./loopback-http.ts";
import { answerJson, startLoopbackServer } from "./loopback-server.ts";

/** A server that takes connections, and does with them what it is told. */
async function startSocketServer(serve: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function gate(): { readonly promise: Promise<void>; resolve(): void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, resolve: () => open() };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("a request without an answer", () => {
  it("refused: nothing can have happened", async () => {
    const url = `http://127.0.0.1:${await closedPort()}/x?token=secret`;
    const error = await errorOf(createLoopbackHttp().send(post(url)));
    expect(error).toMatchObject({ name: "RetryableError", reason: "unavailable", mayHaveHappened: false });
    expect((error as Error).message).toMatch(/^POST 127\.0\.0\.1:\d+\/x got no answer: ECONNREFUSED$/);
  });

  it.each(["ENOTFOUND", "EAI_AGAIN"])("without a name (%s): nothing can have happened", async (code) => {
    const resolve = (): Promise<never> => Promise.reject(Object.assign(new Error("no such name"), { code }));
    const error = await errorOf(createLoopbackHttp({ resolve }).send(post("https://tool.example/")));
    expect(error).toMatchObject({ reason: "unavailable", mayHaveHappened: false });
    expect((error as Error).message).toContain(code);
  });

  it("over a line that speaks no TLS: nothing can have happened", async () => {
    const host = await startSocketServer((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"));
    const error = await errorOf(createLoopbackHttp().send(post(`https://${host}/`)));
    expect(error).toMatchObject({ name: "RetryableError", reason: "unavailable", mayHaveHappened: false });
  });

  it.each([
    ["closed", (socket: Socket) => socket.end()],
    ["reset", (socket: Socket) => socket.resetAndDestroy()],
  ])("%s after sending: a write may have happened", async (_name, end) => {
    const host = await startSocketServer((socket) => socket.once("data", () => end(socket)));
    const http = createLoopbackHttp();
    const unavailable = { name: "RetryableError", reason: "unavailable" };
    expect(await errorOf(http.send(post(`http://${host}/`)))).toMatchObject({ ...unavailable, mayHaveHappened: true });
    expect(await errorOf(http.send(get(`http://${host}/`)))).toMatchObject({ ...unavailable, mayHaveHappened: false });
  });

  it.each([
    ["no HTTP", "220 smtp ready\r\n\r\n", "unavailable"],
    ["endless headers", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(40_000)}\r\n\r\n`, "unavailable"],
    [
      "a body cut off",
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a":',
      "unreadable",
    ],
    ["a chunk cut off", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2,\r\n", "unreadable"],
  ])("%s", async (_name, bytes, reason) => {
    const host = await startSocketServer((socket) => socket.once("data", () => socket.end(bytes)));
    const error = await errorOf(createLoopbackHttp().send(post(`http://${host}/`)));
    expect(error).toMatchObject({ name: "RetryableError", reason, mayHaveHappened: true });
  });

  it("is sent once", async () => {
    let requests = 0;
    const host = await startSocketServer((socket) =>
      socket.once("data", () => {
        requests += 1;
        socket.destroy();
      }),
    );
    const error = await errorOf(createLoopbackHttp().send(get(`http://${host}/`)));
    expect(error).toMatchObject({ reason: "unavailable" });
    expect(requests).toBe(1);
  });
});

describe("time", () => {
  it.each([
    ["no answer", undefined],
    ["half a header", "HTTP/1.1 200 OK\r\ncontent-"],
    ["half a body", 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a":'],
  ])("ends with %s, and a write may have happened", async (_name, bytes) => {
    const host = await startSocketServer((socket) =>
      socket.once("data", () => {
        if (bytes !== undefined) socket.write(bytes);
      }),
    );
    const http = createLoopbackHttp();
    const timeout = { name: "RetryableError", reason: "timeout" };
    const slow = { timeoutMs: 100 };
    expect(await errorOf(http.send(post(`http://${host}/`, slow)))).toMatchObject({
      ...timeout,
      mayHaveHappened: true,
    });
    expect(await errorOf(http.send(get(`http://${host}/`, slow)))).toMatchObject({
      ...timeout,
      mayHaveHappened: false,
    });
  });

  it("ends while the name is looked up", async () => {
    const resolve = (): Promise<never> => new Promise(() => undefined);
    const request = get("https://tool.example/", { timeoutMs: 50 });
    expect(await errorOf(createLoopbackHttp({ resolve }).send(request))).toMatchObject({ reason: "timeout" });
  });

  it("ends with the caller's, whatever its reason, at any point", async () => {
    const asked = gate();
    const host = await startSocketServer((socket) => socket.once("data", () => asked.resolve()));
    const controller = new AbortController();
    const error = errorOf(createLoopbackHttp().send(post(`http://${host}/`, { signal: controller.signal })));
    await asked.promise;
    controller.abort(new TypeError("shut down"));
    expect(await error).toMatchObject({ name: "RetryableError", reason: "timeout", mayHaveHappened: true });
  });

  it.each([{ signal: AbortSignal.abort() }, { timeoutMs: 0 }, { timeoutMs: -5 }])(
    "that is over already sends nothing",
    async (over) => {
      const server = await startLoopbackServer(answerJson(200, {}));
      const error = await errorOf(createLoopbackHttp().send(post(server.url, over)));
      expect(error).toMatchObject({ reason: "timeout", mayHaveHappened: false });
      expect(server.received).toEqual([]);
    },
  );
});

describe("closing", () => {
  it("ends what is under way, and refuses what comes later", async () => {
    const asked = gate();
    const host = await startSocketServer((socket) => socket.once("data", () => asked.resolve()));
    const http = createLoopbackHttp();
    const under = errorOf(http.send(post(`http://${host}/`)));
    await asked.promise;
    await http.close();
    expect(await under).toMatchObject({ name: "RetryableError", reason: "unavailable", mayHaveHappened: true });
    expect(await errorOf(http.send(post(`http://${host}/`)))).toMatchObject({
      reason: "unavailable",
      mayHaveHappened: false,
    });
  });

  it("is nothing where nothing was sent", async () => {
    const http = createLoopbackHttp();
    await http.close();
    await http.close();
  });
});
