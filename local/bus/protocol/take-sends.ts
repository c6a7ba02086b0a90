import type { Delivery, EventContext, Receiver } from "rhea";
import { readBatch, readIncoming } from "../amqp/incoming.ts";
import { BusError } from "../bus-error.ts";
import type { Queue } from "../engine/queue-contract.ts";
import { amqpError, type BrokerCore } from "./broker-core.ts";
import { bytesOf } from "./rhea-internals.ts";

/** As Service Bus clients mark a transfer that is a batch of messages. */
const BATCH_FORMAT = 0x80013700;

/** A link on which a client sends to a queue. A transfer is answered when its messages are kept. */
export function takeSends(core: BrokerCore, link: Receiver, queue: Queue): void {
  if (queue.rules.deadLetters === undefined) {
    throw new BusError("amqp:not-allowed", `Messages cannot be sent to '${queue.rules.path}': it holds dead letters.`);
  }
  link.on("message", (context: EventContext) => {
    const delivery = context.delivery as Delivery;
    try {
      take(delivery, bytesOf(context.message));
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      delivery.reject(amqpError(error));
    }
  });

  function take(delivery: Delivery, bytes: Buffer): void {
    if (bytes.length > core.maxMessageBytes) {
      throw new BusError(
        "amqp:link:message-size-exceeded",
        `The received message (delivery-id:${delivery.id}, size:${bytes.length} bytes) exceeds the limit ` +
          `(${core.maxMessageBytes} bytes) currently allowed on the link.`,
      );
    }
    // The buffer is a part of what the socket delivered, which would be kept with it.
    const own = Buffer.from(bytes);
    queue.send(delivery.format === BATCH_FORMAT ? readBatch(own) : [readIncoming(own)]);
    core.setTimer();
    core.whenKept(() => delivery.accept());
  }
}
