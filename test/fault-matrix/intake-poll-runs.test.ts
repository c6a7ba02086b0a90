import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type TokenSource, createCredential, tokenSource } from "../../shared/azure/credentials.ts";
import { type PollReport, detectChanges } from "../../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../../shared/pipeline/detect/detect-deps.ts";
import { startGraphTenant } from "../graph-tenant.ts";
import { mortalDeps } from "../mortal-deps.ts";
import { pollFor } from "../poll-for.ts";
import { createMany, withNews } from "./news.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LIST = "GET /v1.0/security/incidents";

function pollWith(deps: DetectDeps): Promise<PollReport> {
  return detectChanges(deps, [], new AbortController().signal);
}

/** Every request of a run for pages goes through this first. */
function beforeEachPage(deps: DetectDeps, act: () => Promise<void>): DetectDeps {
  return {
    ...deps,
    source: {
      ...deps.source,
      async listPage(...args) {
        await act();
        return deps.source.listPage(...args);
      },
    },
  };
}

describe("intake: poll, whatever happens to its runs", () => {
  it.each([10 * MINUTE, -10 * MINUTE])(
    "row 13: a clock of ours that is wrong by %d ms, and jumps back and forth, loses nothing",
    async (aheadMs) => {
      const tenant = await startGraphTenant();
      tenant.skew.ms = aheadMs;
      await createMany(tenant, 60);
      await tenant.poll();
      for (const skewMs of [aheadMs, -aheadMs, 0, HOUR, aheadMs]) {
        tenant.skew.ms = skewMs;
        const late = tenant.graph.incidents.create({}, { visibleAfterMs: 50 * SECOND });
        for (let polls = 0; polls < 8; polls += 1) {
          tenant.graph.incidents.create();
          await pollFor(tenant, 15 * SECOND);
        }
        expect([skewMs, (await tenant.snapshot(late.id))?.incident.id]).toEqual([skewMs, late.id]);
        expect(await tenant.lost()).toEqual([]);
      }
      // The watermark is the source's: it never runs ahead of what was read.
      expect((await tenant.state()).cursor ?? 0n).toBeLessThanOrEqual(BigInt(tenant.clock.now()) * 10_000n);
    },
  );

  it("row 14: a process that dies at any of its calls loses nothing, and repeats carry the same message id", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents } = tenant.graph;
    const survivor = incidents.create().id;
    const loser = incidents.create().id;
    await tenant.poll();
    let kills = 0;
    for (let diesAt = 1; ; diesAt += 1) {
      await tenant.clock.advance(15 * SECOND);
      const { id } = incidents.create({ status: "awaitingAction" });
      incidents.addAlert(id);
      incidents.change(survivor, { summary: `${diesAt}` });
      incidents.change(loser, { status: "redirected", redirectIncidentId: diesAt % 2 === 0 ? survivor : id });
      const life = { calls: 0, diesAt };
      const ended = await pollWith(mortalDeps(tenant.deps, life)).then(String, String);
      expect(["Error: killed", "[object Object]"]).toContain(ended);
      if (ended === "Error: killed") kills += 1;
      await pollFor(tenant, 36 * SECOND, 18 * SECOND);
      expect([diesAt, ...(await tenant.lost())]).toEqual([diesAt]);
      if (life.calls < diesAt) break;
    }
    expect(kills).toBeGreaterThan(30);
    const bySeq = new Map<string, Set<string>>();
    for (const { messageId, body } of tenant.bus.attempts) {
      const { incidentId, seq } = body as { incidentId: string; seq: number };
      const key = `${incidentId}:${seq}`;
      bySeq.set(key, (bySeq.get(key) ?? new Set()).add(messageId));
    }
    expect([...bySeq.values()].filter((ids) => ids.size > 1)).toEqual([]);
  });

  it("row 15: of two pollers at once one reads; one that was thought dead writes nothing any more", async () => {
    const { tenant } = await withNews(120);
    const both = await Promise.all([pollWith({ ...tenant.deps }), pollWith({ ...tenant.deps })]);
    expect(both.map((report) => report.outcome).toSorted()).toEqual(["held", "polled"]);
    expect(await tenant.lost()).toEqual([]);

    await createMany(tenant, 160);
    const others: PollReport[] = [];
    let pages = 0;
    const overlong = beforeEachPage(tenant.deps, async () => {
      pages += 1;
      if (pages !== 3) return;
      await tenant.clock.advance(tenant.deps.leaseMs + SECOND);
      tenant.graph.incidents.create();
      others.push(await tenant.poll());
    });
    const late = await pollWith(overlong);
    expect([late.outcome, ...others.map((report) => report.outcome)]).toEqual(["held", "polled"]);
    expect(await tenant.lost()).toEqual([]);
    const { fence } = await tenant.state();
    await pollFor(tenant, 15 * SECOND);
    expect(await tenant.state()).toMatchObject({ fence: fence + 1, unread: [] });
  });

  it.each([1_000, 10])(
    "row 16: a timer that was silent for three hours (%d requests a minute): the gap is read in bounded batches",
    async (requestsPerMinute) => {
      const { tenant } = await withNews(1, { requestsPerMinute });
      await tenant.poll();
      await createMany(tenant, 180, MINUTE);
      const first = await tenant.poll();
      expect(first.requests).toBeLessThanOrEqual(requestsPerMinute + 3);
      const { id } = tenant.graph.incidents.create();
      await pollFor(tenant, requestsPerMinute > 10 ? 15 * SECOND : MINUTE);
      expect(await tenant.snapshot(id)).toBeDefined();
      await pollFor(tenant, 2 * MINUTE);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it("row 17: a first run on 800 incidents is bounded, starves no live change, and survives a kill", async () => {
    const tenant = await startGraphTenant({ requestsPerMinute: 40 });
    await createMany(tenant, 800, 30 * SECOND);
    const slow = beforeEachPage(tenant.deps, () => tenant.clock.advance(300));
    await pollWith(slow);
    expect((await tenant.state()).unread).toHaveLength(1);
    await expect(pollWith(mortalDeps(slow, { calls: 0, diesAt: 300 }))).rejects.toThrow("killed");
    await tenant.clock.advance(tenant.deps.leaseMs);
    for (let polls = 0; polls < 8; polls += 1) {
      const { id } = tenant.graph.incidents.create();
      await tenant.clock.advance(15 * SECOND);
      const startedAt = tenant.clock.now();
      await pollWith(slow);
      expect(tenant.clock.now() - startedAt).toBeLessThanOrEqual(3 * SECOND);
      expect(await tenant.snapshot(id)).toBeDefined();
    }
    expect(await tenant.lost()).toEqual([]);
    expect(tenant.graph.requests.read().total).toBeLessThanOrEqual(Math.ceil(800 / 49) + 15);
  });

  it("row 18: a token that expires in the middle of a walk is renewed once, and the walk goes on", async () => {
    let token = "first-token";
    const asked: boolean[] = [];
    const tenant = await startGraphTenant({
      graph: { tokens: ["first-token"] },
      token: (_signal, options) => {
        asked.push(options?.isFresh === true);
        if (options?.isFresh === true) token = "second-token";
        return Promise.resolve(token);
      },
    });
    await tenant.poll();
    await createMany(tenant, 180);
    tenant.graph.onPage(({ skip }) => skip === 50 && tenant.graph.setTokens(["second-token"]));
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
    expect(asked.filter((isFresh) => isFresh)).toHaveLength(1);
    expect(await tenant.lost()).toEqual([]);
  });

  it.each([
    ["401 for good", "unauthorized", 2],
    ["403, the consent revoked", "forbidden", 1],
  ] as const)(
    "row 18: %s is asked a minute apart three times, then every five; nothing is lost when it mends",
    async (_name, answer, requestsATry) => {
      const { tenant } = await withNews(3);
      tenant.graph.behaviour.answer = answer;
      await pollFor(tenant, 4 * MINUTE);
      await createMany(tenant, 3);
      const before = tenant.graph.requests.read().total;
      await pollFor(tenant, HOUR);
      expect(tenant.graph.requests.read().total - before).toBeLessThanOrEqual(12 * requestsATry);
      expect((await tenant.state()).lastError).toMatch(/^unauthorized: /);
      tenant.graph.behaviour.answer = "normal";
      await pollFor(tenant, 5 * MINUTE);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it("row 19: while the identity endpoint is throttled the token that is held goes on; without one it is asked ever less", async () => {
    const identity = await startIdentity();
    const { tenant } = await withNews(1, {
      graph: { tokens: ["token-1"] },
      token: await tokensFor("https://graph.microsoft.com"),
    });
    expect(identity.calls()).toBe(1);
    identity.answer(429);
    await createMany(tenant, 3);
    await pollFor(tenant, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(identity.calls()).toBe(1);

    const other = await startGraphTenant({ token: await tokensFor("https://graph.microsoft.us") });
    await createMany(other, 3);
    await pollFor(other, HOUR);
    expect(other.graph.requests.read().total).toBe(0);
    expect(identity.calls()).toBeLessThanOrEqual(1 + 4 + 12);
    expect((await other.state()).lastError).toMatch(/^unauthorized: no token/);
    identity.answer(200);
    other.graph.setTokens([`token-${identity.calls() + 1}`]);
    await pollFor(other, 5 * MINUTE);
    expect(await other.lost()).toEqual([]);
  });

  it.each([
    ["half of its JSON", { kind: "malformed" }],
    ["a page for people", { kind: "html" }],
    ["JSON under an error of the gateway", { kind: "status", status: 502 }],
    ["60 MB", { kind: "huge" }],
    ["60 MB packed small", { kind: "gzipBomb" }],
    ["a connection that is cut", { kind: "cut" }],
  ] as const)("row 20: %s for a page is a page that failed: nothing moves, nothing is lost", async (_name, fault) => {
    const { tenant } = await withNews(60);
    const { cursor } = await tenant.state();
    tenant.graph.onPage(() => tenant.graph.faults.add({ ...fault, match: LIST, times: 1 }));
    expect(await tenant.poll()).toMatchObject({ outcome: "failed" });
    expect((await tenant.state()).cursor).toBe(cursor);
    tenant.graph.onPage(() => undefined);
    tenant.graph.faults.clear();
    await pollFor(tenant, 75 * SECOND);
    expect(await tenant.lost()).toEqual([]);
  });
});

/** Tokens of the app's managed identity, by the SDK. */
async function tokensFor(resource: string): Promise<TokenSource> {
  const credential = await createCredential(
    { kind: "managedIdentity" },
    { tenantId: "", loginUrl: "", defaultClientId: undefined, secret: () => "" },
  );
  return tokenSource(() => Promise.resolve(credential), `${resource}/.default`);
}

/** The endpoint that gives a Function App its tokens. Source: "How to use managed identities for App Service", REST endpoint reference. */
async function startIdentity() {
  let status = 200;
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    response.writeHead(status, { "content-type": "application/json" });
    const expires = Math.floor(Date.now() / 1_000) + 24 * 3_600;
    const resource = new URL(request.url ?? "", "http://localhost").searchParams.get("resource");
    const token = { access_token: `token-${calls}`, expires_on: `${expires}`, resource, token_type: "Bearer" };
    response.end(JSON.stringify(status === 200 ? token : { error: "throttled" }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const before = { ...process.env };
  process.env["IDENTITY_ENDPOINT"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`;
  process.env["IDENTITY_HEADER"] = "secret";
  onTestFinished(() => {
    process.env = before;
    server.close();
    server.closeAllConnections();
  });
  return {
    calls: () => calls,
    answer: (next: number) => {
      status = next;
    },
  };
}
