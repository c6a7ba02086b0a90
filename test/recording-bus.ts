import { RetryableError } from "../shared/errors.ts";
import type { Bus, OutgoingMessage } from "../shared/pipeline/ports/bus.ts";

export interface SentMessage extends OutgoingMessage {
  readonly queue: string;
}

/** A bus that keeps what was sent, drops repeats of a message id as duplicate detection does, and can be told to refuse a queue. */
export interface RecordingBus extends Bus {
  readonly sent: SentMessage[];
  /** Everything sent, repeats included. */
  readonly attempts: SentMessage[];
  refuse(queue: string, isRefusing: boolean): void;
  take(queue: string): SentMessage[];
}

export function createRecordingBus(): RecordingBus {
  const sent: SentMessage[] = [];
  const attempts: SentMessage[] = [];
  const ids = new Set<string>();
  const refused = new Set<string>();
  return {
    sent,
    attempts,
    refuse(queue, isRefusing) {
      if (isRefusing) refused.add(queue);
      else refused.delete(queue);
    },
    take(queue) {
      const taken = sent.filter((message) => message.queue === queue);
      for (const message of taken) sent.splice(sent.indexOf(message), 1);
      return taken;
    },
    send(queue, messages) {
      if (refused.has(queue)) return Promise.reject(new RetryableError("unavailable", `${queue} is away`));
      for (const message of messages) {
        attempts.push({ queue, ...message });
        if (ids.has(`${queue}:${message.messageId}`)) continue;
        ids.add(`${queue}:${message.messageId}`);
        sent.push({ queue, ...message });
      }
      return Promise.resolve();
    },
  };
}
