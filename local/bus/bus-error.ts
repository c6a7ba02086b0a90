/** A refusal as the service words it: an AMQP condition, from which the client derives its error code, and a sentence. */
export class BusError extends Error {
  readonly condition: BusCondition;

  constructor(condition: BusCondition, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "BusError";
    this.condition = condition;
  }
}

export type BusCondition =
  | "amqp:not-found"
  | "amqp:not-implemented"
  | "amqp:not-allowed"
  | "amqp:invalid-field"
  | "amqp:decode-error"
  | "amqp:internal-error"
  | "amqp:link:message-size-exceeded"
  | "com.microsoft:timeout"
  | "com.microsoft:message-not-found"
  | "com.microsoft:message-lock-lost"
  | "com.microsoft:session-lock-lost"
  | "com.microsoft:session-cannot-be-locked";
