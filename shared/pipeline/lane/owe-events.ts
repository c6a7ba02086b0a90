import type { ConnectorId } from "../../connectors/connector.ts";
import { type CorrelationKey, incidentOfKey } from "../../incident/correlation-key.ts";
import { copyOf, deltaMessageOf } from "../delta-message.ts";
import { SNAPSHOT_ROW, incidentPartition, laneQueue, linkRow } from "../keys.ts";
import { toBeRebuilt, unpackLink } from "../link.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import { ConflictError, type Tables } from "../ports/table.ts";
import { unpackSnapshot } from "../stored-snapshot.ts";

interface OweDeps {
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const ATTEMPTS = 5;
const AT_ONCE = 50;

/**
 * Events that a tool was told and may not have got are owed again: the link asks for the last one once more, as a rebuild does, and a copy
 * asks for it at once. Without the copy a walk over the links finds it.
 */
export async function oweEvents(deps: OweDeps, connector: ConnectorId, keys: readonly CorrelationKey[]): Promise<void> {
  if (keys.length === 0) return;
  deps.log.warn("events of a connection that did not end well are owed again", { connector, incidents: keys.length });
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    await Promise.all(keys.slice(from, from + AT_ONCE).map((key) => owe(deps, connector, key)));
  }
}

async function owe(deps: OweDeps, connector: ConnectorId, key: CorrelationKey): Promise<void> {
  const { tables, bus, clock, random } = deps;
  const { tenantId, incidentId } = incidentOfKey(key);
  const partition = incidentPartition(tenantId, incidentId);
  const row = linkRow(connector);
  for (let attempt = 1; ; attempt += 1) {
    const rows = await tables.incident.getMany(partition, [SNAPSHOT_ROW, row]);
    const held = rows.get(row);
    const snapshot = rows.get(SNAPSHOT_ROW);
    // Nothing is noted as told yet, so it is told by whoever holds its message.
    if (held === undefined || snapshot === undefined) return;
    try {
      await tables.incident.put(partition, row, toBeRebuilt(unpackLink(held.value)), { etag: held.etag });
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
      continue;
    }
    const message = { ...deltaMessageOf(unpackSnapshot(snapshot.value)), cause: "rebuild" } as const;
    await bus.send(laneQueue(connector), [copyOf(message, clock.now(), random.uuid())]);
    return;
  }
}
