import { type InvocationContext, app } from "@azure/functions";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { POLL_QUEUE, laneQueue } from "../shared/pipeline/keys.ts";
import { composition } from "./compose-once.ts";

/** What the poll queue has given up. */
export function registerDrainPolls(): void {
  registerDrain(POLL_QUEUE, POLL_QUEUE, undefined);
}

/** What a lane has given up: `drain-dead-letters-<connector>`. */
export function registerDrainLane(connector: ConnectorId): void {
  registerDrain(connector, laneQueue(connector), connector);
}

/** A queue's dead letters are a queue of their own, without sessions whatever the queue has. */
function registerDrain(name: string, queue: string, connector: ConnectorId | undefined): void {
  app.serviceBusQueue(`drain-dead-letters-${name}`, {
    connection: "ServiceBusConnection",
    queueName: `${queue}/$deadletterqueue`,
    isSessionsEnabled: false,
    handler: async (message, context) => {
      const { parkDeadLetter } = await import("./work.ts");
      await parkDeadLetter(await composition(), { queue, connector, message, reason: reasonIn(context) });
    },
  });
}

function reasonIn({ triggerMetadata }: InvocationContext): string {
  const properties = (triggerMetadata?.["applicationProperties"] ?? {}) as Readonly<Record<string, unknown>>;
  // The library makes names camel case, nested ones too.
  const reason = properties["DeadLetterReason"] ?? properties["deadLetterReason"];
  return typeof reason === "string" ? reason.slice(0, 100) : "unknown";
}
