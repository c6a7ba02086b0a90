import type { TokenCredential } from "@azure/identity";
import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import { PermanentError, RetryableError } from "../errors.ts";
import type { Bus, OutgoingMessage } from "../pipeline/ports/bus.ts";
import { TRACE_PROPERTY, currentTrace } from "../trace.ts";
import { ownCredential } from "./own-credential.ts";

/** The SDK waits out its operation time-out after a dropped connection; its default of a minute is longer than a handler has. */
const OPERATION_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 256 * 1_024;

export type BusTarget =
  | { readonly namespace: string; readonly credential: () => Promise<TokenCredential> }
  | { readonly connectionString: string };

export interface ClosableBus extends Bus {
  close(): Promise<void>;
}

/** The sending side of Service Bus. The SDK is loaded with the first message; a client that could not be made is made anew with the next. */
export function createServiceBus(target: BusTarget): ClosableBus {
  let client: Promise<ServiceBusClient> | undefined;
  const senders = new Map<string, ServiceBusSender>();

  return {
    async send(queue, messages) {
      if (messages.length === 0) return;
      client ??= connect(target).catch((error: unknown) => {
        client = undefined;
        throw error;
      });
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
      // One that was not made has nothing to close, and was told of by its send.
      const made = await client?.catch(() => undefined);
      await made?.close();
    },
  };
}

async function connect(target: BusTarget): Promise<ServiceBusClient> {
  const options = { retryOptions: { timeoutInMs: OPERATION_TIMEOUT_MS, maxRetries: 2, retryDelayInMs: 500 } };
  if ("connectionString" in target) {
    return made(
      async () => new (await import("@azure/service-bus")).ServiceBusClient(target.connectionString, options),
    );
  }
  const { namespace } = target;
  const credential = await ownCredential(target.credential, "the bus");
  return made(async () => new (await import("@azure/service-bus")).ServiceBusClient(namespace, credential, options));
}

async function made(make: () => Promise<ServiceBusClient>): Promise<ServiceBusClient> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Without the cause: it may repeat the connection string, which holds a key.
    throw new RetryableError("unavailable", `no client of Service Bus (${error.name}): ${CONNECTION_MEND}`);
  }
}

const CONNECTION_MEND = "is ServiceBusConnection a namespace's host name, or a connection string?";

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
  const trace = currentTrace();
  return {
    ...(trace === undefined ? {} : { applicationProperties: { [TRACE_PROPERTY]: trace } }),
    messageId: message.messageId,
    body: message.body,
    contentType: "application/json",
    ...(message.sessionId === undefined ? {} : { sessionId: message.sessionId }),
    ...(message.scheduledAt === undefined ? {} : { scheduledEnqueueTimeUtc: new Date(message.scheduledAt) }),
    ...(message.timeToLiveMs === undefined ? {} : { timeToLive: message.timeToLiveMs }),
  };
}

/**
 * Any of a repeated send may have arrived: it keeps its message id, and duplicate detection drops it. The SDK has no one class of errors (a
 * connection that is cut while it opens is a plain `Error`, several failed attempts are an `AggregateError`): what is no fault of the
 * call itself is the bus's.
 */
function busError(queue: string, error: unknown): unknown {
  if (error instanceof AggregateError) return busError(queue, error.errors.at(-1) ?? new Error("no attempt was made"));
  const isOurs = error instanceof PermanentError || error instanceof RetryableError;
  if (isOurs || !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return error;
  const code = "code" in error ? String(error.code) : error.name;
  if (code === "MessageSizeExceeded") {
    return new PermanentError("tooLarge", `queue ${queue} refuses a message of this size`, { cause: error });
  }
  const hint =
    code === "MessagingEntityNotFound" ? " (there is no such queue: does the deployment match the configuration?)" : "";
  const reason = code === "UnauthorizedAccess" ? "unauthorized" : "unavailable";
  return new RetryableError(reason, `queue ${queue} takes no message: ${code}${hint}`, {
    mayHaveHappened: true,
    cause: error,
  });
}
