import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import type { RegisteredFunction } from "../app-registration.ts";
import type { HostLog } from "../core-types.ts";
import type { HostClock } from "../host-clock.ts";
import type { ServiceBusConfig } from "../host-json.ts";
import type { Invoker } from "../invoker.ts";
import { createBatchCollector } from "./batch-collector.ts";
import { type Settler, createMessageRunner } from "./message-runner.ts";
import { startPlainPump } from "./plain-pump.ts";
import { type Pump, startSessionPump } from "./session-pump.ts";
import type { TriggerPlan } from "./trigger-plan.ts";

export interface ServiceBusTrigger {
  /** Takes no new message; resolves when those under way are done. */
  stop(): Promise<void>;
  /** Lets go of the connection. */
  close(): Promise<void>;
}

/** How long an accept waits for a session before it asks again, and how soon a connection that died unseen is noticed. */
const OPERATION_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 1000;
/** The client's own window is 2,048 messages; so many at once it can always take. */
const MOST_IN_A_BATCH = 1000;

/** Connects a function to its queue. The client is loaded here, so that an app without a queue starts without it. */
export async function startServiceBusTrigger(
  entry: RegisteredFunction,
  plan: TriggerPlan,
  config: ServiceBusConfig,
  deps: { readonly clock: HostClock; readonly invoker: Invoker; readonly log: HostLog },
): Promise<ServiceBusTrigger> {
  const serviceBus = await import("@azure/service-bus");
  const { clock, log } = deps;
  const category = `Function.${entry.metadata.name}`;
  const clients: ServiceBusClient[] = [];
  const runner = createMessageRunner(entry, plan, deps);
  const { queueName } = plan;
  const { maxAutoLockRenewalMs } = config;

  function connect(): ServiceBusClient {
    const client = new serviceBus.ServiceBusClient(plan.connectionString, {
      retryOptions: { maxRetries: 0, timeoutInMs: OPERATION_TIMEOUT_MS, retryDelayInMs: 500, maxRetryDelayInMs: 5000 },
    });
    clients.push(client);
    return client;
  }

  function startPump(): Pump {
    const { runOne } = runner;
    if (plan.isSessionsEnabled)
      return startSessionPump({ ...config, connect, queueName, clock, log, category, run: runOne });
    const client = connect();
    if (!plan.isBatch) {
      const { maxConcurrentCalls } = config;
      return startPlainPump({
        client,
        queueName,
        maxConcurrentCalls,
        maxAutoLockRenewalMs,
        clock,
        log,
        category,
        run: runOne,
      });
    }
    const size = Math.min(MOST_IN_A_BATCH, config.maxMessageBatchSize);
    const batches = createBatchCollector<{ message: ServiceBusReceivedMessage; settler: Settler }>(
      size,
      clock,
      async (items) => {
        const [first] = items;
        const messages = items.map(({ message }) => message);
        if (first !== undefined) await runner.runBatch(messages, first.settler);
      },
    );
    return startPlainPump({
      client,
      queueName,
      maxConcurrentCalls: size,
      maxAutoLockRenewalMs,
      clock,
      log,
      category,
      run: (message, settler) => batches.add({ message, settler }),
    });
  }

  const pump = startPump();
  return {
    stop: () => pump.stop(),
    // Where the bus is gone the client waits for an answer that does not come.
    close: () => atMost(CLOSE_TIMEOUT_MS, Promise.all(clients.map((client) => client.close())), clock),
  };
}

async function atMost(limitMs: number, work: Promise<unknown>, clock: HostClock): Promise<void> {
  let cancel = (): void => undefined;
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limitMs, resolve);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    cancel();
  }
}
