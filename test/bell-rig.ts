import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { onTestFinished, vi } from "vitest";
import { provide } from "../functions/compose-once.ts";
import { registerRingDoorbellGraph } from "../functions/ring-doorbell-graph.ts";
import { registerRingDoorbellSentinel } from "../functions/ring-doorbell-sentinel.ts";
import { registerRingDoorbell } from "../functions/ring-doorbell.ts";
import { createSystemClock } from "../local/host/host-clock.ts";
import { createInvoker } from "../local/host/invoker.ts";
import { loadApp } from "../local/host/load-app.ts";
import { createMemoryTables } from "../local/store/memory-tables.ts";
import type { TenantId } from "../shared/incident/incident.ts";
import type { Bus } from "../shared/pipeline/ports/bus.ts";
import type { Clock } from "../shared/pipeline/ports/clock.ts";
import type { Table, Tables } from "../shared/pipeline/ports/table.ts";
import type { SubscriptionState } from "../shared/pipeline/bells/subscription-state.ts";
import { TENANT } from "./build.ts";
import { DOORBELL_SECRET, temporaryFolder } from "./product-process.ts";
import { type RecordingBus, createRecordingBus } from "./recording-bus.ts";
import { type RecordingLog, createRecordingLog } from "./recording-log.ts";
import { type VirtualClock, createVirtualClock } from "./virtual-clock.ts";

export const OTHER_TENANT = "0a1b2c3d-297b-4c6b-ac7e-8d7f6befb514" as TenantId;
export const CLIENT_STATE = "kQ3vX9sW1zB7nM5cR2tY8uI4oP6aD0fG-hJ_lKeZxCv";
export const PREVIOUS_STATE = "a-secret-of-before-that-is-still-believed-00";
export const SUBSCRIPTION = "5f6c1c1e-9b3a-4a57-8f0e-7d2f0a9f1c11";
export const PREVIOUS_SUBSCRIPTION = "e1b7a0b4-0d64-4a3c-9a54-6f5f6f0f2d22";

export type Doorbell = "ring-doorbell" | "ring-doorbell-graph" | "ring-doorbell-sentinel";

export interface Ring {
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface BellRig {
  readonly clock: VirtualClock;
  readonly bus: RecordingBus;
  readonly log: RecordingLog;
  readonly tables: Tables;
  /** Writes to any table since the rig was made ready. */
  writes(): number;
  ring(bell: Doorbell, call: Ring): Promise<RingAnswer>;
  /** Rings the signed bell with the current secret. */
  signed(body: string, id?: string): Ring;
  subscribe(tenantId: TenantId, change?: Partial<SubscriptionState>): Promise<void>;
  subscription(tenantId: TenantId): Promise<SubscriptionState>;
}

interface BellRigOptions {
  /** Instead of the one that records. */
  readonly bus?: Bus;
  readonly secret?: string;
  /** Instead of virtual time. */
  readonly clock?: Clock;
}

/** The three doorbells as a host runs them, without sockets: two tenants, of which the first holds a subscription at Graph. */
export async function startBellRig(options: BellRigOptions = {}): Promise<BellRig> {
  const folder = temporaryFolder();
  onTestFinished(() => folder.remove());
  const configFile = join(folder.path, "config.json");
  writeFileSync(configFile, JSON.stringify(config()));
  vi.stubEnv("DEX_SYNC_CONFIG", configFile);
  vi.stubEnv("DOORBELL_SECRET", options.secret ?? DOORBELL_SECRET);
  onTestFinished(() => void vi.unstubAllEnvs());

  const clock = createVirtualClock(Date.now());
  const bus = createRecordingBus();
  const log = createRecordingLog();
  const counter = { writes: 0 };
  const tables = counting(createMemoryTables(), counter);
  provide({ tables, bus: options.bus ?? bus, clock: options.clock ?? clock, log, isOneMachine: true });
  const app = await loadApp(
    () => {
      registerRingDoorbell();
      registerRingDoorbellGraph();
      registerRingDoorbellSentinel();
    },
    () => undefined,
  );
  onTestFinished(() => app.close());
  const invoker = createInvoker(app.registration, createSystemClock(), undefined);

  const rig: BellRig = {
    clock,
    bus,
    log,
    tables,
    writes: () => counter.writes,
    async ring(bell, call) {
      const entry = app.registration.functions.get(bell);
      if (entry === undefined) throw new Error(`${bell} is not registered`);
      const { response } = await invoker.invoke(entry, { trigger: { http: httpData(call) } });
      const http = response.returnValue?.http;
      return {
        status: Number(http?.statusCode ?? 200),
        headers: Object.fromEntries(
          Object.entries(http?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body: http?.body?.string ?? Buffer.from(http?.body?.bytes ?? []).toString(),
      };
    },
    signed(body, id = `msg_${Math.random()}`) {
      const at = new Date();
      const headers = {
        "webhook-id": id,
        "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
        "webhook-signature": new Webhook(DOORBELL_SECRET).sign(id, at, body),
      };
      return { body, headers };
    },
    async subscribe(tenantId, change = {}) {
      await tables.control.put(tenantId, "subscription", { ...heldState(clock.now()), ...change }, "any");
      counter.writes = 0;
    },
    subscription: async (tenantId) => (await tables.control.get(tenantId, "subscription"))?.value as SubscriptionState,
  };
  await rig.subscribe(TENANT);
  return rig;
}

/** A notification as Graph posts it; a test breaks one field. */
export function aNotification(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: "lsgTZMr9KwAAA",
    subscriptionId: SUBSCRIPTION,
    subscriptionExpirationDateTime: "2027-01-01T00:00:00Z",
    clientState: CLIENT_STATE,
    changeType: "updated",
    resource: "security/incidents/29",
    resourceData: { "@odata.type": "#microsoft.graph.security.incident", id: "29" },
    tenantId: TENANT,
    ...change,
  };
}

export function bodyOf(...items: readonly unknown[]): Ring {
  return { body: JSON.stringify({ value: items }) };
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function heldState(now: number): SubscriptionState {
  const kept = {
    resource: "security/incidents",
    notificationUrl: "https://dex.contoso.com/api/doorbell/graph",
    createdAt: now,
    renewedAt: now,
  };
  return {
    v: 1,
    current: { ...kept, id: SUBSCRIPTION, stateDigest: digest(CLIENT_STATE), expiresAt: now + 86_400_000 },
    previous: {
      ...kept,
      id: PREVIOUS_SUBSCRIPTION,
      stateDigest: digest(PREVIOUS_STATE),
      expiresAt: now + 3_600_000,
    },
    status: "active",
    asked: { resource: kept.resource, notificationUrl: kept.notificationUrl },
    nextTryAt: now + 43_200_000,
    strikes: 0,
    lastError: "",
    since: now,
  };
}

function config(): unknown {
  const credential = { kind: "token", secret: "GRAPH_TOKEN" };
  return {
    tenants: [TENANT, OTHER_TENANT].map((id) => ({ id, graphUrl: "http://127.0.0.1:9", credential })),
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        url: "https://contoso.service-now.com",
        auth: { kind: "basic", username: "dex-sync", secret: "SERVICENOW_PASSWORD" },
        tenants: [TENANT, OTHER_TENANT],
      },
    ],
    doorbells: { secrets: ["DOORBELL_SECRET"], graphResource: "security/incidents" },
  };
}

function httpData({ query = {}, headers = {}, body }: Ring): Record<string, unknown> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const nullable = (values: Readonly<Record<string, string>>): Record<string, { value: string }> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  return {
    url: "http://127.0.0.1/api/doorbell",
    method: "POST",
    nullableHeaders: nullable(headers),
    nullableQuery: nullable(query),
    nullableParams: {},
    ...(bytes !== undefined && bytes.byteLength > 0 ? { body: { bytes } } : {}),
  };
}

function counting(tables: Tables, counter: { writes: number }): Tables {
  const counted = (table: Table): Table => ({
    ...table,
    put: (...args) => ((counter.writes += 1), table.put(...args)),
    delete: (...args) => ((counter.writes += 1), table.delete(...args)),
    batch: (...args) => ((counter.writes += 1), table.batch(...args)),
  });
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, counted(table as Table)]),
  ) as unknown as Tables;
}
