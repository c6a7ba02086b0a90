import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../shared/errors.ts";
import { type Graph, type GraphToken, createGraph } from "../../../shared/graph/graph-client.ts";
import { createLoopbackHttp, errorOf } from "../http/loopback-http.ts";
import { type Answer, type LoopbackServer, answerJson, startLoopbackServer } from "../http/loopback-server.ts";

const signal = new AbortController().signal;

async function startGraphAt(
  answer: Answer,
  token: GraphToken = () => Promise.resolve("the-token"),
): Promise<{ readonly graph: Graph; readonly server: LoopbackServer }> {
  const server = await startLoopbackServer(answer);
  return { server, graph: await createGraph({ baseUrl: server.url, http: createLoopbackHttp(), token }) };
}

/** A token that counts how often another one was asked for. */
function countedToken(): { readonly token: GraphToken; fresh(): number } {
  let fresh = 0;
  return {
    fresh: () => fresh,
    token(_signal, { isFresh = false } = {}) {
      if (isFresh) fresh += 1;
      return Promise.resolve(`token-${fresh}`);
    },
  };
}

describe("every request", () => {
  const CALLS: readonly (readonly [string, (graph: Graph, url: string) => Promise<unknown>, string, string])[] = [
    ["a list", (graph) => graph.get("/security/incidents", { $top: "50", $filter: "a ge b" }, signal), "GET", "/v1.0/security/incidents?$top=50&$filter=a%20ge%20b"],
    ["a read of beta", (graph) => graph.get("/security/incidentTasks", {}, signal, { version: "beta" }), "GET", "/beta/security/incidentTasks"],
    ["a next page", (graph, url) => graph.getNext(`${url}/v1.0/x?$skiptoken=a%2Bb%3D=&q`, signal), "GET", "/v1.0/x?$skiptoken=a%2Bb%3D=&q"],
    ["a POST", (graph) => graph.send("POST", "/subscriptions", { a: 1 }, signal), "POST", "/v1.0/subscriptions"],
    ["a POST of nothing to beta", (graph) => graph.send("POST", "/x/reauthorize", undefined, signal, { version: "beta" }), "POST", "/beta/x/reauthorize"],
    ["a PATCH", (graph) => graph.send("PATCH", "/subscriptions/1", { a: "ä" }, signal), "PATCH", "/v1.0/subscriptions/1"],
    ["a DELETE", (graph) => graph.send("DELETE", "/subscriptions/1", undefined, signal), "DELETE", "/v1.0/subscriptions/1"],
  ]; // prettier-ignore

  it.each(CALLS)("asks for unknown members and carries the token: %s", async (_name, call, method, url) => {
    const { graph, server } = await startGraphAt(answerJson(200, {}));
    await call(graph, server.url);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({
      method,
      url,
      headers: {
        prefer: "include-unknown-enum-members",
        authorization: "Bearer the-token",
        accept: "application/json",
      },
    });
  });

  it("has its body as JSON, and says so", async () => {
    const { graph, server } = await startGraphAt(answerJson(201, { id: "1" }));
    const response = await graph.send("POST", "/subscriptions", { a: "ä" }, signal);
    expect(response.json()).toEqual({ id: "1" });
    expect(server.received[0]?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(server.received[0]?.body ?? "")).toEqual({ a: "ä" });
  });

  it("takes an answer without a body", async () => {
    const { graph } = await startGraphAt((response) => void response.writeHead(204).end());
    expect((await graph.send("DELETE", "/subscriptions/1", undefined, signal)).status).toBe(204);
  });

  it("is sent once: no failure is repeated, no Retry-After slept through", async () => {
    for (const status of [429, 500, 502, 503, 504]) {
      const { graph, server } = await startGraphAt(answerJson(status, {}, { "retry-after": "7" }));
      for (const call of [
        graph.get("/a", {}, signal),
        graph.getNext(`${server.url}/v1.0/a`, signal),
        graph.send("POST", "/a", {}, signal),
        graph.send("PATCH", "/a", {}, signal),
      ]) {
        const error = await errorOf(call);
        expect(error).toBeInstanceOf(RetryableError);
        expect(error).toMatchObject({ retryAfterMs: 7_000 });
      }
      expect(server.received).toHaveLength(4);
    }
  });

  it("follows no redirect", async () => {
    const { graph, server } = await startGraphAt(
      (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    );
    expect(await errorOf(graph.get("/a", {}, signal))).toMatchObject({ reason: "unauthorized" });
    expect(server.received).toHaveLength(1);
  });

  it("ends with its caller", async () => {
    const { graph } = await startGraphAt(() => undefined);
    expect(await errorOf(graph.send("POST", "/a", {}, AbortSignal.timeout(50)))).toMatchObject({
      reason: "timeout",
      mayHaveHappened: true,
    });
  });
});

describe("a status", () => {
  it.each([404, 403])("%d of a read is answered where it is expected", async (status) => {
    const { graph } = await startGraphAt(answerJson(status, { error: {} }));
    expect((await graph.get("/a", {}, signal, { expect: [status] })).status).toBe(status);
  });

  it("404 of a read is answered; 403 says what is missing", async () => {
    const missing = await startGraphAt(answerJson(404, {}));
    expect((await missing.graph.get("/a", {}, signal)).status).toBe(404);
    const forbidden = await startGraphAt(answerJson(403, {}));
    for (const call of [
      forbidden.graph.get("/a", {}, signal),
      forbidden.graph.getNext(`${forbidden.server.url}/v1.0/a`, signal),
    ]) {
      expect(await errorOf(call)).toMatchObject({
        reason: "unauthorized",
        message: expect.stringContaining("SecurityIncident.Read.All"),
      });
    }
  });

  it.each([400, 403, 404, 409, 501])("%d of a write is thrown as ours, unless it is expected", async (status) => {
    const { graph } = await startGraphAt(answerJson(status, { error: { message: "no" } }));
    const error = await errorOf(graph.send("POST", "/a", {}, signal));
    expect(error).toBeInstanceOf(status === 501 ? RetryableError : PermanentError);
    expect((await graph.send("POST", "/a", {}, signal, { expect: [status] })).status).toBe(status);
  });
});

describe("401", () => {
  const firstRefused: Answer = (response, request) =>
    answerJson(request.headers.authorization === "Bearer token-0" ? 401 : 200, {})(response, request);

  it.each(["POST", "PATCH", "DELETE"] as const)("once is answered by another token, for %s too", async (method) => {
    const tokens = countedToken();
    const { graph, server } = await startGraphAt(firstRefused, tokens.token);
    expect((await graph.send(method, "/a", { a: 1 }, signal)).status).toBe(200);
    expect(server.received.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ["Bearer token-0", method === "DELETE" ? "" : '{"a":1}'],
      ["Bearer token-1", method === "DELETE" ? "" : '{"a":1}'],
    ]);
    expect(tokens.fresh()).toBe(1);
  });

  it("once in the middle of a walk loses no page", async () => {
    const tokens = countedToken();
    const { graph, server } = await startGraphAt(firstRefused, tokens.token);
    expect((await graph.getNext(`${server.url}/v1.0/a?$skiptoken=b`, signal)).status).toBe(200);
  });

  it("for good is thrown after two, and is not carried out", async () => {
    const tokens = countedToken();
    const { graph, server } = await startGraphAt(answerJson(401, { error: { message: "expired" } }), tokens.token);
    for (const call of [() => graph.get("/a", {}, signal), () => graph.send("POST", "/a", {}, signal)]) {
      expect(await errorOf(call())).toMatchObject({ reason: "unauthorized", mayHaveHappened: false });
    }
    expect(server.received).toHaveLength(4);
  });

  it("is not for a token that cannot be had: its own error is thrown", async () => {
    const failure = new RetryableError("unauthorized", "no token");
    const { graph, server } = await startGraphAt(answerJson(200, {}), () => Promise.reject(failure));
    expect(await errorOf(graph.get("/a", {}, signal))).toBe(failure);
    expect(server.received).toEqual([]);
  });
});

it.each(["https://evil.example/v1.0/a", "http://127.0.0.1:1/v1.0/a", "not a link", "/v1.0/a"])(
  "the token is given to no other host: %s",
  async (link) => {
    const { graph, server } = await startGraphAt(answerJson(200, {}));
    expect(await errorOf(graph.getNext(link, signal))).toMatchObject({ reason: "unreadable" });
    expect(server.received).toEqual([]);
  },
);
