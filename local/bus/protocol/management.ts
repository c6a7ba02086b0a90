import rhea, { type Typed } from "rhea";
import { readIncoming } from "../amqp/incoming.ts";
import { writeOutgoing } from "../amqp/outgoing.ts";
import { BusError } from "../bus-error.ts";
import type { IncomingMessage } from "../engine/message.ts";
import type { Queue } from "../engine/queue-contract.ts";
import type { SessionReceiver } from "../engine/sessions.ts";
import type { Answer, Request } from "./answer-requests.ts";
import type { BrokerCore, Client } from "./broker-core.ts";
import { noDefer } from "./take-settlements.ts";

const { types } = rhea;

const OK = { status: 200, description: "OK" };

/** One answer is one message; more than this is left for the next look. */
const MOST_PEEKED_BYTES = 1024 * 1024;

const LONG = 0x81;
const TIMESTAMP = 0x83;

/** What clients ask of a queue besides sending and receiving. */
export function manage(core: BrokerCore, client: Client, queue: Queue, request: Request): Answer {
  const body = fieldsOf(request.body);
  switch (request.operation) {
    case "com.microsoft:renew-lock":
      return renewLocks(core, queue, body);
    case "com.microsoft:renew-session-lock":
      return renewSession(client, queue, body, request.properties["associated-link-name"]);
    case "com.microsoft:schedule-message":
      return schedule(core, queue, body);
    case "com.microsoft:cancel-scheduled-message":
      queue.cancelScheduled(numbersOf(body["sequence-numbers"], "sequence-numbers"));
      return OK;
    case "com.microsoft:peek-message":
      return peek(queue, body);
    case "com.microsoft:update-disposition":
      return updateDisposition(core, queue, body);
    default:
      throw new BusError(
        "amqp:not-implemented",
        `'${request.operation}' is not in this stand-in for Service Bus (queue '${queue.rules.path}').`,
      );
  }
}

type Fields = Readonly<Record<string, unknown>>;

function renewLocks(core: BrokerCore, queue: Queue, body: Fields): Answer {
  const expirations = lockIdsOf(core, body).map((lockId) => queue.renewLock(lockId));
  return { ...OK, body: { expirations: types.wrap_array(expirations, TIMESTAMP, undefined) } };
}

/** Only the receiver that holds the session renews it: it is looked for on the connection that asks. */
function renewSession(client: Client, queue: Queue, body: Fields, linkName: unknown): Answer {
  const sessionId = body["session-id"];
  for (const receiver of client.receivers) {
    const session = receiver.session();
    const isNamed = linkName === undefined || receiver.link.name === linkName;
    if (isNamed && session?.sessionId === sessionId) return renewed(session);
  }
  throw new BusError(
    "com.microsoft:session-lock-lost",
    `No receiver of this connection holds session '${String(sessionId)}' of '${queue.rules.path}'.`,
  );
}

function renewed(session: SessionReceiver | undefined): Answer {
  return { ...OK, body: { expiration: types.wrap_timestamp(session?.renew()) } };
}

function schedule(core: BrokerCore, queue: Queue, body: Fields): Answer {
  const entries = listOf(body["messages"], "messages").map((entry) => scheduledOf(core, fieldsOf(entry)));
  if (queue.rules.deadLetters === undefined) {
    throw new BusError("amqp:not-allowed", `Messages cannot be sent to '${queue.rules.path}': it holds dead letters.`);
  }
  const numbers = queue.send(entries);
  return { ...OK, body: { "sequence-numbers": types.wrap_array(numbers, LONG, undefined) } };
}

function scheduledOf(core: BrokerCore, entry: Fields): IncomingMessage {
  const { message } = entry;
  if (!Buffer.isBuffer(message)) throw new BusError("amqp:invalid-field", "A scheduled message must be binary.");
  if (message.length > core.maxMessageBytes) {
    throw new BusError(
      "amqp:link:message-size-exceeded",
      `The received message (size:${message.length} bytes) exceeds the limit (${core.maxMessageBytes} bytes).`,
    );
  }
  // The buffer is a part of the whole request, which would be kept with it.
  return readIncoming(Buffer.from(message));
}

function peek(queue: Queue, body: Fields): Answer {
  const from = numberOf(body["from-sequence-number"], "from-sequence-number");
  const count = numberOf(body["message-count"], "message-count");
  const sessionId = body["session-id"];
  const found = queue.peek(from, count, typeof sessionId === "string" ? sessionId : undefined);
  if (found.length === 0) return { status: 204, description: "No messages" };
  const messages: { message: Typed }[] = [];
  let bytes = 0;
  for (const message of found) {
    const written = writeOutgoing(message, undefined);
    bytes += written.length;
    if (messages.length > 0 && bytes > MOST_PEEKED_BYTES) break;
    messages.push({ message: types.wrap_binary(written) });
  }
  return { ...OK, body: { messages } };
}

/** A client settles here what it received on a link it no longer has. */
function updateDisposition(core: BrokerCore, queue: Queue, body: Fields): Answer {
  const properties = new Map(Object.entries(fieldsOf(body["properties-to-modify"] ?? {})));
  const lockIds = lockIdsOf(core, body);
  switch (body["disposition-status"]) {
    case "completed":
      for (const lockId of lockIds) queue.complete(lockId);
      return OK;
    case "abandoned":
      for (const lockId of lockIds) queue.abandon(lockId, properties);
      return OK;
    case "suspended":
      set("DeadLetterReason", body["deadletter-reason"]);
      set("DeadLetterErrorDescription", body["deadletter-description"]);
      for (const lockId of lockIds) queue.deadLetter(lockId, properties);
      return OK;
    default:
      throw noDefer();
  }

  function set(name: string, value: unknown): void {
    if (typeof value === "string") properties.set(name, value);
  }
}

function lockIdsOf(core: BrokerCore, body: Fields): readonly number[] {
  return listOf(body["lock-tokens"], "lock-tokens").map((token) =>
    Buffer.isBuffer(token) ? core.tokens.lockIdOfGuid(token) : 0,
  );
}

function numbersOf(value: unknown, name: string): readonly number[] {
  return listOf(value, name).map((item) => numberOf(item, name));
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  // rhea hands over a long that no JS number can hold as its eight bytes; no message has such a number.
  if (Buffer.isBuffer(value)) return Number(value.readBigInt64BE());
  throw new BusError("amqp:invalid-field", `'${name}' must be a number.`);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new BusError("amqp:invalid-field", `'${name}' must be a list.`);
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new BusError("amqp:invalid-field", "A request's body must be a map.");
}
