import type { Message, PropertyChanges } from "./message.ts";
import type { MessageStore } from "./message-store.ts";
import type { QueueRules } from "./queue-contract.ts";
import type { QueueHost } from "./queue-host.ts";

/** How a message leaves its queue without having been completed. */
export interface Endings {
  expire(message: Message): void;
  giveUp(message: Message): void;
  deadLetter(message: Message, changes: PropertyChanges): void;
}

export function createEndings(rules: QueueRules, store: MessageStore, host: QueueHost): Endings {
  return {
    expire(message) {
      if (!rules.deadLetterOnExpiration) store.remove(message);
      else deadLetter(message, reasons("TTLExpiredException", "The message expired and was dead lettered."));
    },
    giveUp(message) {
      const description = `Message could not be consumed after ${rules.maxDeliveryCount} delivery attempts.`;
      deadLetter(message, reasons("MaxDeliveryCountExceeded", description));
    },
    deadLetter,
  };

  function deadLetter(message: Message, changes: PropertyChanges): void {
    store.remove(message);
    const payload = changes.size > 0 ? host.amend(message.payload, changes) : message.payload;
    rules.deadLetters?.adopt(message, payload, rules.path);
  }
}

function reasons(reason: string, description: string): PropertyChanges {
  return new Map([
    ["DeadLetterReason", reason],
    ["DeadLetterErrorDescription", description],
  ]);
}
