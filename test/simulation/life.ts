import { NO_FIGURES } from "../../shared/compose-metrics.ts";
import { type Composition, compose } from "../../shared/composition.ts";
import type { Settings } from "../../shared/config/settings.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { Http } from "../../shared/http/request.ts";
import { handleDelta } from "../../shared/pipeline/lane/handle-delta.ts";
import { handlePollMessage } from "../../shared/pipeline/handle-poll-request.ts";
import { POLL_QUEUE } from "../../shared/pipeline/keys.ts";
import type { Bus } from "../../shared/pipeline/ports/bus.ts";
import type { Clock } from "../../shared/pipeline/ports/clock.ts";
import type { LogFields } from "../../shared/pipeline/ports/log.ts";
import type { Table, Tables } from "../../shared/pipeline/ports/table.ts";
import { requestTimedPolls } from "../../shared/pipeline/request-polls.ts";
import { type LifeOperator, createLifeOperator } from "./life-operator.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";

export interface Ports {
  readonly tables: Tables;
  readonly bus: Bus;
  readonly http: Http;
}

/** Sees each call of a port before it is done and before its answer returns; may kill the life at either. */
export interface Watch {
  before(call: string): number;
  after(number: number): void;
}

/** One process from its start to its death. */
export interface Life {
  isAlive(): boolean;
  /** Takes messages. */
  isUp(): boolean;
  handle(queue: string, body: unknown): Promise<void>;
  /** The timer that everything depends on. */
  tick(): Promise<void>;
  readonly operator: LifeOperator;
  /** Nothing goes on after this: what was asked of a port is never answered. */
  kill(): void;
}

export interface LifeOptions {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly timeline: Timeline;
  readonly random: Prng;
  /** Product's clock against the world's, milliseconds. */
  skewMs(): number;
  readonly watch?: Watch;
  log(level: string, message: string, fields: LogFields): void;
}

export async function startLife(options: LifeOptions): Promise<Life> {
  const { timeline, random, watch } = options;
  let isAlive = true;
  const ports = mortalPorts();
  const note =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      if (isAlive) options.log(level, message, fields);
    };
  const composition: Composition = await compose(
    {
      ...ports,
      clock: clock(),
      random: { next: () => random.next(), uuid: () => random.uuid() },
      log: { info: note("info"), warn: note("warn"), error: note("error") },
      isOneMachine: true,
      figures: NO_FIGURES,
    },
    options.settings,
  );

  return {
    isAlive: () => isAlive,
    isUp: () => isAlive,
    async handle(queue, body) {
      const deliveredAt = composition.clock.now();
      if (queue === POLL_QUEUE) return handlePollMessage(composition, body, deliveredAt);
      return handleDelta(composition, queue.slice("incident-deltas-".length) as ConnectorId, body, deliveredAt);
    },
    tick() {
      const { bus, clock, config } = composition;
      const tenants = config.tenants.map((tenant) => tenant.id);
      return requestTimedPolls({ bus, clock }, tenants, config.poll.intervalMs);
    },
    operator: createLifeOperator(composition),
    kill() {
      isAlive = false;
    },
  };

  function clock(): Clock {
    return {
      now: () => Math.floor(timeline.now() + options.skewMs()),
      sleep(ms, signal) {
        return new Promise((resolve, reject) => {
          const onAbort = (): void => {
            callOff();
            reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
          };
          const callOff = timeline.after(ms, () => {
            signal?.removeEventListener("abort", onAbort);
            if (isAlive) resolve();
          });
          signal?.addEventListener("abort", onAbort, { once: true });
        });
      },
    };
  }

  function mortalPorts(): Ports {
    const { tables, bus, http } = options.ports;
    return {
      tables: {
        incident: mortalTable("incident", tables.incident),
        open: mortalTable("open", tables.open),
        report: mortalTable("report", tables.report),
        parked: mortalTable("parked", tables.parked),
        control: mortalTable("control", tables.control),
      },
      bus: { send: (queue, messages) => call(`bus.send ${queue}`, () => bus.send(queue, messages)) },
      http: {
        send: (request) => call(`http.${request.method} ${request.names ?? ""}`, () => http.send(request)),
        close: () => Promise.resolve(),
      },
    };
  }

  function mortalTable(name: string, table: Table): Table {
    return {
      get: (...args) => call(`${name}.get`, () => table.get(...args)),
      getMany: (...args) => call(`${name}.getMany`, () => table.getMany(...args)),
      range: (...args) => call(`${name}.range`, () => table.range(...args)),
      put: (...args) => call(`${name}.put`, () => table.put(...args)),
      delete: (...args) => call(`${name}.delete`, () => table.delete(...args)),
      batch: (...args) => call(`${name}.batch`, () => table.batch(...args)),
    };
  }

  function call<T>(what: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!isAlive) return;
      const number = watch?.before(what) ?? 0;
      if (!isAlive) return;
      const answered = (settle: () => void): void => {
        if (!isAlive) return;
        watch?.after(number);
        if (isAlive) settle();
      };
      work().then(
        (value) => answered(() => resolve(value)),
        (error: unknown) => answered(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }
}
