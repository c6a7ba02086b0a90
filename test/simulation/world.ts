import { createMemoryTables } from "../../local/store/memory-tables.ts";
import { type Broker, createBroker } from "./broker.ts";
import type { Tables } from "../../shared/pipeline/ports/table.ts";
import { drainInto } from "./drain.ts";
import { type Life, type Ports, type Watch, startLife } from "./life.ts";
import { hasOperations } from "./operations-plan.ts";
import { type Network, createNetwork } from "./network.ts";
import type { Plan } from "./plan.ts";
import { type Prng, createPrng } from "./prng.ts";
import { hostOf, receiverIdOf, settingsOf } from "./product-config.ts";
import { streamsOf } from "./lane-streams.ts";
import { losableTables } from "./losable-tables.ts";
import type { Service } from "./service.ts";
import { shakyTables } from "./shaky-tables.ts";
import { type OnWrite, type TenantWorld, createTenantWorld } from "./tenant-world.ts";
import { type Timeline, createTimeline } from "./timeline.ts";
import { type Trace, createTrace } from "./trace.ts";

/** Everything there is, under one clock: tenants and their tools, what lies between, and the product's processes. */
export interface World {
  readonly plan: Plan;
  readonly random: Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly tenants: readonly TenantWorld[];
  readonly network: Network;
  readonly broker: Broker;
  /** By host; what is put here answers from then on. */
  readonly services: Map<string, Service>;
  /** What the product's processes have written, without what comes between them and it. */
  readonly store: Tables;
  loseState(): Promise<void>;
  readonly startedAt: number;
  readonly until: number;
  /** From now on nothing fails. */
  calm(): void;
  isCalm(): boolean;
  lives(): readonly Life[];
  /** A process that starts now; up once it is composed. */
  start(): void;
  kill(life: Life): void;
  skew(ms: number): void;
  /** When somebody last changed something, or the faults stopped. */
  lastActivityAt(): number;
  /** Somebody does something. */
  touch(): void;
  /** Who wants to know of it; one at a time. */
  onActivity(listener: () => void): void;
  /** No more polls: what is under way comes to its end. */
  stopTimer(): void;
  isTimed(): boolean;
}

/** What a planted bug puts between the product and its ports. */
export type Plant = (ports: Ports, world: { readonly random: Prng; readonly timeline: Timeline }) => Ports;

const START = Date.UTC(2026, 5, 1);

export function createWorld(options: {
  readonly plan: Plan;
  readonly isTraceKept: boolean;
  readonly watch?: Watch;
  readonly plant?: Plant;
  onWrite: OnWrite;
  onSent(queue: string, body: unknown): void;
}): World {
  const { plan } = options;
  const random = createPrng(plan.seed).fork("world");
  const timeline = createTimeline(START);
  const trace = createTrace(() => timeline.now(), options.isTraceKept);
  const until = START + plan.activeMs;
  const services = new Map<string, Service>();
  const lives: Life[] = [];
  let isCalm = false;
  let isTimed = true;
  let skewMs = 0;
  let lastActivityAt = START;
  let starts = 0;
  let tellActivity = (): void => undefined;

  const faulty = { plan: plan.faults, timeline, trace, isCalm: () => isCalm };
  const isReceiver = (host: string): boolean => plan.tenants.some((name) => hostOf("receiver", name) === host);
  const isOfEvents = (queue: string): boolean =>
    plan.tenants.some((name) => queue === `incident-deltas-${receiverIdOf(name)}`);
  const tenants = plan.tenants.map((name) =>
    createTenantWorld({
      name,
      plan,
      random,
      timeline,
      trace,
      services,
      until,
      isCalm: () => isCalm,
      onWrite: options.onWrite,
      onActivity: isActive,
    }),
  );
  const network = createNetwork({ ...faulty, services, randomOf: streamsOf(random.fork("network"), isReceiver) });
  const broker = createBroker({
    ...faulty,
    randomOf: streamsOf(random.fork("broker"), isOfEvents),
    lives: () => lives,
    ...(hasOperations(plan.operations)
      ? { onSent: options.onSent, onDeadLetter: drainInto({ timeline, lives: () => lives }) }
      : {}),
  });
  const memory = createMemoryTables({ isShared: true });
  const losable = plan.operations.stateLosses > 0 ? losableTables(memory) : undefined;
  const store = losable?.tables ?? memory;
  const tables = shakyTables(store, { ...faulty, random: random.fork("tables") });
  const ports: Ports = { tables, bus: broker.bus, http: network.http };
  const planted = options.plant?.(ports, { random: random.fork("plant"), timeline }) ?? ports;
  const settings = settingsOf(plan);

  return {
    plan,
    random,
    timeline,
    trace,
    tenants,
    network,
    broker,
    services,
    store,
    loseState: async () => losable?.lose(),
    startedAt: START,
    until,
    calm() {
      isCalm = true;
      skewMs = 0;
      isActive();
    },
    isCalm: () => isCalm,
    lives: () => lives,
    start() {
      starts += 1;
      trace.note("life", `starts (${starts})`);
      void startLife({
        ports: planted,
        settings,
        timeline,
        random: random.fork(`life-${starts}`),
        skewMs: () => skewMs,
        ...(options.watch === undefined ? {} : { watch: options.watch }),
        log: (level, message, fields) => {
          // Where in the bundle a stack leads to is no part of a history.
          if (level !== "info") trace.note(level, `${message} ${JSON.stringify({ ...fields, stack: undefined })}`);
        },
      }).then((life) => {
        lives.push(life);
        broker.wake();
      });
    },
    kill(life) {
      trace.note("life", "dies");
      trace.fault("process ended");
      life.kill();
      const index = lives.indexOf(life);
      if (index >= 0) lives.splice(index, 1);
      broker.release(life);
    },
    skew(ms) {
      skewMs = ms;
      trace.note("clock", `is off by ${Math.round(ms)} ms`);
    },
    lastActivityAt: () => lastActivityAt,
    touch: isActive,
    onActivity(listener) {
      tellActivity = listener;
    },
    stopTimer() {
      isTimed = false;
    },
    isTimed: () => isTimed,
  };

  function isActive(): void {
    lastActivityAt = timeline.now();
    tellActivity();
  }
}
