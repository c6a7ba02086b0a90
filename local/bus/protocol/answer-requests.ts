import rhea, { type Delivery, type EventContext, type Message, type Receiver } from "rhea";
import { BusError, type BusCondition } from "../bus-error.ts";
import { bytesOf } from "./rhea-internals.ts";
import type { BrokerCore, Client } from "./broker-core.ts";

export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly body?: unknown;
}

/** `$cbs` and `$management` name the parts of an answer differently. */
export interface AnswerNames {
  readonly status: string;
  readonly description: string;
  readonly condition: string;
}

type Fields = Readonly<Record<string, unknown>>;

export interface Request {
  readonly operation: string;
  readonly properties: Fields;
  readonly body: unknown;
}

/** A link with requests that are messages; the answers go over the link that each request names. */
export function answerRequests(
  core: BrokerCore,
  client: Client,
  link: Receiver,
  names: AnswerNames,
  perform: (request: Request) => Answer,
): void {
  link.on("message", (context: EventContext) => {
    const message = decode(context);
    const answer = attempt(() => perform(requestOf(message)));
    core.setTimer();
    core.whenKept(() => reply(message, answer));
  });

  function reply(message: Fields, answer: Answer & { readonly condition?: BusCondition }): void {
    const sender = client.replies.get(String(message["reply_to"]));
    // The client has gone, or never opened the link it named: nobody to tell.
    if (sender === undefined || !sender.is_open()) return;
    sender.send({
      correlation_id: message["message_id"],
      application_properties: {
        [names.status]: rhea.types.wrap_int(answer.status),
        [names.description]: answer.description,
        ...(answer.condition !== undefined && { [names.condition]: answer.condition }),
      },
      body: answer.body,
    } as unknown as Message);
  }
}

function decode(context: EventContext): Fields {
  const message: Fields = rhea.message.decode(bytesOf(context.message));
  (context.delivery as Delivery).accept();
  return message;
}

function requestOf(message: Fields): Request {
  const properties = (message["application_properties"] ?? {}) as Fields;
  return { operation: String(properties["operation"]), properties, body: message["body"] };
}

function attempt(perform: () => Answer): Answer & { readonly condition?: BusCondition } {
  try {
    return perform();
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    return { status: statusOf(error.condition), description: error.message, condition: error.condition };
  }
}

function statusOf(condition: BusCondition): number {
  return STATUS[condition];
}

const STATUS = {
  "amqp:not-found": 404,
  "amqp:not-implemented": 501,
  "amqp:not-allowed": 400,
  "amqp:invalid-field": 400,
  "amqp:decode-error": 400,
  "amqp:internal-error": 500,
  "amqp:link:message-size-exceeded": 403,
  "com.microsoft:timeout": 408,
  "com.microsoft:message-not-found": 404,
  "com.microsoft:message-lock-lost": 410,
  "com.microsoft:session-lock-lost": 410,
  "com.microsoft:session-cannot-be-locked": 410,
} satisfies Record<BusCondition, number>;
