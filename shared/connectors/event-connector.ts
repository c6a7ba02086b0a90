import type { LifecycleEvent } from "../incident/lifecycle-event.ts";
import type { CheckFinding, ConnectorId, TicketConnector } from "./connector.ts";

/**
 * A tool that takes events: at least once, with a stable id. What to send, and what was sent, is the pipeline's; a connector only says it
 * in its tool's words, once. Throws `RetryableError` or `PermanentError` (see `errors.ts`), and ends when the signal is aborted.
 */
export interface EventConnector {
  readonly id: ConnectorId;
  readonly kind: string;
  /** Answers once the tool has taken the event. */
  send(event: LifecycleEvent, signal: AbortSignal): Promise<void>;
  /** Compares the configuration with what the tool has. Sends no event; empty where all fits. */
  check?(signal: AbortSignal): Promise<readonly CheckFinding[]>;
}

export type Connector = TicketConnector | EventConnector;

export function isEventConnector(connector: Connector): connector is EventConnector {
  return "send" in connector;
}
