import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { provide } from "../../functions/compose-once.ts";
import { registerDetectChanges } from "../../functions/detect-changes.ts";
import { registerRenewSubscriptions } from "../../functions/renew-subscriptions.ts";
import { registerReportHealth } from "../../functions/report-health.ts";
import { registerRingDoorbellGraph } from "../../functions/ring-doorbell-graph.ts";
import { registerSyncTicket } from "../../functions/sync-ticket.ts";
import { createMemoryJournal } from "../../local/bus/memory-journal.ts";
import { startBus } from "../../local/bus/start-bus.ts";
import { queuesOf } from "../../local/queues.ts";
import { type Tenant, startTenant } from "../../local/simulators/start-tenant.ts";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import { createServiceBus } from "../../shared/azure/service-bus.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import { POLL_QUEUE } from "../../shared/pipeline/keys.ts";
import type { Tables } from "../../shared/pipeline/ports/table.ts";
import type { SubscriptionState } from "../../shared/pipeline/bells/subscription-state.ts";
import { KEYS, type TestHost, startTestHost } from "../local/host/start-test-host.ts";
import { DEFAULT_GRAPH_TOKEN } from "../../local/simulators/graph/start-graph.ts";
import { eventually, temporaryFolder } from "../product-process.ts";
import { type RecordingLog, createRecordingLog } from "../recording-log.ts";

const HALF_LIFE_MS = 12 * 60 * 60_000;
const ITSM = "itsm" as ConnectorId;

interface Rig {
  readonly tenant: Tenant;
  readonly host: TestHost;
  readonly tables: Tables;
  readonly log: RecordingLog;
  /** Looks after the subscription as the timer would. */
  look(): Promise<void>;
  state(): Promise<SubscriptionState | undefined>;
  age(byMs: number): Promise<void>;
  requests(kind: string): number;
  health(): Promise<{ status: string; tenants: readonly { push?: { status: string; reason: string } }[] }>;
}

/** The product's functions in the local host, over a real bus and real HTTP. Nothing polls by itself: only a bell explains a ticket. */
async function startRig(behaviour: { readonly subscriptions: "accepted" | "refused" }): Promise<Rig> {
  const tenant = await startTenant({ twinDelayMs: 0, graph: { behaviour } });
  onTestFinished(() => tenant.close());
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const configFile = join(folder.path, "config.json");
  writeFileSync(configFile, JSON.stringify(configOf(tenant)));
  const bus = await startBus({ queues: queuesOf(["incident-deltas-itsm"]), journal: createMemoryJournal() });
  onTestFinished(() => bus.close());
  const { connectionString } = bus;
  const env = { DEX_SYNC_CONFIG: configFile, ServiceBusConnection: connectionString, GRAPH_TOKEN: DEFAULT_GRAPH_TOKEN };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.stubEnv("SERVICENOW_PASSWORD", tenant.serviceNow.credentials.password);
  onTestFinished(() => void vi.unstubAllEnvs());
  const tables = createMemoryTables();
  const log = createRecordingLog();
  const sender = createServiceBus({ connectionString });
  onTestFinished(() => sender.close());
  let url: string | undefined;
  provide({ tables, log, isOneMachine: true, publicUrl: () => url });
  const host = await startTestHost({
    hostJson: JSON.parse(readFileSync(new URL("../../host.json", import.meta.url), "utf8")) as unknown,
    serviceBusConnection: connectionString,
    load: () => {
      registerRingDoorbellGraph();
      registerRenewSubscriptions();
      registerReportHealth();
      registerDetectChanges();
      registerSyncTicket(ITSM);
    },
  });
  url = host.url;
  const tenantId = tenant.graph.tenantId;
  let looks = 0;
  const state = async (): Promise<SubscriptionState | undefined> =>
    (await tables.control.get(tenantId, "subscription"))?.value as SubscriptionState | undefined;
  return {
    tenant,
    host,
    tables,
    log,
    state,
    async look() {
      looks += 1;
      const body = { v: 1, tenantId, cause: "subscription", requestedAt: Date.now() };
      await sender.send(POLL_QUEUE, [{ messageId: `look-${looks}`, body }]);
    },
    /** As if so much time had passed for the subscription. */
    async age(byMs) {
      const held = await state();
      if (held?.current === undefined) throw new Error("no subscription");
      const { createdAt, renewedAt, expiresAt } = held.current;
      const current = {
        ...held.current,
        createdAt: createdAt - byMs,
        renewedAt: renewedAt - byMs,
        expiresAt: expiresAt - byMs,
      };
      await tables.control.put(tenantId, "subscription", { ...held, current, nextTryAt: held.nextTryAt - byMs }, "any");
    },
    requests: (kind) => tenant.graph.requests.read().byKind[kind] ?? 0,
    async health() {
      const answer = await fetch(`${host.url}/api/health`, { headers: { "x-functions-key": KEYS.functions } });
      return (await answer.json()) as Awaited<ReturnType<Rig["health"]>>;
    },
  };
}

function configOf(tenant: Tenant): unknown {
  const { serviceNow, graph } = tenant;
  return {
    tenants: [{ id: graph.tenantId, graphUrl: graph.url, credential: { kind: "token", secret: "GRAPH_TOKEN" } }],
    scope: { experts: "all", createdAfter: "2020-01-01T00:00:00Z" },
    poll: { interval: "PT1H", requestsPerMinute: 10_000 },
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: serviceNow.url,
        auth: { kind: "basic", username: serviceNow.credentials.username, secret: "SERVICENOW_PASSWORD" },
        settle: "PT0S",
      },
    ],
    doorbells: { graphResource: "security/incidents" },
    network: { allowPrivate: ["127.0.0.0/8"] },
  };
}

function until(isSo: () => boolean | Promise<boolean>): Promise<true> {
  return eventually(async () => ((await isSo()) ? true : undefined), 15_000, 50);
}

/** Long enough for what should not happen to happen. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));

describe("Graph's bell over real HTTP", () => {
  it("is asked for by the timer, shakes hands, and leads from a change to a ticket", async () => {
    const rig = await startRig({ subscriptions: "accepted" });
    const { graph, serviceNow } = rig.tenant;
    await rig.host.invokeTimer("renew-subscriptions");
    await until(async () => (await rig.state())?.status === "active");
    const [subscription, ...more] = graph.subscriptions();
    expect(more).toEqual([]);
    const address = `${rig.host.url}/api/doorbell/graph`;
    expect(subscription).toMatchObject({ notificationUrl: address, lifecycleNotificationUrl: address });
    expect(rig.requests("list incidents")).toBe(0);
    const { id } = graph.incidents.create({ displayName: "Rung for", systemTags: ["Defender Experts"] });
    await until(() =>
      [...serviceNow.tickets.all()].some((ticket) => ticket.fields["correlation_id"]?.endsWith(`:${id}`)),
    );
    expect(graph.notifications()).toMatchObject({ lost: 0 });
    expect(await rig.health()).toMatchObject({ tenants: [{ push: { status: "on", reason: "" } }] });
    const everywhere = JSON.stringify([await rig.tables.control.range(graph.tenantId), rig.log.lines]);
    expect(everywhere).not.toContain(subscription?.clientState);
  });

  it("is renewed at half of its life, and created anew when Graph forgot it", async () => {
    const rig = await startRig({ subscriptions: "accepted" });
    const { graph } = rig.tenant;
    await rig.look();
    await until(() => graph.subscriptions().length === 1);
    await until(async () => (await rig.state())?.claim === undefined);
    await rig.age(HALF_LIFE_MS - 60_000);
    await rig.look();
    await aWhile();
    expect(rig.requests("PATCH subscription")).toBe(0);
    await rig.age(60_000);
    await rig.host.invokeTimer("renew-subscriptions");
    await until(() => rig.requests("PATCH subscription") === 1);
    await until(async () => ((await rig.state())?.nextTryAt ?? 0) > Date.now());
    const before = graph.subscriptions()[0]?.id;
    expect(await graph.sendLifecycle("subscriptionRemoved")).toBe(1);
    await until(() => graph.subscriptions().length === 1);
    expect(graph.subscriptions()[0]?.id).not.toBe(before);
    await until(async () => (await rig.state())?.current?.id === graph.subscriptions()[0]?.id);
    graph.incidents.create();
    await until(() => rig.requests("list incidents") > 0);
  });

  it("is authorised anew once, however often Graph asks", async () => {
    const rig = await startRig({ subscriptions: "accepted" });
    const { graph } = rig.tenant;
    await rig.look();
    await until(async () => (await rig.state())?.status === "active");
    const taken = await Promise.all(Array.from({ length: 25 }, () => graph.sendLifecycle("reauthorizationRequired")));
    expect(taken).toEqual(Array.from({ length: 25 }, () => 1));
    await until(() => rig.requests("PATCH subscription") === 1);
    await rig.host.invokeTimer("renew-subscriptions");
    await aWhile();
    expect(rig.requests("PATCH subscription")).toBe(1);
    expect(graph.subscriptions()).toHaveLength(1);
  });

  it("refused, as today, is said once and not asked for again; all is well by the timer", async () => {
    const rig = await startRig({ subscriptions: "refused" });
    await rig.host.invokeTimer("renew-subscriptions");
    await until(async () => (await rig.state())?.status === "refused");
    for (let look = 0; look < 5; look += 1) await rig.look();
    await rig.host.invokeTimer("renew-subscriptions");
    await aWhile();
    expect(rig.requests("POST subscription")).toBe(1);
    expect(rig.log.of("warn").filter((line) => line.message.includes("refuses notifications"))).toHaveLength(1);
    expect((await rig.health()).tenants[0]?.push).toEqual({
      status: "off",
      reason: "Microsoft Graph answered 400 to a subscription; the timer reads everything",
    });
  });
});
