import { describe, expect, it } from "vitest";
import type { ConnectorId, TicketConnector } from "../../../../shared/connectors/connector.ts";
import { createSentinelConnector } from "../../../../shared/connectors/sentinel/index.ts";
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

function connect(http: Http, mode: "observe" | "tag" = "tag"): TicketConnector {
  return createSentinelConnector({
    id: "sentinel" as ConnectorId,
    mode,
    subscriptionId: "d0cfe6b2-9ac0-4464-9919-dccaee2e48c0",
    resourceGroup: "my rg",
    workspace: "ws",
    armUrl: `${ARM}/`,
    token: () => Promise.resolve("token"),
    http,
    clock: { now: () => 0 },
    assignees: DEFAULT_ASSIGNEE_NAMES,
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

describe("mode observe", () => {
  it("writes nothing at all", async () => {
    const ref = { id: "a", label: "1", url: "https://x.test" };
    const { http, requests } = scripted([{ body: row("a", "29") }]);
    const connector = connect(http, "observe");
    expect(connector.create).toBeUndefined();
    await connector.update(ref, { values: {}, tags: { add: [], remove: ["dex:stage=active"] } }, signal);
    await connector.appendNotes(ref, [{ id: "0123456789abcdef", author: "x", createdAt: "", text: "x" }], signal);
    await expect(connector.readNotes?.(ref, signal)).resolves.toEqual(new Set());
    expect(requests.map(({ method }) => method)).toEqual(["GET"]);
  });
});
