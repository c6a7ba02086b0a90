import type { ServiceBusReceivedMessage } from "@azure/service-bus";
import type { TypedData } from "../core-types.ts";

/** A message's body as the worker hands it over: the library parses every text as JSON, so that the body `123` becomes a number. */
export function toBodyData(message: ServiceBusReceivedMessage, dataType: unknown): TypedData {
  const { body } = message as { body: unknown };
  if (Buffer.isBuffer(body) || body instanceof Uint8Array) {
    if (String(dataType).toLowerCase() === "binary") return { bytes: body };
    return { string: decodeText(body, message.messageId) };
  }
  return { string: typeof body === "string" ? body : JSON.stringify(body ?? null) };
}

/** What the real host's Service Bus extension tells of one message, under its names; the library makes them camel case. */
export function toTriggerMetadata(message: ServiceBusReceivedMessage): Record<string, TypedData> {
  return Object.fromEntries(Object.entries(metadataOf(message)).map(([name, value]) => [name, toTypedData(value)]));
}

/** The same for a batch: one list a name, `MessageIdArray` and so on. */
export function toBatchMetadata(messages: readonly ServiceBusReceivedMessage[]): Record<string, TypedData> {
  const all = messages.map((message) => metadataOf(message));
  return Object.fromEntries(
    Object.keys(all[0] ?? {}).map((name) => {
      const values = all.map((one) => one[name]);
      const isText = values.every((value) => value === undefined || typeof value === "string");
      const texts = { collectionString: { string: values.map((value) => (typeof value === "string" ? value : "")) } };
      return [`${name}Array`, isText ? texts : { json: JSON.stringify(values.map((value) => value ?? null)) }];
    }),
  );
}

function metadataOf(message: ServiceBusReceivedMessage): Record<string, unknown> {
  const { applicationProperties = {}, enqueuedTimeUtc, expiresAtUtc } = message;
  return {
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    DeadLetterSource: message.deadLetterSource,
    LockToken: message.lockToken,
    ExpiresAtUtc: expiresAtUtc,
    ExpiresAt: expiresAtUtc,
    EnqueuedTimeUtc: enqueuedTimeUtc,
    EnqueuedTime: enqueuedTimeUtc,
    MessageId: textOf(message.messageId),
    ContentType: message.contentType,
    ReplyTo: message.replyTo,
    SequenceNumber: Number(message.sequenceNumber ?? 0),
    To: message.to,
    Subject: message.subject,
    Label: message.subject,
    CorrelationId: textOf(message.correlationId),
    ApplicationProperties: applicationProperties,
    UserProperties: applicationProperties,
    SessionId: message.sessionId,
    ReplyToSessionId: message.replyToSessionId,
    PartitionKey: message.partitionKey,
  };
}

/** What may be JSON as it stands. */
const MAYBE_JSON = /^\s*(?:[[{"]|-?\d[\d.eE+-]*\s*$|true\s*$|false\s*$|null\s*$)/;

/**
 * Texts go as texts, all else as JSON: that is how the real host decides what the library will parse. The library tries to parse each text
 * too, and a failed try costs more than all the rest: what cannot be JSON is handed over as what would come of it.
 */
function toTypedData(value: unknown): TypedData {
  if (value === undefined) return {};
  return typeof value === "string" && MAYBE_JSON.test(value) ? { string: value } : { json: JSON.stringify(value) };
}

/** AMQP knows ids that are no text. */
function textOf(id: string | number | Buffer | undefined): string | undefined {
  return Buffer.isBuffer(id) ? id.toString("hex") : id?.toString();
}

function decodeText(bytes: Uint8Array, messageId: ServiceBusReceivedMessage["messageId"]): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Error(
      `the body of message ${textOf(messageId) ?? "without id"} is not UTF-8; register the trigger with dataType "binary" to take bytes`,
      { cause: error },
    );
  }
}
