import type { ConnectorId } from "../shared/connectors/connector.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { compositionOrHeld } from "./compose-once.ts";

/** What every lane's trigger does. The use case is loaded with the first message. */
export async function syncLane(connector: ConnectorId, message: unknown): Promise<void> {
  const deliveredAt = Date.now();
  const composed = await compositionOrHeld(laneQueue(connector), message, true);
  if (composed === undefined) return;
  const { handleDelta } = await import("./work.ts");
  await handleDelta(composed, connector, message, deliveredAt);
}
