import type { Delivery, EventContext, Sender, Typed } from "rhea";
import { itemsOf, plain } from "../amqp/typed.ts";
import { BusError } from "../bus-error.ts";
import type { PropertyChanges } from "../engine/message.ts";
import type { Queue } from "../engine/queue-contract.ts";
import { amqpError, type BrokerCore } from "./broker-core.ts";
import { outcomeFields, settleOutgoing } from "./rhea-internals.ts";

/** The receiver's verdicts on what it was given, each answered when it is kept. */
export function takeSettlements(core: BrokerCore, link: Sender, queue: Queue): void {
  on("accepted", (lockId) => queue.complete(lockId));
  on("released", (lockId) => queue.release(lockId));
  on("rejected", (lockId, delivery) => queue.deadLetter(lockId, reasonsOf(delivery)));
  on("modified", (lockId, delivery) => {
    const [, isUndeliverableHere, annotations] = outcomeFields(delivery) as Typed[];
    if (plain(isUndeliverableHere) === true) throw noDefer();
    queue.abandon(lockId, changesOf(annotations));
  });

  function on(outcome: string, settle: (lockId: number, delivery: Delivery) => void): void {
    link.on(outcome, (context: EventContext) => {
      const delivery = context.delivery as Delivery;
      const tag = Buffer.isBuffer(delivery.tag) ? delivery.tag : Buffer.from(delivery.tag);
      const lockId = core.tokens.lockIdOfTag(tag);
      // Sent without a lock: the client only confirms that it arrived.
      if (lockId === 0) return;
      try {
        settle(lockId, delivery);
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        settleOutgoing(delivery, amqpError(error));
        return;
      }
      core.setTimer();
      core.whenKept(() => settleOutgoing(delivery, undefined));
    });
  }
}

export function noDefer(): BusError {
  return new BusError("amqp:not-implemented", "Deferring messages is not in this stand-in for Service Bus.");
}

/** What a map sets, without what it leaves empty. */
export function changesOf(map: Typed | undefined): PropertyChanges {
  const items = itemsOf(map);
  const changes = new Map<string, unknown>();
  for (let at = 0; at + 1 < items.length; at += 2) {
    if (plain(items[at + 1]) !== undefined) changes.set(String(plain(items[at])), items[at + 1]);
  }
  return changes;
}

/** Of a rejected outcome: clients put the reason and the changed properties in the error's info. */
function reasonsOf(delivery: Delivery): PropertyChanges {
  const [condition, description, info] = itemsOf(outcomeFields(delivery)[0] as Typed | undefined);
  const changes = new Map(changesOf(info));
  if (plain(condition) !== "com.microsoft:dead-letter" && plain(condition) !== undefined) {
    if (!changes.has("DeadLetterReason")) changes.set("DeadLetterReason", String(plain(condition)));
    const text = plain(description);
    if (text !== undefined && !changes.has("DeadLetterErrorDescription"))
      changes.set("DeadLetterErrorDescription", text);
  }
  return changes;
}
