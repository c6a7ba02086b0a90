import type { ConnectorId } from "../../connectors/connector.ts";
import { RetryableError } from "../../errors.ts";
import type { IncidentId } from "../../incident/incident.ts";
import { copyOf, deltaMessageOf } from "../delta-message.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { laneQueue } from "../keys.ts";
import { ConflictError } from "../ports/table.ts";
import { wasTold } from "../routed-lanes.ts";
import { putSnapshot, readSnapshot } from "../detect/save-reading.ts";
import type { DeltaMessage } from "../schema.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";

const ATTEMPTS = 5;

/** The newest snapshot once more to one lane, as a copy. That the connector is told is remembered first: from then on it hears of every change. */
export async function sendAgain(
  deps: DetectDeps,
  id: IncidentId,
  connector: ConnectorId,
  cause: DeltaMessage["cause"],
): Promise<void> {
  const snapshot = await told(deps, id, connector);
  if (snapshot === undefined) return;
  const message: DeltaMessage = { ...deltaMessageOf(snapshot), cause };
  await deps.bus.send(laneQueue(connector), [copyOf(message, deps.clock.now(), deps.random.uuid())]);
}

async function told(deps: DetectDeps, id: IncidentId, connector: ConnectorId): Promise<StoredSnapshot | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const held = await readSnapshot(deps, id);
    if (held === undefined || wasTold(held.snapshot, connector)) return held?.snapshot;
    const snapshot = { ...held.snapshot, toldLanes: [...(held.snapshot.toldLanes ?? []), connector] };
    try {
      await putSnapshot(deps, snapshot, held.etag);
      return snapshot;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new RetryableError("busy", "the snapshot is written by others all the time");
}
