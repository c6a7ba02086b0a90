import { app } from "@azure/functions";
import type { ConnectorId } from "../shared/connectors/connector.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { syncLane } from "./sync-lane.ts";

/** One worker per Sentinel workspace: `tag-incident-<connector>`. Sentinel's own connector makes the incident; ours adds what it does not carry. */
export function registerTagIncident(connector: ConnectorId): void {
  app.serviceBusQueue(`tag-incident-${connector}`, {
    connection: "ServiceBusConnection",
    queueName: laneQueue(connector),
    isSessionsEnabled: true,
    handler: (message) => syncLane(connector, message),
  });
}
