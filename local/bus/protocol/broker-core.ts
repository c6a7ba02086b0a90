import type { Connection, Sender } from "rhea";
import type { LockTokens } from "../amqp/lock-token.ts";
import type { BusError } from "../bus-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { SessionReceiver } from "../engine/sessions.ts";

/** What every kind of link shares. */
export interface BrokerCore {
  readonly engine: Engine;
  readonly tokens: LockTokens;
  readonly maxMessageBytes: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
  /** Runs `answer` when everything the engine has recorded is kept. Never, once the journal has failed. */
  readonly whenKept: (answer: () => void) => void;
  /** To be called whenever something may have become due earlier than before. */
  readonly setTimer: () => void;
}

/** One client connection. */
export interface Client {
  readonly connection: Connection;
  /** What to end with the connection. */
  readonly receivers: Set<OpenReceiver>;
  /** Where answers go, by the address a request names and by the name of the link. */
  readonly replies: Map<string, Sender>;
}

export interface OpenReceiver {
  readonly link: Sender;
  /** Undefined for a queue without sessions, and while a session is waited for. */
  session(): SessionReceiver | undefined;
  /** `isCounted`: what was under way counts as delivered. */
  end(isCounted: boolean): void;
}

export function amqpError(error: BusError): { condition: string; description: string } {
  return { condition: error.condition, description: error.message };
}
