import type { Sender } from "rhea";
import { writeOutgoing } from "../amqp/outgoing.ts";
import type { Delivery } from "../engine/message.ts";
import type { BrokerCore } from "./broker-core.ts";
import { createCredit, isDraining, reportDrained, roomForDeliveries } from "./rhea-internals.ts";

export interface MessageSource {
  take(): Delivery | undefined;
  rest?(): void;
}

export interface Pump {
  /** Sends what there is and the peer has room for, soon. */
  wake(): void;
  stop(): void;
}

/** Moves messages from a receiver of the engine to a link, as far as the peer's credit goes. */
export function giveMessages(core: BrokerCore, link: Sender, source: MessageSource): Pump {
  const credit = createCredit(link);
  let isWoken = false;
  let isStopped = false;

  link.on("sender_flow", pump);
  // Drained only when all that was taken is written, or rhea is left with deliveries and no credit for them.
  link.on("sender_draining", finishDrain);
  return {
    wake() {
      if (isWoken) return;
      isWoken = true;
      queueMicrotask(pump);
    },
    stop() {
      isStopped = true;
      source.rest?.();
    },
  };

  function pump(): void {
    isWoken = false;
    if (isStopped || !link.is_open()) return;
    let room = Math.min(credit.free(), roomForDeliveries(link.session));
    for (; room > 0; room -= 1) {
      const delivery = source.take();
      if (delivery === undefined) break;
      send(delivery);
    }
    // Without room, another receiver may have some.
    if (room <= 0) source.rest?.();
    core.setTimer();
  }

  function send(delivery: Delivery): void {
    const { message, lockId, lockedUntil } = delivery;
    credit.sent();
    link.send(writeOutgoing(message, lockedUntil), core.tokens.tagOf(lockId), 0);
  }

  function finishDrain(): void {
    if (isStopped || !link.is_open() || !isDraining(link)) return;
    if (credit.isWritten()) reportDrained(link);
    else setImmediate(finishDrain);
  }
}
