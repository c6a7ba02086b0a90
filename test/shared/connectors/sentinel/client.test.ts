import { describe, expect, it } from "vitest";
import type { ConnectorId, TicketConnector } from "../../../../shared/connectors/connector.ts";
import { type SentinelOptions, createSentinelConnector } from "../../../../shared/connectors/sentinel/index.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../../../shared/http/request.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import { aProjection } from "../a-projection.ts";

const signal = new AbortController().signal;
const { key } = aProjection();
const ARM = "https://management.azure.com";

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

/** Answers each request from a list; one too many fails the test. */
function scripted(answers: readonly Answer[]): { readonly http: Http; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http: Http = {
    send(request): Promise<HttpResponse> {
      const answer = answers[requests.length];
      requests.push(request);
      if (answer === undefined) throw new Error(`an unexpected request: ${request.method} ${request.url}`);
      const text = JSON.stringify(answer.body ?? {});
      return Promise.resolve({
        status: answer.status ?? 200,
        headers: { get: () => null },
        text,
        json: () => JSON.parse(text) as unknown,
      });
    },
    close: () => Promise.resolve(),
  };
  return { http, requests };
}

function connect(http: Http, overrides: Partial<SentinelOptions> = {}): TicketConnector {
  return createSentinelConnector({
    id: "sentinel" as ConnectorId,
    mode: "tag",
    subscriptionId: "d0cfe6b2-9ac0-4464-9919-dccaee2e48c0",
    resourceGroup: "my rg",
    workspace: "ws",
    armUrl: `${ARM}/`,
    token: () => Promise.resolve("token"),
    http,
    clock: { now: () => 0 },
    assignees: DEFAULT_ASSIGNEE_NAMES,
    portalHosts: ["security.microsoft.com"],
    ...overrides,
  });
}

function row(
  name: string,
  providerIncidentId: string,
  providerName = "Microsoft XDR",
  labels: readonly string[] = [],
): Record<string, unknown> {
  return {
    name,
    etag: `"${name}"`,
    properties: {
      title: "t",
      severity: "High",
      status: "New",
      providerName,
      providerIncidentId,
      labels: labels.map((labelName) => ({ labelName })),
    },
  };
}

describe("the look-up", () => {
  it("asks by filter, in the workspace configured", async () => {
    const { http, requests } = scripted([{ body: { value: [row("a", "29")] } }]);
    await expect(connect(http).find(key, signal)).resolves.toMatchObject({ ref: { id: "a" } });
    const url = new URL(requests[0]?.url ?? "");
    expect(url.pathname).toBe(
      "/subscriptions/d0cfe6b2-9ac0-4464-9919-dccaee2e48c0/resourceGroups/my%20rg/providers/Microsoft.OperationalInsights/workspaces/ws/providers/Microsoft.SecurityInsights/incidents",
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      "api-version": "2025-09-01",
      $filter: "properties/providerIncidentId eq '29'",
    });
  });

  it("looks through pages where the filter is refused, and does not ask by filter again", async () => {
    const nextLink = `${ARM}/next?page=2`;
    const { http, requests } = scripted([
      { status: 400 },
      { body: { value: [row("a", "28")], nextLink } },
      { body: { value: [row("b", "29", "Azure Sentinel"), row("c", "29", "Microsoft 365 Defender")] } },
      { body: { value: [] } },
    ]);
    const connector = connect(http);
    await expect(connector.find(key, signal)).resolves.toMatchObject({ ref: { id: "c" } });
    await expect(connector.find(key, signal)).resolves.toBeUndefined();
    expect(requests.map(({ url }) => new URL(url).searchParams.has("$filter"))).toEqual([true, false, false, false]);
    expect(requests[2]?.url).toBe(nextLink);
  });

  it("asks by filter again after an hour: one refusal may have had another cause", async () => {
    let now = 0;
    const refusal = [{ status: 400 }, { body: { value: [] } }];
    const { http, requests } = scripted([...refusal, { body: { value: [] } }, ...refusal, { body: { value: [] } }]);
    const connector = connect(http, { clock: { now: () => now } });
    const asksByFilter = async (at: number): Promise<boolean> => {
      now = at;
      const before = requests.length;
      await connector.find(key, signal);
      return requests.slice(before).some(({ url }) => new URL(url).searchParams.has("$filter"));
    };
    const hour = 3_600_000;
    const asked = [];
    for (const at of [0, hour - 1, hour, 2 * hour - 1]) asked.push(await asksByFilter(at));
    expect(asked).toEqual([true, false, true, false]);
  });

  it("looks through pages where the filter is ignored", async () => {
    const { http } = scripted([{ body: { value: [row("a", "28")] } }, { body: { value: [row("b", "29")] } }]);
    await expect(connect(http).find(key, signal)).resolves.toMatchObject({ ref: { id: "b" } });
  });

  it("stops after so many pages", async () => {
    const page = { body: { value: [row("a", "28")], nextLink: `${ARM}/next` } };
    const { http, requests } = scripted([{ status: 400 }, ...Array.from({ length: 10 }, () => page)]);
    await expect(connect(http).find(key, signal)).resolves.toBeUndefined();
    expect(requests).toHaveLength(11);
  });

  it("does not take the token to another host", async () => {
    const { http, requests } = scripted([{ status: 400 }, { body: { value: [], nextLink: "https://evil.test/next" } }]);
    await expect(connect(http).find(key, signal)).rejects.toMatchObject({ reason: "unreadable" });
    expect(requests).toHaveLength(2);
  });

  it("of a workspace that is not there says so, and is not taken for an incident without a twin", async () => {
    const { http } = scripted([{ status: 404 }]);
    await expect(connect(http).find(key, signal)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "unauthorized",
    });
  });
});

describe("labels", () => {
  const ref = { id: "a", label: "1", url: "https://x.test" };
  const changes = { values: {}, tags: { add: ["dex:stage=active"], remove: ["dex:stage=resolved"] } };

  it("are merged anew where somebody saved meanwhile", async () => {
    const { http, requests } = scripted([
      { body: row("a", "29", "Microsoft XDR", ["dex:stage=resolved"]) },
      { status: 409 },
      { body: { ...row("a", "29", "Microsoft XDR", ["dex:stage=resolved", "theirs"]), etag: '"2"' } },
      { body: row("a", "29", "Microsoft XDR", ["theirs", "dex:stage=active"]) },
    ]);
    await expect(connect(http).update(ref, changes, signal)).resolves.toMatchObject({
      tags: ["theirs", "dex:stage=active"],
    });
    const body = JSON.parse(requests[3]?.body ?? "") as { etag: string; properties: { labels: unknown } };
    expect(body.etag).toBe('"2"');
    expect(body.properties.labels).toEqual([{ labelName: "theirs" }, { labelName: "dex:stage=active" }]);
  });

  it("are given up for now after three more tries", async () => {
    const tries = Array.from({ length: 4 }, () => [{ body: row("a", "29") }, { status: 409 }]).flat();
    await expect(connect(scripted(tries).http).update(ref, changes, signal)).rejects.toMatchObject({
      name: "RetryableError",
      reason: "conflict",
    });
  });

  it("are not written where they are there already", async () => {
    const { http, requests } = scripted([{ body: row("a", "29", "Microsoft XDR", ["dex:stage=active"]) }]);
    await connect(http).update(ref, changes, signal);
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });
});

describe("a token that is refused", () => {
  const ref = { id: "a", label: "1", url: "https://x.test" };
  const note = { id: "0123456789abcdef", author: "x", createdAt: "", text: "x" };

  /** Answers 401 to every token but these. */
  function guarded(accepted: readonly string[]): { http: Http; sent: string[] } {
    const sent: string[] = [];
    const http: Http = {
      send(request) {
        const token = request.headers?.["authorization"]?.replace("Bearer ", "") ?? "";
        sent.push(`${request.method} ${token}`);
        const isRefused = !accepted.includes(token);
        if (isRefused && request.expect?.includes(401) !== true)
          return Promise.reject(new RetryableError("unauthorized", "401"));
        const body = { ...row("a", "29"), value: [row("a", "29")] };
        return Promise.resolve({
          status: isRefused ? 401 : 200,
          headers: { get: () => null },
          text: "",
          json: () => body,
        });
      },
      close: () => Promise.resolve(),
    };
    return { http, sent };
  }
  const token: SentinelOptions["token"] = (_signal, { isFresh = false } = {}) =>
    Promise.resolve(isFresh ? "fresh" : "old");

  it.each([
    ["find", "GET", (connector: TicketConnector) => connector.find(key, signal)],
    ["read", "GET", (connector: TicketConnector) => connector.read(ref, signal)],
    ["note", "PUT", (connector: TicketConnector) => connector.appendNotes(ref, [note], signal)],
  ])("is renewed once: %s", async (_name, method, call) => {
    const renewed = guarded(["fresh"]);
    await expect(call(connect(renewed.http, { token }))).resolves.not.toThrow();
    expect(renewed.sent).toEqual([`${method} old`, `${method} fresh`]);
    const refused = guarded([]);
    await expect(call(connect(refused.http, { token }))).rejects.toMatchObject({ reason: "unauthorized" });
    expect(refused.sent).toEqual([`${method} old`, `${method} fresh`]);
    const taken = guarded(["old"]);
    await call(connect(taken.http, { token }));
    expect(taken.sent).toEqual([`${method} old`]);
  });
});

describe("mode observe", () => {
  it("writes nothing at all", async () => {
    const ref = { id: "a", label: "1", url: "https://x.test" };
    const { http, requests } = scripted([{ body: row("a", "29") }]);
    const connector = connect(http, { mode: "observe" });
    expect(connector.create).toBeUndefined();
    await connector.update(ref, { values: {}, tags: { add: [], remove: ["dex:stage=active"] } }, signal);
    await connector.appendNotes(ref, [{ id: "0123456789abcdef", author: "x", createdAt: "", text: "x" }], signal);
    await expect(connector.readNotes?.(ref, signal)).resolves.toEqual(new Set());
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });
});
