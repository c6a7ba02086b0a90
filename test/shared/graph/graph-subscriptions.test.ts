import { describe, expect, it, onTestFinished } from "vitest";
import { startGraph } from "../../../local/simulators/graph/start-graph.ts";
import { createGraph } from "../../../shared/graph/graph-client.ts";
import { createGraphSubscriptions } from "../../../shared/graph/graph-subscriptions.ts";
import { answerHandshake } from "../../../shared/http/answer-handshake.ts";
import type { SubscriptionApi } from "../../../shared/pipeline/ports/subscriptions.ts";
import { createLoopbackHttp, errorOf } from "../http/loopback-http.ts";
import { answerJson, startLoopbackServer } from "../http/loopback-server.ts";

const signal = new AbortController().signal;
const DAY_MS = 24 * 60 * 60_000;

async function subscriptionsAt(url: string, token = "simulated-graph-token"): Promise<SubscriptionApi> {
  const graph = await createGraph({ baseUrl: url, http: createLoopbackHttp(), token: () => Promise.resolve(token) });
  return createGraphSubscriptions(graph);
}

async function startRig() {
  const graph = await startGraph({ behaviour: { subscriptions: "accepted" } });
  onTestFinished(() => graph.close());
  const receiver = await startLoopbackServer((response, request) => {
    const token = new URL(request.url ?? "", "http://127.0.0.1").searchParams.get("validationToken");
    const answer = answerHandshake(token ?? "");
    response.writeHead(token === null ? 202 : answer.status, { ...answer.headers }).end(answer.body);
  });
  const wanted = {
    resource: "security/incidents",
    notificationUrl: `${receiver.url}/api/doorbell/graph`,
    clientState: "a-secret",
    until: Date.now() + DAY_MS,
  };
  return { graph, receiver, wanted, api: await subscriptionsAt(graph.url) };
}

describe("subscriptions over a simulated Graph", () => {
  it("are created with both addresses, without resource data, and renewed", async () => {
    const { api, graph, wanted } = await startRig();
    const created = await api.create(wanted, signal);
    if ("refused" in created) throw new Error("refused");
    expect(created.expiresAt).toBe(wanted.until);
    expect(graph.subscriptions()).toMatchObject([
      {
        id: created.id,
        resource: "security/incidents",
        changeType: "created,updated",
        notificationUrl: wanted.notificationUrl,
        lifecycleNotificationUrl: wanted.notificationUrl,
        clientState: "a-secret",
      },
    ]);
    const until = Date.now() + 2 * DAY_MS;
    expect(await api.renew(created.id, until, signal)).toEqual({ expiresAt: until });
    await api.remove(created.id, signal);
    await api.remove(created.id, signal);
    expect(graph.subscriptions()).toEqual([]);
    expect(await api.renew(created.id, until, signal)).toBe("gone");
  });

  it("are refused by default", async () => {
    const { api, graph, wanted } = await startRig();
    graph.behaviour.subscriptions = "refused";
    expect(await api.create(wanted, signal)).toEqual({ refused: 400 });
  });

  it("are refused where nobody answers at the address", async () => {
    const { api, wanted } = await startRig();
    expect(await api.create({ ...wanted, notificationUrl: "http://127.0.0.1:1/" }, signal)).toEqual({ refused: 400 });
  });
});

describe("what Graph answers to a subscription", () => {
  const wanted = { resource: "r", notificationUrl: "https://dex.contoso.com/", clientState: "a-secret", until: 1 };

  it.each([400, 403, 404, 501])("%d refuses it", async (status) => {
    const { url } = await startLoopbackServer(answerJson(status, { error: { code: "x", message: "no" } }));
    expect(await (await subscriptionsAt(url)).create(wanted, signal)).toEqual({ refused: status });
  });

  it.each([
    [401, "unauthorized"],
    [429, "throttled"],
    [500, "unavailable"],
    [503, "unavailable"],
    [409, "rejected"],
  ])("%d is no refusal", async (status, reason) => {
    const { url } = await startLoopbackServer(answerJson(status, {}));
    expect(await errorOf((await subscriptionsAt(url)).create(wanted, signal))).toMatchObject({ reason });
  });

  it.each([
    ["nothing", null],
    ["no id", { expirationDateTime: "2026-01-01T00:00:00Z" }],
    ["an id that is a path", { id: "../users", expirationDateTime: "2026-01-01T00:00:00Z" }],
    ["no end", { id: "1" }],
    ["an end that is none", { id: "1", expirationDateTime: "soon" }],
  ])("%s is not believed", async (_name, body) => {
    const { url } = await startLoopbackServer(answerJson(201, body));
    expect(await errorOf((await subscriptionsAt(url)).create(wanted, signal))).toMatchObject({ reason: "unreadable" });
  });
});
