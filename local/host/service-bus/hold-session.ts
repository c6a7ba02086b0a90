import type { ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import type { HostLog } from "../core-types.ts";
import type { HostClock } from "../host-clock.ts";
import type { Settler } from "./message-runner.ts";

export interface HoldSessionOptions {
  readonly queueName: string;
  readonly sessionIdleTimeoutMs: number;
  readonly clock: HostClock;
  readonly log: HostLog;
  readonly category: string;
  run(message: ServiceBusReceivedMessage, settler: Settler): Promise<void>;
}

/**
 * Runs a session's messages one after another until it is idle, its lock is lost, or the host stops; then gives it back.
 * Idle counts from the last receive, not from the end of its run: a run longer than the idle time gives the session back when it ends.
 * Messages are pushed, not polled for: a poll that ends while a message is on its way loses that message's lock.
 */
export async function holdSession(
  receiver: ServiceBusSessionReceiver,
  options: HoldSessionOptions,
  stop: AbortSignal,
): Promise<void> {
  let running: Promise<void> | undefined;
  let isIdle = false;
  let cancelIdle = (): void => undefined;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });

  function countIdleFromNow(): void {
    cancelIdle();
    isIdle = false;
    cancelIdle = options.clock.after(options.sessionIdleTimeoutMs, () => {
      isIdle = true;
      if (running === undefined) end();
    });
  }

  const subscription = receiver.subscribe(
    {
      processMessage: async (message) => {
        // Not settled: giving the session back gives it back too.
        if (stop.aborted) return;
        countIdleFromNow();
        running = options.run(message, receiver);
        await running;
        running = undefined;
        if (isIdle) end();
      },
      processError: async ({ error }) => {
        // A host that stops gives it up itself, and the client says so as an error.
        if (!stop.aborted) {
          options.log(
            "warning",
            options.category,
            `session ${receiver.sessionId} of ${options.queueName} is given up and accepted anew: ${String(error)}`,
          );
        }
        end();
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: 1 },
  );
  countIdleFromNow();
  stop.addEventListener("abort", end, { once: true });
  if (stop.aborted) end();
  await ended;
  stop.removeEventListener("abort", end);
  // A message that was on its way when this began is still run: it came under our lock.
  await subscription.close();
  await running;
  cancelIdle();
  await receiver.close();
}
