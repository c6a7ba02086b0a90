import { setMaxListeners } from "node:events";
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusSessionReceiver } from "@azure/service-bus";
import type { HostLog } from "../core-types.ts";
import { type HostClock, pause } from "../host-clock.ts";
import { createFailureLog } from "./failure-log.ts";
import type { Settler } from "./message-runner.ts";
import { holdSession } from "./hold-session.ts";
import { createSlots } from "./slots.ts";

export interface SessionPumpOptions {
  /** Called once for each accept that waits: the client looks at all sessions of a connection with each frame, so few of them cost less. */
  connect(): ServiceBusClient;
  readonly queueName: string;
  readonly maxConcurrentSessions: number;
  readonly sessionIdleTimeoutMs: number;
  readonly maxAutoLockRenewalMs: number;
  readonly clock: HostClock;
  readonly log: HostLog;
  readonly category: string;
  run(message: ServiceBusReceivedMessage, settler: Settler): Promise<void>;
}

export interface Pump {
  /** Takes no new message; resolves when those under way are done. */
  stop(): Promise<void>;
}

type Accepted = "stopped" | "none" | { readonly receiver: ServiceBusSessionReceiver } | { readonly error: unknown };

/** How many accepts wait at a time: each costs the bus and this process a link, and the next follows as soon as one is granted. */
const WAITING_ACCEPTS = 4;
const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 5000;

/** Holds up to so many sessions of a queue at once, each one's messages one after another. */
export function startSessionPump(options: SessionPumpOptions): Pump {
  const { queueName, clock } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  // Every session held listens to it, and there may be more of them than Node takes for a leak.
  setMaxListeners(0, signal);
  const failures = createFailureLog(options.log, options.category, `queue ${queueName}`, clock);
  const slots = createSlots(options.maxConcurrentSessions);
  const held = new Set<Promise<void>>();

  async function acceptOnAndOn(): Promise<void> {
    const client = options.connect();
    let failed = 0;
    while (await slots.take(signal)) {
      const accepted = await acceptNext(client);
      if (typeof accepted === "object" && "receiver" in accepted) {
        hold(accepted.receiver);
      } else {
        slots.free();
      }
      if (typeof accepted === "object" && "error" in accepted) {
        failures.failed(accepted.error);
        failed += 1;
        await pause(clock, backOffMs(failed), signal);
      } else {
        failed = 0;
        failures.recovered();
      }
    }
  }

  /** The client does not let go of a waiting accept, whatever is aborted or closed; so stopping does not wait for it. */
  async function acceptNext(client: ServiceBusClient): Promise<Accepted> {
    const accepted = client
      .acceptNextSession(queueName, {
        maxAutoLockRenewalDurationInMs: options.maxAutoLockRenewalMs,
        skipParsingBodyAsJson: true,
      })
      .then(
        async (receiver): Promise<Accepted> => {
          if (!signal.aborted) return { receiver };
          // Granted too late: it would stay locked to nobody.
          await receiver.close().catch(() => undefined);
          return "stopped";
        },
        (error: unknown): Accepted => (isNoSession(error) ? "none" : { error }),
      );
    return raceWithAbort(accepted, signal);
  }

  function hold(receiver: ServiceBusSessionReceiver): void {
    const ended = holdSession(receiver, options, signal)
      // Its link may be gone before it is listened to.
      .catch((error: unknown) => failures.failed(error))
      .finally(() => {
        held.delete(ended);
        slots.free();
      });
    held.add(ended);
  }

  const workers = Array.from({ length: Math.min(WAITING_ACCEPTS, options.maxConcurrentSessions) }, acceptOnAndOn);
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(workers);
      await Promise.all(held);
    },
  };
}

function backOffMs(failed: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (failed - 1)) * (0.5 + Math.random() / 2);
}

/** The bus says so when no session came free in the time an accept waits. */
function isNoSession(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "ServiceTimeout" || code === "OperationTimeoutError" || code === "SessionCannotBeLocked";
}

async function raceWithAbort(accepted: Promise<Accepted>, signal: AbortSignal): Promise<Accepted> {
  if (signal.aborted) return "stopped";
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve("stopped");
    signal.addEventListener("abort", stop, { once: true });
    accepted.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
