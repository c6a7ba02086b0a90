import type { TokenCredential } from "@azure/identity";
import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import { PermanentError, RetryableError } from "../errors.ts";
import type { Bus, OutgoingMessage } from "../pipeline/ports/bus.ts";

/** The SDK waits out its operation time-out after a dropped connection; its default of a minute is longer than a handler has. */
const OPERATION_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 256 * 1_024;

export type BusTarget =
  | { readonly namespace: string; readonly credential: () => Promise<TokenCredential> }
  | { readonly connectionString: string };

export interface ClosableBus extends Bus {
  close(): Promise<void>;
}

/** The sending side of Service Bus. The SDK is loaded with the first message. */
export function createServiceBus(target: BusTarget): ClosableBus {
  let client: Promise<ServiceBusClient> | undefined;
  const senders = new Map<string, ServiceBusSender>();

  return {
    async send(queue, messages) {
      if (messages.length === 0) return;
      client ??= connect(target);
      const connected = await client;
      const sender = senders.get(queue) ?? connected.createSender(queue);
      senders.set(queue, sender);
      try {
        await sendInBatches(sender, messages.map(wireMessage));
      } catch (error) {
        throw busError(queue, error);
      }
    },
    async close() {
      await (await client)?.close();
    },
  };
}

async function connect(target: BusTarget): Promise<ServiceBusClient> {
  const sdk = await import("@azure/service-bus");
  const options = { retryOptions: { timeoutInMs: OPERATION_TIMEOUT_MS, maxRetries: 2, retryDelayInMs: 500 } };
  return "connectionString" in target
    ? new sdk.ServiceBusClient(target.connectionString, options)
    : new sdk.ServiceBusClient(target.namespace, await target.credential(), options);
}

async function sendInBatches(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  const [first] = messages;
  if (messages.length === 1 && first !== undefined) {
    await sender.sendMessages(first);
    return;
  }
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) {
      await sender.sendMessages(batch);
      batch = await sender.createMessageBatch();
    }
    if (!batch.tryAddMessage(message)) {
      throw new PermanentError("tooLarge", `a message is over ${MAX_MESSAGE_BYTES} bytes`);
    }
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}

function wireMessage(message: OutgoingMessage): ServiceBusMessage {
  return {
    messageId: message.messageId,
    body: message.body,
    contentType: "application/json",
    ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }),
    ...(message.scheduledAt === undefined ? {} : { scheduledEnqueueTimeUtc: new Date(message.scheduledAt) }),
    ...(message.timeToLiveMs === undefined ? {} : { timeToLive: message.timeToLiveMs }),
  };
}

/** Any of a repeated send may have arrived: it keeps its message id, and duplicate detection drops it. */
function busError(queue: string, error: unknown): unknown {
  if (error instanceof PermanentError || !(error instanceof Error) || !("code" in error)) return error;
  if (error.code === "MessageSizeExceeded") {
    return new PermanentError("tooLarge", `queue ${queue} refuses a message of this size`, { cause: error });
  }
  const hint =
    error.code === "MessagingEntityNotFound"
      ? " (there is no such queue: does the deployment match the configuration?)"
      : "";
  return new RetryableError("unavailable", `queue ${queue} takes no message: ${String(error.code)}${hint}`, {
    mayHaveHappened: true,
    cause: error,
  });
}
