import { BusError } from "./bus-error.ts";

export interface QueueDefinition {
  readonly name: string;
  /** True: every message must name a session, and is received by whoever holds that session. */
  readonly requiresSession: boolean;
  readonly lockDurationMs: number;
  /** A message delivered this often without being settled becomes a dead letter. */
  readonly maxDeliveryCount: number;
  /** Within it a message id that was met before is accepted and dropped. 0: no duplicate detection. */
  readonly duplicateDetectionWindowMs: number;
  /** A message's own time to live may be shorter, not longer. Absent: it never expires by itself. */
  readonly defaultTimeToLiveMs?: number;
  /** True: what expires becomes a dead letter. Else it is dropped. */
  readonly deadLetterOnExpiration?: boolean;
}

/** Letters, digits and `.-_/`, as the service has it; at most 260 characters. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?$/;

export function checkQueueDefinitions(definitions: readonly QueueDefinition[]): void {
  const names = new Set<string>();
  for (const definition of definitions) {
    const { name } = definition;
    if (!NAME.test(name)) {
      throw refuse(
        name,
        "a name is letters, digits, '.', '-', '_' and '/', and begins and ends with a letter or digit",
      );
    }
    if (names.has(name.toLowerCase())) throw refuse(name, "declared twice (names do not depend on case)");
    names.add(name.toLowerCase());
    if (!(definition.lockDurationMs > 0)) throw refuse(name, "lockDurationMs must be above 0");
    if (!(Number.isInteger(definition.maxDeliveryCount) && definition.maxDeliveryCount > 0)) {
      throw refuse(name, "maxDeliveryCount must be a whole number above 0");
    }
    if (!(definition.duplicateDetectionWindowMs >= 0)) {
      throw refuse(name, "duplicateDetectionWindowMs must be 0 (off) or more");
    }
    if (definition.defaultTimeToLiveMs !== undefined && !(definition.defaultTimeToLiveMs > 0)) {
      throw refuse(name, "defaultTimeToLiveMs must be above 0, or absent");
    }
  }
}

function refuse(name: string, why: string): BusError {
  return new BusError("amqp:invalid-field", `queue "${name}": ${why}`);
}
