import { app } from "@azure/functions";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { syncLane } from "./sync-lane.ts";

/** One worker per tool that takes events: `send-event-<connector>`. */
export function registerSendEvent(connector: ConnectorId): void {
  app.serviceBusQueue(`send-event-${connector}`, {
    connection: "ServiceBusConnection",
    queueName: laneQueue(connector),
    isSessionsEnabled: true,
    handler: (message) => syncLane(connector, message),
  });
}
