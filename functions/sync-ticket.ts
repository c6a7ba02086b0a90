import { app } from "@azure/functions";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { syncLane } from "./sync-lane.ts";

/** One worker per ticket lane: `sync-ticket-<connector>`. */
export function registerSyncTicket(connector: ConnectorId): void {
  app.serviceBusQueue(`sync-ticket-${connector}`, {
    connection: "ServiceBusConnection",
    queueName: laneQueue(connector),
    isSessionsEnabled: true,
    handler: (message) => syncLane(connector, message),
  });
}
