import { ServiceBusClient, type ServiceBusMessage } from "@azure/service-bus";
import { onTestFinished } from "vitest";
import { createMemoryJournal } from "../../../../local/bus/memory-journal.ts";
import { type Bus, type QueueDefinition, startBus } from "../../../../local/bus/start-bus.ts";

export interface TestBus {
  readonly bus: Bus;
  readonly client: ServiceBusClient;
  send(queue: string, ...messages: ServiceBusMessage[]): Promise<void>;
}

export function queue(name: string, more: Partial<QueueDefinition> = {}): QueueDefinition {
  return {
    name,
    requiresSession: false,
    lockDurationMs: 30_000,
    maxDeliveryCount: 3,
    duplicateDetectionWindowMs: 0,
    ...more,
  };
}

/** The local bus on a free port and a client for it; both end with the test. */
export async function startTestBus(...queues: QueueDefinition[]): Promise<TestBus> {
  const bus = await startBus({ queues, journal: createMemoryJournal(), warn: () => undefined });
  const client = new ServiceBusClient(bus.connectionString);
  onTestFinished(async () => {
    await client.close();
    await bus.close();
  });
  return {
    bus,
    client,
    send: (name, ...messages) => sendTo(bus, name, ...messages),
  };
}

/** Sends through a client of its own: after a restart of the bus an older one would wait to notice. */
export async function sendTo(bus: Bus, name: string, ...messages: ServiceBusMessage[]): Promise<void> {
  const client = new ServiceBusClient(bus.connectionString);
  await client.createSender(name).sendMessages(messages);
  await client.close();
}
