import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GraphSimulator, startGraph } from "../../../local/simulators/graph/start-graph.ts";
import { createGraph } from "../../../shared/graph/graph-client.ts";
import { createGraphSource } from "../../../shared/graph/graph-source.ts";
import { type Http, createHttp } from "../../../shared/http/request.ts";
import type { IncidentId, TenantId } from "../../../shared/incident/incident.ts";
import { lifecycleOf } from "../../../shared/incident/lifecycle.ts";
import { revisionFromMs } from "../../../shared/incident/revision.ts";
import type { Source, Window } from "../../../shared/pipeline/ports/source.ts";
import { incidentKeyset, type OrderHints } from "../../../shared/pipeline/read/incident-keyset.ts";
import { readWindows } from "../../../shared/pipeline/read/read-window.ts";
import { systemClock } from "../../../shared/system.ts";

const TOKEN = "a-token-for-tests";
const signal = new AbortController().signal;
let graph: GraphSimulator;
let http: Http;
let source: Source;

beforeEach(async () => {
  graph = await startGraph({ tokens: [TOKEN] });
  http = createHttp({ allowPrivate: ["127.0.0.0/8"], clock: systemClock, userAgent: "test" });
  source = await sourceWith(TOKEN);
});
afterEach(async () => {
  await http.close();
  await graph.close();
});

async function sourceWith(token: string): Promise<Source> {
  const client = await createGraph({ baseUrl: graph.url, http, token: () => Promise.resolve(token) });
  return createGraphSource({ tenantId: graph.tenantId as TenantId, graph: client, clock: systemClock });
}

const ALL: Window = { from: revisionFromMs(0) };

/** What a poll knows once it has seen how the source lists: stamps of few digits can make another order look like this one for a page. */
const known: OrderHints = {
  isDescending: () => graph.behaviour.order === "updated-desc",
  isCounting: () => false,
  isCountable: () => true,
};

async function statusesByList(): Promise<Map<string, string>> {
  const statuses = new Map<string, string>();
  for await (const page of readWindows(incidentKeyset(source, known), [ALL], signal)) {
    for (const row of page.rows) if (row.kind === "incident") statuses.set(row.incident.id, row.incident.status);
  }
  return statuses;
}

describe("the source over a simulated Graph", () => {
  it("sees Awaiting Customer Action on every page, for it asks for unknown members each time", async () => {
    for (let index = 0; index < 120; index += 1) graph.incidents.create({ status: "awaitingAction" });
    const statuses = await statusesByList();
    expect(statuses.size).toBe(120);
    expect([...new Set(statuses.values())]).toEqual(["awaitingAction"]);
    const [id] = statuses.keys();
    const row = await source.get((id ?? "") as IncidentId, signal);
    expect(row?.kind === "incident" && lifecycleOf(row.incident).stage).toBe("awaitingCustomerAction");
  });

  it.each([
    ["updated-desc", "skip"],
    ["created-desc", "skip"],
    ["random", "skiptoken"],
  ] as const)("reads 1,100 incidents in %s order (%s links)", async (order, nextLink) => {
    Object.assign(graph.behaviour, { order, nextLink });
    for (let index = 0; index < 1_100; index += 1) graph.incidents.create();
    expect((await statusesByList()).size).toBe(1_100);
  });

  it("reads rows that share one stamp over many pages", async () => {
    const ids = Array.from({ length: 300 }, () => graph.incidents.create().id);
    graph.incidents.changeTogether(ids, { status: "inProgress" });
    expect((await statusesByList()).size).toBe(300);
  });

  it("asks with the tick: nothing is read twice below the window, nothing is missed at its edge", async () => {
    const first = graph.incidents.create({}, { stamp: "2026-02-25T16:29:33.1234567Z" });
    const row = await source.get(first.id as IncidentId, signal);
    if (row?.kind !== "incident") throw new Error("no incident");
    const { revision } = row.incident;
    expect((await source.listPage({ from: revision, to: revision }, signal)).rows).toHaveLength(1);
    const above = (revision + 1n) as typeof revision;
    expect((await source.listPage({ from: above }, signal)).rows).toHaveLength(0);
  });

  it("reads older documentation's spelling", async () => {
    Object.assign(graph.behaviour, { enumSpelling: "pascal", commentKeys: "legacy" });
    const { id } = graph.incidents.create({ status: "inProgress" });
    graph.incidents.comment(id, "Defender Experts", "a remark");
    const row = await source.get(id as IncidentId, signal);
    if (row?.kind !== "incident") throw new Error("no incident");
    expect(lifecycleOf(row.incident).stage).toBe("inProgress");
    expect(row.incident.comments).toMatchObject([{ author: "Defender Experts", text: "a remark" }]);
  });

  it("answers undefined for an incident that is not there", async () => {
    expect(await source.get("424242" as IncidentId, signal)).toBeUndefined();
  });

  it("marks an answer in part, and tells the server's time", async () => {
    graph.incidents.create();
    Object.assign(graph.behaviour, { answer: "partial" });
    const page = await source.listPage(ALL, signal);
    expect(page.isPartial).toBe(true);
    expect(Math.abs((page.servedAt ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it.each([
    ["unauthorized", "unauthorized"],
    ["forbidden", "unauthorized"],
    ["html", "unauthorized"],
  ] as const)("takes %s for a refused credential", async (answer, reason) => {
    Object.assign(graph.behaviour, { answer });
    await expect(source.listPage(ALL, signal)).rejects.toMatchObject({ name: "RetryableError", reason });
  });

  it("takes a wrong token for a refused credential, and never shows it", async () => {
    const refused = await sourceWith("secret-token-42");
    await expect(refused.listPage(ALL, signal)).rejects.toMatchObject({ reason: "unauthorized" });
    await expect(refused.listPage(ALL, signal)).rejects.not.toThrow(/secret-token-42/);
  });

  it("hands on Retry-After, in seconds or as a date", async () => {
    Object.assign(graph.behaviour, { quotaPerMinute: 1 });
    await source.listPage(ALL, signal);
    for (const retryAfter of ["seconds", "date"] as const) {
      Object.assign(graph.behaviour, { retryAfter });
      const error = await source.listPage(ALL, signal).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ reason: "throttled" });
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(0);
    }
  });

  it("never follows a next page to another host", async () => {
    for (let index = 0; index < 60; index += 1) graph.incidents.create();
    Object.assign(graph.behaviour, { nextLinkFault: "foreign-host" });
    await expect(statusesByList()).rejects.toThrow(/another host; it was not followed/);
  });

  it("does not go round for ever where pages link to themselves", async () => {
    for (let index = 0; index < 60; index += 1) graph.incidents.create();
    Object.assign(graph.behaviour, { nextLinkFault: "loop" });
    const before = graph.requests;
    await Promise.race([
      statusesByList().catch(() => undefined),
      new Promise((_resolve, reject) => setTimeout(() => reject(new Error("went round")), 20_000)),
    ]);
    expect(before).toBeDefined();
  });
});
