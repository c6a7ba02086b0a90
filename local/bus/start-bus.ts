import type { AddressInfo, Server } from "node:net";
import rhea from "rhea";
import { createLockTokens } from "./amqp/lock-token.ts";
import { amendApplicationProperties } from "./amqp/outgoing.ts";
import { createEngine, type QueueCounts } from "./engine/engine.ts";
import type { Journal, JournalChange } from "./journal.ts";
import { createJournalWriter } from "./journal-writer.ts";
import { createBroker } from "./protocol/broker.ts";
import type { QueueDefinition } from "./queue-definition.ts";
import { createWakeUp } from "./wake-up.ts";

export type { QueueDefinition } from "./queue-definition.ts";

export interface BusOptions {
  readonly queues: readonly QueueDefinition[];
  /** 0, the default, for any free one. */
  readonly port?: number;
  /** Stays the caller's to close, after the bus. */
  readonly journal: Journal;
  /** Milliseconds since 1970-01-01T00:00:00Z. The bus waits with real timers, and asks this clock what is due. */
  readonly clock?: { now(): number };
  readonly warn?: (message: string) => void;
}

export interface Bus {
  readonly port: number;
  /** For `ServiceBusClient`. It carries no secret: the bus takes any token, from this machine only. */
  readonly connectionString: string;
  counts(): Readonly<Record<string, QueueCounts>>;
  /** Ends every connection, gives back what was locked, and resolves when all of it is kept. */
  close(): Promise<void>;
}

/** The limit of the service's standard tier, properties included. */
const MAX_MESSAGE_BYTES = 256 * 1024;

/** As the service has it: longer messages travel in several frames. */
const MAX_FRAME_BYTES = 64 * 1024;

/** Unsettled deliveries rhea holds a session; with its default of 2,048 one that is never settled blocks the rest. */
const UNSETTLED_DELIVERIES = 65_536;

/** Starts a Service Bus for this machine: queues over AMQP 1.0, kept in the journal, reachable through 127.0.0.1 only. */
export async function startBus(options: BusOptions): Promise<Bus> {
  const now = (): number => (options.clock ?? Date).now();
  const warn = options.warn ?? ((message: string) => console.warn(`local bus: ${message}`));
  const early: JournalChange[] = [];
  let record = (change: JournalChange): void => void early.push(change);
  const engine = createEngine({
    queues: options.queues,
    now,
    record: (change) => record(change),
    amend: amendApplicationProperties,
    rows: options.journal.load(),
  });
  const writer = createJournalWriter(options.journal, (error) => {
    warn(`stopped, since its journal cannot be written: ${error instanceof Error ? error.message : String(error)}`);
    broker.closeAll();
    server.close();
  });
  record = (change) => writer.record(change);
  for (const change of early) record(change);

  const container = rhea.create_container({ id: "local-bus" });
  const wakeUp = createWakeUp(engine, now);
  const broker = createBroker(
    {
      engine,
      tokens: createLockTokens(),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      now,
      // A failed write is dealt with above; its callers are cut off rather than told that all is well.
      whenKept: (answer) => void writer.kept().then(answer, () => undefined),
      setTimer: () => wakeUp.set(),
    },
    container,
    warn,
  );
  const server = container.listen({
    host: "127.0.0.1",
    port: options.port ?? 0,
    max_frame_size: MAX_FRAME_BYTES,
    session_buffer_size: UNSETTLED_DELIVERIES,
    receiver_options: { autoaccept: false, max_message_size: MAX_MESSAGE_BYTES },
    // Else an abandoned message is reported twice, as modified and as released.
    sender_options: { treat_modified_as_released: false, max_message_size: MAX_MESSAGE_BYTES },
    tcp_no_delay: true,
  } as Parameters<typeof container.listen>[0]);
  const port = await listening(server, options.port ?? 0);
  wakeUp.set();

  return {
    port,
    connectionString: `Endpoint=sb://localhost:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    counts: () => engine.counts(),
    async close() {
      broker.closeAll();
      wakeUp.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      engine.releaseAll();
      await writer.kept();
    },
  };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("listening", () => resolve((server.address() as AddressInfo).port));
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? `port ${port} on 127.0.0.1 is in use: stop what uses it, or choose another (0 takes any free one)`
          : `cannot listen on 127.0.0.1:${port} (${error.code ?? error.message})`;
      reject(new Error(`local bus: ${why}`, { cause: error }));
    });
  });
}
