import type { ConnectorId } from "../shared/connectors/connector.ts";
import { laneQueue } from "../shared/pipeline/keys.ts";
import { compositionOrHeld } from "./compose-once.ts";

/** What every lane's trigger does. The use case is loaded with the first message. */
export async function syncLane(connector: ConnectorId, message: unknown): Promise<void> {
  const startedAt = performance.now();
  const composed = await compositionOrHeld(laneQueue(connector), message, true);
  if (composed === undefined) return;
  const { handleDelta } = await import("./work.ts");
  // A cold start counts against the handler's time.
  const deliveredAt = composed.clock.now() - Math.round(performance.now() - startedAt);
  await handleDelta(composed, connector, message, deliveredAt);
}
