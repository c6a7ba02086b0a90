import type { ConnectorId, TicketConnector } from "../shared/connectors/connector.ts";
import type { Composition } from "../shared/composition.ts";
import { isEventLane } from "../shared/pipeline/lane/sync-deps.ts";

/** The connector of a lane that has tickets. */
export async function ticketsOf(composition: Composition, id: ConnectorId): Promise<TicketConnector> {
  const lane = await composition.laneDeps(id);
  if (isEventLane(lane)) throw new Error(`"${id}" takes events`);
  return lane.connector;
}
