import type { ConnectorId } from "../shared/connectors/connector.ts";
import { composition } from "./compose-once.ts";

/** What every lane's trigger does. The use case is loaded with the first message. */
export async function syncLane(connector: ConnectorId, message: unknown): Promise<void> {
  const deliveredAt = Date.now();
  const { handleDelta } = await import("./work.ts");
  await handleDelta(await composition(), connector, message, deliveredAt);
}
