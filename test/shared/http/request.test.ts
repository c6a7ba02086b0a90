import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createLoopbackHttp, errorOf, get, post } from "./loopback-http.ts";
import { answerJson, answerText, startLoopbackServer } from "./loopback-server.ts";

describe("an answer", () => {
  it("comes back with status, headers by any case, text and JSON", async () => {
    const server = await startLoopbackServer(answerJson(201, { ä: "🦊" }, { "X-Count": "7", "set-cookie": "a=1" }));
    const response = await createLoopbackHttp().send(
      post(`${server.url}/api/x?q=1`, { headers: { Authorization: "Bearer t" }, body: '{"a":"ä"}' }),
    );
    expect(response.status).toBe(201);
    expect(response.text).toBe('{"ä":"🦊"}');
    expect(response.json()).toEqual({ ä: "🦊" });
    expect(response.headers.get("X-COUNT")).toBe("7");
    expect(response.headers.get("set-cookie")).toBe("a=1");
    expect(response.headers.get("x-none")).toBeNull();
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({ method: "POST", url: "/api/x?q=1", body: '{"a":"ä"}' });
    expect(server.received[0]?.headers).toMatchObject({
      authorization: "Bearer t",
      accept: "application/json",
      "user-agent": "dex-sync/test",
      "content-length": "10",
    });
    expect(server.received[0]?.headers["accept-encoding"]).toBeUndefined();
  });

  it.each(["GET", "POST", "PUT", "PATCH", "DELETE"] as const)(
    "to %s, with our headers over the defaults",
    async (method) => {
      const server = await startLoopbackServer(answerText(200, "plain", { "content-type": "text/plain" }));
      const headers = { Accept: "text/plain", "User-Agent": "other" };
      const response = await createLoopbackHttp().send({ ...get(server.url, { headers }), method, accept: "any" });
      expect(response.text).toBe("plain");
      expect(server.received[0]).toMatchObject({ method, body: "" });
      expect(server.received[0]?.headers).toMatchObject({ accept: "text/plain", "user-agent": "other" });
    },
  );

  it("may be empty where nothing is to be said", async () => {
    const server = await startLoopbackServer(answerText(204, "", { "content-type": "text/html" }));
    const response = await createLoopbackHttp().send(post(server.url));
    expect([response.status, response.text]).toEqual([204, ""]);
    expect(() => response.json()).toThrow(expect.objectContaining({ reason: "unreadable", mayHaveHappened: true }));
  });

  it("is not read where it is not wanted", async () => {
    const server = await startLoopbackServer(answerText(200, "x".repeat(50_000), { "content-type": "text/html" }));
    const response = await createLoopbackHttp().send(post(server.url, { accept: "none", maxResponseBytes: 10 }));
    expect([response.status, response.text]).toEqual([200, ""]);
  });

  it("goes over the same connections again and again, and many at once", async () => {
    let sockets = 0;
    const server = await startLoopbackServer(answerJson(200, 1));
    server.server.on("connection", () => {
      sockets += 1;
    });
    const http = createLoopbackHttp();
    for (let n = 0; n < 10; n += 1) await http.send(get(server.url));
    expect(sockets).toBeLessThan(5);
    await Promise.all(Array.from({ length: 100 }, () => http.send(get(server.url))));
    expect(sockets).toBeLessThanOrEqual(64);
    expect(server.received).toHaveLength(110);
  });
});

describe("a status outside of 2xx", () => {
  it("is an error with the tool's message, the place and the time to wait", async () => {
    const body = { error: { message: "Rate limit exceeded\u0007", detail: "100 an hour" } };
    const server = await startLoopbackServer(answerJson(429, body, { "retry-after": "30" }));
    const url = `${server.url}/api/now/table/incident?sysparm_query=secret`;
    expect(await errorOf(createLoopbackHttp().send(post(url, { names: "ServiceNow" })))).toMatchObject({
      name: "RetryableError",
      reason: "throttled",
      retryAfterMs: 30_000,
      mayHaveHappened: false,
      message: `ServiceNow: POST 127.0.0.1:${server.port}/api/now/table/incident answered 429 (Rate limit exceeded : 100 an hour)`,
    });
  });

  it("takes a date to wait for, by our clock", async () => {
    const headers = { "retry-after": "Tue, 24 Nov 2026 12:02:00 GMT" };
    const server = await startLoopbackServer(answerJson(503, {}, headers));
    expect(await errorOf(createLoopbackHttp().send(post(server.url)))).toMatchObject({
      reason: "unavailable",
      retryAfterMs: 120_000,
      mayHaveHappened: false,
    });
  });

  it("is answered where it is expected", async () => {
    const server = await startLoopbackServer(answerJson(404, { error: "none" }));
    const http = createLoopbackHttp();
    const response = await http.send(get(server.url, { expect: [403, 404] }));
    expect([response.status, response.json()]).toEqual([404, { error: "none" }]);
    expect(await errorOf(http.send(get(server.url, { expect: [403] })))).toMatchObject({ reason: "notFound" });
  });

  it("does not repeat credentials that the tool says back", async () => {
    const password = "correct horse battery";
    const basic = Buffer.from(`user:${password}`).toString("base64");
    const server = await startLoopbackServer((response, { headers }) => {
      const said = `no: ${headers.authorization} ${password} ${String(headers["x-api-key"])}`;
      answerJson(400, { message: said })(response, { method: "", url: "", headers: {}, body: "" });
    });
    const headers = { Authorization: `Basic ${basic}`, "X-Api-Key": "key-123456" };
    const error = await errorOf(createLoopbackHttp().send(get(server.url, { headers })));
    expect((error as Error).message).toContain("answered 400 (no: [redacted] [redacted] [redacted])");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/horse|key-123456|dXNlcj/);
  });

  it("tells its status though its body is cut off, zipped or endless", async () => {
    const server = await startLoopbackServer((response, { url }) => {
      if (url === "/cut") {
        response.writeHead(500, { "content-length": "100" });
        response.write("{", () => response.destroy());
      } else if (url === "/zipped") {
        response.writeHead(500, { "content-encoding": "gzip" });
        response.end(gzipSync('{"message":"zipped"}'));
      } else {
        response.writeHead(500);
        const more = (): void => {
          while (response.write("x".repeat(10_000)));
        };
        response.on("drain", more);
        more();
      }
    });
    const http = createLoopbackHttp();
    for (const path of ["/cut", "/zipped", "/endless"]) {
      expect(await errorOf(http.send(get(`${server.url}${path}`)))).toMatchObject({
        reason: "unavailable",
        message: `GET 127.0.0.1:${server.port}${path} answered 500`,
      });
    }
  });

  it.each([301, 302, 303, 307, 308])("%d: a redirect is not followed", async (status) => {
    const other = await startLoopbackServer(answerJson(200, {}));
    const server = await startLoopbackServer(answerText(status, "", { location: `${other.url}/login?s=1` }));
    const headers = { authorization: "Bearer secret-token" };
    expect(await errorOf(createLoopbackHttp().send(get(server.url, { headers })))).toMatchObject({
      name: "RetryableError",
      reason: "unauthorized",
      message: expect.stringContaining(`a redirect to 127.0.0.1:${other.port}: check the address and the credential (`),
    });
    expect(other.received).toEqual([]);
    expect(server.received).toHaveLength(1);
  });
});

describe("an answer that is none", () => {
  it.each([
    ["text/html; charset=utf-8", "<!DOCTYPE html><html>Sign in</html>"],
    ["application/xhtml+html", "Sign in"],
    ["application/json", "\n <html>hibernating</html>"],
    ["", "<html></html>"],
  ])("a page (%s) where JSON was asked for is a refused credential", async (type, body) => {
    const server = await startLoopbackServer(answerText(200, body, type === "" ? {} : { "content-type": type }));
    const http = createLoopbackHttp();
    expect(await errorOf(http.send(get(server.url)))).toMatchObject({
      name: "RetryableError",
      reason: "unauthorized",
      mayHaveHappened: false,
    });
    expect(await errorOf(http.send(post(server.url)))).toMatchObject({ reason: "unauthorized", mayHaveHappened: true });
    expect((await http.send(get(server.url, { accept: "any" }))).text).toBe(body);
  });

  it.each([400, 402, 403, 404, 405, 407, 409, 410, 411, 412, 413, 414, 422, 431, 451])(
    "a page that says %d is not the tool's word: nothing is refused for good by it, and of a write it is not known",
    async (status) => {
      const headers = { "content-type": "text/html", "retry-after": "9" };
      const server = await startLoopbackServer(answerText(status, "<html>blocked</html>", headers));
      const http = createLoopbackHttp();
      for (const expected of [[], [status]]) {
        const unreadable = { name: "RetryableError", reason: "unreadable", retryAfterMs: 9_000 };
        const message = expect.stringMatching(new RegExp(`answered ${status} with an HTML page.*proxy, or a sign-in`));
        const read = await errorOf(http.send(get(server.url, { expect: expected })));
        expect(read).toMatchObject({ ...unreadable, message, mayHaveHappened: false });
        const write = await errorOf(http.send(post(server.url, { expect: expected })));
        expect(write).toMatchObject({ ...unreadable, message, mayHaveHappened: true });
      }
    },
  );

  it.each([
    [302, "unauthorized"],
    [401, "unauthorized"],
    [408, "timeout"],
    [425, "busy"],
    [429, "throttled"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "timeout"],
  ])("a page that says %d says enough by that", async (status, reason) => {
    const server = await startLoopbackServer(answerText(status, "<html></html>", { "content-type": "text/html" }));
    const http = createLoopbackHttp();
    expect(await errorOf(http.send(post(server.url)))).toMatchObject({ name: "RetryableError", reason });
    expect((await http.send(post(server.url, { expect: [status] }))).status).toBe(status);
  });

  it("a page is known without its name, and by its name alone where nothing of it could be read", async () => {
    const server = await startLoopbackServer((response, { url }) => {
      if (url === "/zipped") {
        response.writeHead(403, { "content-type": "text/html", "content-encoding": "gzip" });
        response.end(gzipSync("<html></html>"));
      } else {
        response.writeHead(403);
        response.end("\n<!doctype html>");
      }
    });
    const http = createLoopbackHttp();
    for (const path of ["/zipped", "/unnamed"]) {
      expect(await errorOf(http.send(get(`${server.url}${path}`)))).toMatchObject({ reason: "unreadable" });
    }
    const asked = { accept: "any", expect: [403] } as const;
    expect((await http.send(get(`${server.url}/unnamed`, asked))).status).toBe(403);
  });

  it.each(['{"a":', "not json", "", "\u0000", "[1,]", "NaN"])("JSON that cannot be read: %j", async (body) => {
    const server = await startLoopbackServer(answerText(200, body, { "content-type": "application/json" }));
    const http = createLoopbackHttp();
    const read = await http.send(get(server.url));
    expect(() => read.json()).toThrow(
      expect.objectContaining({ name: "RetryableError", reason: "unreadable", mayHaveHappened: false }),
    );
    const written = await http.send(post(server.url));
    expect(() => written.json()).toThrow(expect.objectContaining({ reason: "unreadable", mayHaveHappened: true }));
  });

  it("of as many bytes as allowed is read, of one more not", async () => {
    const server = await startLoopbackServer(
      answerText(200, `"${"ä".repeat(499)}"`, { "content-type": "application/json" }),
    );
    const http = createLoopbackHttp();
    expect((await http.send(get(server.url, { maxResponseBytes: 1_000 }))).text).toHaveLength(501);
    expect(await errorOf(http.send(post(server.url, { maxResponseBytes: 999 })))).toMatchObject({
      reason: "unreadable",
      mayHaveHappened: true,
      message: expect.stringContaining("more than 999 bytes"),
    });
  });

  it("without an end is left at the limit", async () => {
    const server = await startLoopbackServer((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (response.write("x".repeat(10_000)));
      };
      response.on("drain", more);
      more();
    });
    const error = await errorOf(createLoopbackHttp().send(get(server.url, { maxResponseBytes: 100_000 })));
    expect(error).toMatchObject({ reason: "unreadable" });
  });

  it("that was zipped unasked is not unzipped", async () => {
    const bomb = gzipSync("x".repeat(1_000_000)).toString("latin1");
    const server = await startLoopbackServer((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(Buffer.from(bomb, "latin1"));
    });
    const error = await errorOf(createLoopbackHttp().send(get(server.url)));
    expect(error).toMatchObject({ reason: "unreadable", message: expect.stringContaining("encoding") });
  });
});
