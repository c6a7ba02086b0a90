import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type AddressInfo, createServer, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusClient, type ServiceBusReceivedMessage, type ServiceBusReceiver } from "@azure/service-bus";
import { onTestFinished } from "vitest";
import type { Journal } from "../../../local/bus/journal.ts";
import { createMemoryJournal } from "../../../local/bus/memory-journal.ts";
import { type Bus, type QueueDefinition, startBus } from "../../../local/bus/start-bus.ts";

const SETTINGS = { lockDurationMs: 30_000, maxDeliveryCount: 3, duplicateDetectionWindowMs: 600_000 };

export const QUEUES: readonly QueueDefinition[] = [
  { name: "plain", requiresSession: false, ...SETTINGS },
  { name: "sessions", requiresSession: true, ...SETTINGS },
];

/** A bus of its own for one test, closed at its end. */
export async function startTestBus(
  journal: Journal = createMemoryJournal(),
  warn?: (message: string) => void,
): Promise<Bus> {
  const bus = await startBus({ queues: QUEUES, journal, ...(warn !== undefined && { warn }) });
  onTestFinished(() => bus.close());
  return bus;
}

export function connectTo(connectionString: string, timeoutInMs = 10_000): ServiceBusClient {
  const client = new ServiceBusClient(connectionString, {
    retryOptions: { timeoutInMs, maxRetries: 1, retryDelayInMs: 100 },
  });
  onTestFinished(() => client.close());
  return client;
}

export async function receive(
  receiver: ServiceBusReceiver,
  count: number,
): Promise<readonly ServiceBusReceivedMessage[]> {
  const received: ServiceBusReceivedMessage[] = [];
  while (received.length < count) {
    const more = await receiver.receiveMessages(count - received.length, { maxWaitTimeInMs: 3_000 });
    if (more.length === 0) throw new Error(`only ${received.length} of ${count} messages came`);
    received.push(...more);
  }
  return received;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dex-sync-bus-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A way to the bus that can be cut. */
export async function startProxy(port: number): Promise<{ connectionString: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      // Either side may be cut at any time; the other follows.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const own = (server.address() as AddressInfo).port;
  return {
    connectionString: `Endpoint=sb://localhost:${own};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true`,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
