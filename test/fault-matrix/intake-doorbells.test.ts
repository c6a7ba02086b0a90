import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { registerRingDoorbellGraph } from "../../functions/ring-doorbell-graph.ts";
import { createServiceBus } from "../../shared/azure/service-bus.ts";
import { hearGraphBell } from "../../shared/pipeline/bells/graph-bell.ts";
import { healthOf } from "../../shared/pipeline/overview/health.ts";
import { type SubscriptionOutcome, keepSubscription } from "../../shared/pipeline/bells/keep-subscription.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { ringBell } from "../../shared/pipeline/bells/ring-bell.ts";
import { systemClock } from "../../shared/system.ts";
import {
  type BellRig,
  CLIENT_STATE,
  type Doorbell,
  OTHER_TENANT,
  type Ring,
  SUBSCRIPTION,
  aNotification,
  bodyOf,
  digest,
  startBellRig,
} from "../bell-rig.ts";
import { TENANT } from "../build.ts";
import { type FakeSubscriptions, createFakeSubscriptions } from "../fake-subscriptions.ts";
import { type InProcess, startInProcess } from "../in-process.ts";
import { startTestHost } from "../local/host/start-test-host.ts";
import { freePort } from "../product-process.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GRAPH: Doorbell = "ring-doorbell-graph";

/** Each doorbell with a call that it takes. */
const BELLS: readonly (readonly [Doorbell, (rig: BellRig) => Ring])[] = [
  ["ring-doorbell", (rig) => rig.signed("{}")],
  ["ring-doorbell-graph", () => bodyOf(aNotification())],
  ["ring-doorbell-sentinel", () => ({ body: "{}" })],
];

/** The whole product in this process, its tenant holding a subscription with a secret that is known here. */
async function startHeld(): Promise<InProcess> {
  const product = await startInProcess({ doorbells: { graphResource: "security/incidents" } });
  onTestFinished(() => product.close());
  const now = Date.now();
  const kept = { resource: "security/incidents", notificationUrl: "https://dex.contoso.com/api/doorbell/graph" };
  await product.tables.control.put(
    product.tenant.graph.tenantId,
    "subscription",
    {
      v: 1,
      status: "active",
      current: {
        ...kept,
        id: SUBSCRIPTION,
        stateDigest: digest(CLIENT_STATE),
        createdAt: now,
        renewedAt: now,
        expiresAt: now + 24 * HOUR,
      },
      asked: kept,
      nextTryAt: now + 12 * HOUR,
      strikes: 0,
      lastError: "",
      since: now,
    },
    "absent",
  );
  return product;
}

describe("intake: webhook", () => {
  it("row 21: a notification that comes a hundred times is one poll and one ticket", async () => {
    const { tenant, composition, bus, records } = await startHeld();
    const { id } = tenant.graph.incidents.create({ displayName: "Rung for" });
    const before = tenant.graph.requests.read().byKind["list incidents"] ?? 0;
    const body = { value: [aNotification({ tenantId: tenant.graph.tenantId, resource: `security/incidents/${id}` })] };
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => hearGraphBell(composition.bells, body)));
    expect(new Set(outcomes)).toEqual(new Set(["kept"]));
    await bus.idle(3_000);
    const polls = (tenant.graph.requests.read().byKind["list incidents"] ?? 0) - before;
    expect(polls).toBeGreaterThanOrEqual(1);
    expect(polls).toBeLessThanOrEqual(2);
    expect(records(id)).toHaveLength(1);
    const kinds = Object.entries(tenant.serviceNow.requests.read().byKind);
    expect(kinds.filter(([kind]) => /^(?:create|change)/.test(kind))).toEqual([["create incident", 1]]);
  });

  it("row 22: notifications out of order, or of incidents that are not there, only ring: the state comes from Graph", async () => {
    const { tenant, composition, bus, records } = await startHeld();
    const { id } = tenant.graph.incidents.create({ displayName: "First" });
    tenant.graph.incidents.change(id, { displayName: "Second" });
    tenant.graph.incidents.change(id, { displayName: "Third" });
    const told = (incident: string, displayName: string): Record<string, unknown> =>
      aNotification({
        tenantId: tenant.graph.tenantId,
        resource: `security/incidents/${incident}`,
        resourceData: { id: incident, displayName },
      });
    for (const item of [told(id, "Third"), told("99999999", "Nowhere"), told(id, "Second"), told(id, "First")]) {
      expect(await hearGraphBell(composition.bells, { value: [item] })).toBe("kept");
    }
    await bus.idle(3_000);
    expect(records(id)[0]?.["short_description"]).toContain("Third");
    expect(records("99999999")).toEqual([]);
  });

  it("row 23: a forged client state is answered as a good one, and no work is done (10,000 bodies: fuzz-doorbells)", async () => {
    const rig = await startBellRig();
    const good = await rig.ring(GRAPH, bodyOf(aNotification()));
    rig.bus.attempts.length = 0;
    const forged = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>([CLIENT_STATE], { toString: CLIENT_STATE }, "x".repeat(200_000), undefined),
      fc.constant(JSON.parse('{"__proto__":{"clientState":"x"},"constructor":1}') as unknown),
    );
    await fc.assert(
      fc.asyncProperty(forged, async (clientState) => {
        expect(await rig.ring(GRAPH, bodyOf(aNotification({ clientState })))).toEqual(good);
      }),
      { numRuns: 500 },
    );
    expect(rig.bus.attempts).toEqual([]);
    expect(rig.writes()).toBe(0);
  });

  it.each(["", "too short"])("row 24: with the secret %j everything is refused", async (secret) => {
    const rig = await startBellRig({ secret });
    expect((await rig.ring("ring-doorbell", rig.signed("{}"))).status).toBe(401);
    expect(rig.bus.attempts).toEqual([]);
  });

  it.each([
    ["no row", undefined],
    ["no digest", { stateDigest: "" }],
    ["half a digest", { stateDigest: digest("").slice(0, 32) }],
    ["a digest that is none", { stateDigest: "zz".repeat(32) }],
  ])("row 24: where Graph's secret is not known (%s) nobody is believed", async (_name, broken) => {
    const rig = await startBellRig();
    const { current } = await rig.subscription(TENANT);
    if (current === undefined) throw new Error("no subscription");
    if (broken === undefined) await rig.tables.control.delete(TENANT, "subscription", "any");
    else await rig.subscribe(TENANT, { current: { ...current, ...broken } });
    for (const clientState of [undefined, "", null, CLIENT_STATE, "\u0000".repeat(32)]) {
      expect((await rig.ring(GRAPH, bodyOf(aNotification({ clientState })))).status).toBe(202);
    }
    expect(rig.bus.attempts).toEqual([]);
  });

  it("row 25: a valid body replayed for an hour asks for one poll in two seconds at most, a signed one for one in ten minutes", async () => {
    const rig = await startBellRig();
    const signed = rig.signed("{}", "msg_1");
    const body = bodyOf(aNotification());
    for (let call = 0; call < 3_600 * 2; call += 1) {
      await rig.ring(GRAPH, body);
      if (call % 20 === 0) await rig.ring("ring-doorbell", signed);
      await rig.clock.advance(500);
    }
    const asked = rig.bus.take("poll-requests").map((message) => message.body as { tenantId: string });
    expect(asked.filter(({ tenantId }) => tenantId === TENANT).length).toBeLessThanOrEqual(1_801);
    // Only the signed bell rings for the other one.
    expect(asked.filter(({ tenantId }) => tenantId === OTHER_TENANT).length).toBeLessThanOrEqual(6);
    // The same words for an hour: said once in ten minutes for each bell.
    const alarms = rig.log.lines.filter(({ message }) => message.includes("far too often"));
    expect(new Set(alarms.map(({ level }) => level))).toEqual(new Set(["error"]));
    expect(alarms.filter(({ fields }) => fields["bell"] === "graph").length).toBeGreaterThanOrEqual(5);
    expect(alarms.filter(({ fields }) => fields["bell"] === "graph").length).toBeLessThanOrEqual(7);
  }, 60_000);

  it("row 25: a bell rung faster than anything rings alarms, once in ten minutes; many tenants' ordinary rings do not", async () => {
    const rig = await startBellRig();
    for (let call = 0; call < 660 * 4; call += 1) {
      await rig.ring("ring-doorbell-sentinel", { query: { tenantId: TENANT } });
      await rig.clock.advance(250);
    }
    const alarms = rig.log.lines.filter(({ message }) => message.includes("far too often"));
    expect(alarms.map(({ level, fields }) => [level, fields["bell"], fields["rings"]])).toEqual([
      ["error", "sentinel", 121],
      ["error", "sentinel", 121],
    ]);
    rig.log.lines.length = 0;
    await rig.clock.advance(60_000);
    for (let call = 0; call < 600; call += 1) {
      await rig.ring("ring-doorbell-sentinel", {
        query: { tenantId: `00000000-0000-4000-8000-${String(call % 200).padStart(12, "0")}` },
      });
      await rig.clock.advance(100);
    }
    expect(rig.log.lines).toEqual([]);
  }, 60_000);

  it.each([
    ["markup", { query: { validationToken: "<svg onload=alert(1)>" } }],
    ["line breaks", { query: { validationToken: "a\r\n\r\n<html>" } }],
    ["a megabyte", { query: { validationToken: "x".repeat(1_000_000) } }],
    ["markup beside a body", { query: { validationToken: "<b>" }, body: JSON.stringify({ value: [aNotification()] }) }],
  ])("row 26: a handshake abused with %s reflects nothing and does nothing", async (_name, call) => {
    const rig = await startBellRig();
    expect(await rig.ring(GRAPH, call)).toEqual({ status: 400, headers: {}, body: "" });
    expect(rig.bus.attempts).toEqual([]);
    expect(rig.log.lines).toEqual([]);
  });

  it("row 26: a good token with a body is a handshake alone, and it is only answered to POST", async () => {
    const rig = await startBellRig();
    const body = JSON.stringify({ value: [aNotification()] });
    expect(await rig.ring(GRAPH, { query: { validationToken: "token" }, body })).toMatchObject({ body: "token" });
    expect(rig.bus.attempts).toEqual([]);
    const hostJson = { version: "2.0", extensions: { http: { routePrefix: "" } } };
    const host = await startTestHost({ hostJson, load: () => registerRingDoorbellGraph() });
    const url = `${host.url}/api/doorbell/graph?validationToken=a%20token`;
    expect(await (await fetch(url, { method: "POST" })).text()).toBe("a token");
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) expect((await fetch(url, { method })).status).toBe(404);
    const long = await fetch(`${url}${"x".repeat(100_000)}`, { method: "POST" }).catch(() => ({ status: 431 }));
    expect(long.status).toBe(431);
  });

  it.each(BELLS)("row 27: with the broker away %s says so in time, and nothing is lost", async (bell, callOf) => {
    const connectionString = `Endpoint=sb://127.0.0.1:${await freePort()};SharedAccessKeyName=x;SharedAccessKey=eA==;UseDevelopmentEmulator=true`;
    const away = createServiceBus({ connectionString });
    onTestFinished(() => away.close());
    const rig = await startBellRig({ bus: away, clock: systemClock });
    const startedAt = Date.now();
    expect(await rig.ring(bell, callOf(rig))).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(Date.now() - startedAt).toBeLessThan(3_500);
  });

  it.each(BELLS)("row 27: %s is believed again when the broker is back", async (bell, callOf) => {
    const rig = await startBellRig();
    const call = callOf(rig);
    rig.bus.refuse("poll-requests", true);
    expect((await rig.ring(bell, call)).status).toBe(503);
    rig.bus.refuse("poll-requests", false);
    expect((await rig.ring(bell, call)).status).toBe(202);
    expect(rig.bus.take("poll-requests").length).toBeGreaterThan(0);
  });

  it.each(BELLS)("row 28: with a broker of nine seconds %s answers before Graph gives up", async (bell, callOf) => {
    const holder: { rig?: BellRig } = {};
    let heard = (): void => undefined;
    const sending = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const slow = {
      send: () => {
        heard();
        return holder.rig?.clock.sleep(9_000) ?? Promise.resolve();
      },
    };
    const rig = await startBellRig({ bus: slow });
    holder.rig = rig;
    const answer = rig.ring(bell, callOf(rig));
    await sending;
    await rig.clock.advance(999);
    expect(await answer).toMatchObject({ status: 503 });
  });

  it("row 28: a broker that hangs for good holds up no caller", async () => {
    const rig = await startBellRig();
    const hanging = { send: () => new Promise<void>(() => undefined) };
    const outcome = ringBell({ ...rig, tenants: [TENANT], bus: hanging }, undefined);
    await rig.clock.advance(999);
    expect(await outcome).toBe("notKept");
  });
});

/** One tenant, the timer's looks at its subscription, and Graph in memory. */
async function startKept(): Promise<{
  readonly rig: BellRig;
  readonly api: FakeSubscriptions;
  look(): Promise<SubscriptionOutcome>;
  /** A look every minute. */
  pass(ms: number): Promise<void>;
  push(): Promise<{ status: string; reason: string } | undefined>;
  healthStatus(): Promise<string | undefined>;
}> {
  const rig = await startBellRig();
  await rig.tables.control.delete(TENANT, "subscription", "any");
  const api = createFakeSubscriptions();
  const { tables, clock, log } = rig;
  const plan = {
    resource: "security/incidents",
    notificationUrl: "https://dex.contoso.com/api/doorbell/graph",
    reason: "",
  };
  const random = { next: () => 0, uuid: () => crypto.randomUUID() };
  const look = (): Promise<SubscriptionOutcome> =>
    keepSubscription(
      { tenantId: TENANT, plan, api, tables, clock, random, log, deadlineMs: 45_000, claimMs: 105_000 },
      new AbortController().signal,
    );
  const health = async () =>
    healthOf(
      await readOverview({
        tables,
        clock,
        isDemo: false,
        pollIntervalMs: 15_000,
        connectors: [],
        tenants: [{ id: TENANT, name: "Contoso", portalUrl: "https://security.microsoft.com" }],
      }),
    );
  return {
    rig,
    api,
    look,
    async pass(ms) {
      for (let passed = 0; passed < ms; passed += MINUTE) {
        await clock.advance(MINUTE);
        await look();
      }
    },
    push: async () => (await health()).tenants[0]?.push,
    async healthStatus() {
      const now = clock.now();
      await tables.control.put(TENANT, "poll", { cursor: null, unread: [], lastOkAt: now, lastError: "" }, "any");
      return (await health()).status;
    },
  };
}

function notificationWith(api: FakeSubscriptions, change: Readonly<Record<string, unknown>> = {}): Ring {
  const [id, held] = [...api.held].at(-1) ?? [];
  return bodyOf(aNotification({ subscriptionId: id, clientState: held?.clientState, ...change }));
}

describe("intake: the subscription", () => {
  it("row 29: a subscription is renewed at half of its life, for as long as it lives", async () => {
    const kept = await startKept();
    await kept.look();
    await kept.pass(3 * 24 * HOUR);
    expect(kept.api.calls).toEqual(["create", ...Array.from({ length: 6 }, () => "renew subscription-1")]);
    expect(await kept.push()).toEqual({ status: "on", reason: "" });
    await kept.rig.ring(GRAPH, notificationWith(kept.api));
    expect(kept.rig.bus.take("poll-requests")).toHaveLength(1);
  });

  it("row 29: one that expired while nobody ran is created anew by the timer; until then health says that push is off", async () => {
    const kept = await startKept();
    await kept.look();
    const stale = notificationWith(kept.api);
    await kept.rig.clock.advance(48 * HOUR);
    expect((await kept.push())?.status).toBe("off");
    await kept.rig.ring(GRAPH, stale);
    expect(kept.rig.bus.attempts).toEqual([]);
    expect(await kept.look()).toBe("created");
    expect((await kept.push())?.status).toBe("on");
  });

  it("row 29: one that Graph removed is created anew; a missed notification is a wide window read again", async () => {
    const kept = await startKept();
    await kept.look();
    await kept.rig.ring(GRAPH, notificationWith(kept.api, { lifecycleEvent: "subscriptionRemoved" }));
    expect(kept.rig.bus.take("poll-requests")).toMatchObject([{ body: { cause: "subscription" } }]);
    expect(await kept.look()).toBe("created");
    await kept.rig.ring(GRAPH, notificationWith(kept.api, { lifecycleEvent: "missed" }));
    expect(kept.rig.bus.take("poll-requests")).toMatchObject([{ body: { cause: "bell", sweep: true } }]);
  });

  it("row 30: a hundred events that ask for an authorisation are one write and one renewal", async () => {
    const kept = await startKept();
    await kept.look();
    await kept.rig.clock.advance(HOUR);
    const event = notificationWith(kept.api, { lifecycleEvent: "reauthorizationRequired" });
    await kept.rig.ring(GRAPH, event);
    const before = kept.rig.writes();
    await Promise.all(Array.from({ length: 50 }, () => kept.rig.ring(GRAPH, event)));
    expect(kept.rig.writes()).toBe(before);
    expect(kept.rig.bus.take("poll-requests")).toMatchObject([{ body: { cause: "subscription" } }]);
    kept.api.during = () => kept.rig.ring(GRAPH, event);
    expect(await kept.look()).toBe("renewed");
    for (let time = 0; time < 50; time += 1) await kept.rig.ring(GRAPH, event);
    await kept.pass(5 * MINUTE);
    expect(kept.api.calls).toEqual(["create", "renew subscription-1"]);
  });

  it.each([400, 403, 404, 501])(
    "row 31: refused with %d is said once; the timer reads, and health says so",
    async (status) => {
      const kept = await startKept();
      kept.api.refusal = status;
      expect(await kept.look()).toBe("refused");
      await kept.pass(3 * 24 * HOUR - MINUTE);
      expect(kept.api.calls).toEqual(["create", "create", "create"]);
      expect(kept.rig.log.of("warn")).toHaveLength(1);
      expect(await kept.push()).toEqual({
        status: "off",
        reason: `Microsoft Graph answered ${status} to a subscription; the timer reads everything`,
      });
      expect(await kept.healthStatus()).toBe("ok");
      expect((await kept.rig.ring(GRAPH, bodyOf(aNotification()))).status).toBe(202);
      expect(kept.rig.bus.attempts).toEqual([]);
    },
  );
});
