import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import type { HostLog } from "../core-types.ts";
import type { HostClock } from "../host-clock.ts";
import { createFailureLog } from "./failure-log.ts";
import type { Settler } from "./message-runner.ts";
import type { Pump } from "./session-pump.ts";

export interface PlainPumpOptions {
  readonly client: ServiceBusClient;
  readonly queueName: string;
  readonly maxConcurrentCalls: number;
  readonly maxAutoLockRenewalMs: number;
  readonly clock: HostClock;
  readonly log: HostLog;
  readonly category: string;
  run(message: ServiceBusReceivedMessage, settler: Settler): Promise<void>;
}

/** Runs the messages of a queue without sessions, so many at once. The client itself connects anew when the bus was away. */
export function startPlainPump(options: PlainPumpOptions): Pump {
  const stopped = new AbortController();
  const failures = createFailureLog(options.log, options.category, `queue ${options.queueName}`, options.clock);
  const running = new Set<Promise<void>>();
  const receiver = options.client.createReceiver(options.queueName, {
    maxAutoLockRenewalDurationInMs: options.maxAutoLockRenewalMs,
    skipParsingBodyAsJson: true,
  });
  const subscription = receiver.subscribe(
    {
      processMessage: async (message) => {
        // Not settled: closing the receiver gives it back.
        if (stopped.signal.aborted) return;
        failures.recovered();
        const run = options.run(message, receiver);
        running.add(run);
        await run;
        running.delete(run);
      },
      processError: async ({ error }) => {
        if (!stopped.signal.aborted) failures.failed(error);
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: options.maxConcurrentCalls, abortSignal: stopped.signal },
  );
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all([subscription.close(), ...running]);
      await receiver.close();
    },
  };
}
