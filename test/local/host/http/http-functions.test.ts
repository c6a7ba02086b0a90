import { HttpResponse, app } from "@azure/functions";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { KEYS, startTestHost } from "../start-test-host.ts";
import { exchange } from "./raw-exchange.ts";

describe("an HTTP function", () => {
  it("receives method, url, route parameters, query, headers, cookies and body, and answers with its own", async () => {
    const host = await startTestHost({
      load: () =>
        app.http("echo", {
          route: "echo/{id:int}/{rest?}",
          methods: ["PUT"],
          authLevel: "anonymous",
          handler: async (request) => ({
            status: 207,
            headers: { "x-answer": "yes" },
            cookies: [{ name: "seen", value: "a b", httpOnly: true, sameSite: "Strict", maxAge: 60 }],
            jsonBody: {
              method: request.method,
              url: request.url,
              params: request.params,
              query: Object.fromEntries(request.query),
              header: request.headers.get("x-question"),
              cookie: request.headers.get("cookie"),
              body: await request.json(),
            },
          }),
        }),
    });
    const response = await fetch(`${host.url}/api/echo/7?a=1&b=two%20words&b=three`, {
      method: "PUT",
      headers: { "x-question": "why", cookie: "k=v" },
      body: JSON.stringify({ ä: 1 }),
    });
    expect(response.status).toBe(207);
    expect(response.headers.get("x-answer")).toBe("yes");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.getSetCookie()).toEqual(["seen=a%20b; max-age=60; path=/; samesite=strict; httponly"]);
    expect(await response.json()).toEqual({
      method: "PUT",
      url: `${host.url}/api/echo/7?a=1&b=two%20words&b=three`,
      params: { id: "7" },
      query: { a: "1", b: "two words,three" },
      header: "why",
      cookie: "k=v",
      body: { ä: 1 },
    });
  });

  it("takes and gives 3 MB of bytes unchanged", async () => {
    const host = await startTestHost({
      load: () =>
        app.post("bytes", { handler: async (request) => ({ body: new Uint8Array(await request.arrayBuffer()) }) }),
    });
    const sent = Buffer.from(Array.from({ length: 3 * 1024 * 1024 }, (_, at) => at * 7));
    const response = await fetch(`${host.url}/api/bytes`, { method: "POST", body: sent });
    expect(Buffer.from(await response.arrayBuffer()).equals(sent)).toBe(true);
  });

  it("that throws is 500 with an empty body, that returns nothing 204, and any other method or path 404", async () => {
    const host = await startTestHost({
      load: () => {
        app.get("throws", () => {
          throw new Error("a secret detail");
        });
        app.get("nothing", () => undefined as unknown as HttpResponse);
        app.get("wrong", () => "text" as unknown as HttpResponse);
        app.get("made", () => new HttpResponse({ status: 418, body: "tea" }));
      },
    });
    const answers = await Promise.all(
      ["throws", "nothing", "wrong", "made", "absent"].map(async (name) => {
        const response = await fetch(`${host.url}/api/${name}`);
        return [response.status, await response.text()];
      }),
    );
    expect(answers).toEqual([
      [500, ""],
      [204, ""],
      [500, ""],
      [418, "tea"],
      [404, ""],
    ]);
    expect((await fetch(`${host.url}/api/made`, { method: "DELETE" })).status).toBe(404);
    expect(
      host.lines.some((line) => line.startsWith("error Function.throws") && line.includes("a secret detail")),
    ).toBe(true);
  });

  it("is served at / by a route that matches nothing but the empty path", async () => {
    const host = await startTestHost({
      hostJson: { version: "2.0", extensions: { http: { routePrefix: "" } } },
      load: () => app.get("home", { route: "{home:maxlength(0)?}", handler: () => ({ body: "home" }) }),
    });
    expect(await (await fetch(`${host.url}/`)).text()).toBe("home");
    expect((await fetch(`${host.url}/else`)).status).toBe(404);
  });

  it("fails alone where its binding cannot be served", async () => {
    const host = await startTestHost({
      load: () => {
        app.get("good", () => ({ body: "ok" }));
        app.get("bad-route", { route: "{a:nothing}", handler: () => ({}) });
        app.get("own-route", { route: "../x/{", handler: () => ({}) });
        app.storageQueue("bad-trigger", { queueName: "q", connection: "c", handler: () => undefined });
        app.get("bad-output", {
          extraOutputs: [{ type: "queue", name: "out", queueName: "q" }],
          handler: () => ({}),
        });
        app.get("off", () => ({}));
      },
      settings: { "AzureWebJobs.off.Disabled": "true" },
    });
    expect(await (await fetch(`${host.url}/api/good`)).text()).toBe("ok");
    expect((await fetch(`${host.url}/api/off`)).status).toBe(404);
    const failures = Object.fromEntries(host.functions.map(({ name, failure }) => [name, failure]));
    expect(failures["good"]).toBeUndefined();
    expect(failures["bad-route"]).toContain("not known");
    expect(failures["own-route"]).toContain("braces");
    expect(failures["bad-trigger"]).toContain('"queueTrigger" (in) is not registered');
    expect(failures["bad-output"]).toContain('"queue" (out) is not registered');
    expect(host.lines.filter((line) => line.includes("is in error and does not run"))).toHaveLength(4);
  });
});

describe("keys", () => {
  const load = (): void => {
    app.get("open", () => ({ body: "open" }));
    app.get("keyed", { authLevel: "function", handler: () => ({ body: "keyed" }) });
    app.get("other", { authLevel: "function", handler: () => ({ body: "other" }) });
    app.get("owner", { authLevel: "admin", handler: () => ({ body: "owner" }) });
  };
  const statusOf = async (url: string, key?: string): Promise<number> =>
    (await fetch(url, key === undefined ? {} : { headers: { "x-functions-key": key } })).status;

  it("open what their level allows", async () => {
    const host = await startTestHost({ load });
    expect(await statusOf(`${host.url}/api/open`)).toBe(200);
    expect(await statusOf(`${host.url}/api/keyed`)).toBe(401);
    expect(await statusOf(`${host.url}/api/keyed`, "wrong")).toBe(401);
    expect(await statusOf(`${host.url}/api/keyed`, "")).toBe(401);
    expect(await statusOf(`${host.url}/api/keyed`, KEYS.functions)).toBe(200);
    expect(await statusOf(`${host.url}/api/keyed?code=${KEYS.functions}`)).toBe(200);
    expect(await statusOf(`${host.url}/api/keyed?code=${KEYS.functions}`, "wrong")).toBe(401);
    expect(await statusOf(`${host.url}/api/keyed`, KEYS.master)).toBe(200);
    expect(await statusOf(`${host.url}/api/owner`, KEYS.functions)).toBe(401);
    expect(await statusOf(`${host.url}/api/owner`, KEYS.master)).toBe(200);
  });

  it("may be one for each function", async () => {
    const host = await startTestHost({ load, keys: { master: "m", functions: { keyed: "k", default: "d" } } });
    expect(await statusOf(`${host.url}/api/keyed`, "k")).toBe(200);
    expect(await statusOf(`${host.url}/api/other`, "k")).toBe(401);
    expect(await statusOf(`${host.url}/api/other`, "d")).toBe(200);
  });

  it("must not be empty", async () => {
    await expect(startTestHost({ load, keys: { master: "", functions: "f" } })).rejects.toThrow("master key is empty");
  });
});

describe("authorization by loopback", () => {
  const load = (): void => {
    app.get("keyed", { authLevel: "function", handler: () => ({ body: "keyed" }) });
    app.get("owner", { authLevel: "admin", handler: () => ({ body: "owner" }) });
  };

  it("waives function keys for this machine and our own page, for nobody else", async () => {
    const host = await startTestHost({ load, authorization: "loopback" });
    const { port } = new URL(host.url);
    const status = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await exchange(host.url, path, headers)).status;
    const own = `127.0.0.1:${port}`;
    const allowed: Record<string, string>[] = [
      { host: own },
      { host: `localhost:${port}` },
      { host: `LOCALHOST:${port}` },
      { host: `[::1]:${port}` },
      { host: own, "sec-fetch-site": "same-origin", origin: `http://${own}` },
      { host: own, "sec-fetch-site": "none" },
    ];
    const refused: Record<string, string>[] = [
      { host: `evil.example:${port}` },
      { host: `127.0.0.1.evil.example:${port}` },
      { host: `localhost:${Number(port) + 1}` },
      { host: "localhost" },
      { host: own, "sec-fetch-site": "cross-site" },
      { host: own, "sec-fetch-site": "same-site" },
      { host: own, origin: "https://evil.example" },
      { host: own, origin: "null" },
      { host: own, origin: `http://localhost:${Number(port) + 1}` },
    ];
    for (const headers of allowed) expect([headers, await status("/api/keyed", headers)]).toEqual([headers, 200]);
    for (const headers of refused) expect([headers, await status("/api/keyed", headers)]).toEqual([headers, 401]);
    expect(await status("/api/keyed", { host: `evil.example:${port}`, "x-functions-key": KEYS.functions })).toBe(200);
    expect(await status("/api/owner", { host: own })).toBe(401);
    expect(await status("/admin/functions", { host: own })).toBe(401);
    expect(await status("/admin/functions", { host: own, "x-functions-key": KEYS.functions })).toBe(401);
  });
});

describe("the admin routes", () => {
  const master = { headers: { "x-functions-key": KEYS.master } };

  it("list bindings, tell the status, and run a timer", async () => {
    let runs = 0;
    const host = await startTestHost({
      load: () => {
        app.timer("tick", {
          schedule: "0 0 0 1 1 *",
          handler: () => {
            runs += 1;
          },
        });
        app.get("page", () => ({}));
        app.warmup("warm", { handler: () => undefined });
      },
    });
    const list = (await (await fetch(`${host.url}/admin/functions`, master)).json()) as {
      name: string;
      config: { bindings: { type: string }[] };
    }[];
    expect(list.map(({ name, config }) => [name, config.bindings.map(({ type }) => type)])).toEqual([
      ["tick", ["timerTrigger"]],
      ["page", ["httpTrigger", "http"]],
      ["warm", ["warmupTrigger"]],
    ]);
    const status = await (await fetch(`${host.url}/admin/host/status`, master)).json();
    expect(status).toMatchObject({ state: "Running", errors: [expect.stringContaining("warmupTrigger")] });

    const post = async (name: string, body?: string): Promise<number> =>
      (
        await fetch(`${host.url}/admin/functions/${name}`, {
          ...master,
          method: "POST",
          ...(body !== undefined && { body }),
        })
      ).status;
    expect(await post("tick", "{}")).toBe(202);
    await expect.poll(() => runs).toBe(1);
    expect(await post("tick", "not json")).toBe(400);
    expect(await post("page", "{}")).toBe(400);
    expect(await post("absent")).toBe(404);
    expect((await fetch(`${host.url}/admin/functions/tick`, { method: "POST" })).status).toBe(401);
    expect((await fetch(`${host.url}/admin/functions/tick`, master)).status).toBe(200);
    expect((await fetch(`${host.url}/admin/host/keys`, master)).status).toBe(404);
    expect(runs).toBe(1);
  });
});

describe("the listener", () => {
  const load = (): void =>
    app.post("take", { handler: async (request) => ({ body: (await request.text()).length.toString() }) });

  it("refuses a body over the limit, declared or not, and a target that names another host", async () => {
    const host = await startTestHost({ load, httpLimits: { maxBodyBytes: 1000 } });
    expect((await fetch(`${host.url}/api/take`, { method: "POST", body: "x".repeat(1000) })).status).toBe(200);
    expect((await fetch(`${host.url}/api/take`, { method: "POST", body: "x".repeat(1001) })).status).toBe(413);
    const chunked = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${host.url}/api/take`, { method: "POST" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.write("x".repeat(600));
      request.write("x".repeat(600));
    });
    expect(chunked).toBe(413);
    expect((await exchange(host.url, "http://other.example/api/take", { host: "other.example" })).status).toBe(400);
    expect((await exchange(host.url, "/api/take", { host: "a b" })).status).toBe(400);
  });

  it("takes 16 MiB, and reads no further whatever is still to come", async () => {
    const host = await startTestHost({ load });
    const piece = Buffer.alloc(1024 * 1024, "x");
    const request = httpRequest(`${host.url}/api/take`, { method: "POST" });
    // Cut off while it still sends: the cut may be seen before the answer is.
    const answered = once(request, "response").then(
      ([response]: IncomingMessage[]) => response?.on("error", () => undefined).resume().statusCode,
      (error: NodeJS.ErrnoException) => error.code,
    );
    request.on("error", () => undefined);
    let sent = 0;
    const send = (): void => {
      while (sent < 150 && !request.destroyed) {
        sent += 1;
        if (!request.write(piece)) {
          request.once("drain", send);
          return;
        }
      }
    };
    send();
    expect([413, "EPIPE", "ECONNRESET"]).toContain(await answered);
    expect(sent).toBeLessThan(32);
    request.destroy();
  });

  it("cuts off who sends headers too slowly", async () => {
    const host = await startTestHost({ load, httpLimits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const answer = await exchange(host.url, undefined, {});
    expect(answer.status).toBe(408);
  });

  it("names the port that is in use, and how to mend it", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    await expect(startTestHost({ load, httpPort: port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use`);
  });
});
