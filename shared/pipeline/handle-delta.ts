import type { ConnectorId } from "../connectors/connector.ts";
import { type SchemaCheck, loadSchemaCheck } from "../schema-check.ts";
import { laneQueue } from "./keys.ts";
import { parkUnreadable } from "./park-unreadable.ts";
import type { Bus } from "./ports/bus.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { Random } from "./ports/random.ts";
import type { Tables } from "./ports/table.ts";
import { type DeltaMessage, DeltaMessageSchema } from "./schema.ts";
import type { SyncDeps } from "./sync-deps.ts";
import { syncTicket } from "./sync-ticket.ts";
import { waitUnread } from "./wait.ts";

interface Lanes {
  readonly tables: Tables;
  readonly log: Log;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly random: Random;
  syncDeps(connector: ConnectorId): Promise<SyncDeps>;
}

let check: Promise<SchemaCheck<DeltaMessage>> | undefined;

/** One message of a lane. One that does not validate is parked, never guessed at. */
export async function handleDelta(
  lanes: Lanes,
  connector: ConnectorId,
  message: unknown,
  deliveredAt: number,
): Promise<void> {
  check ??= loadSchemaCheck(DeltaMessageSchema);
  const checked = (await check)(message);
  if ("problems" in checked) return parkUnreadable(lanes, laneQueue(connector), message, checked.problems);
  let deps: SyncDeps;
  try {
    deps = await lanes.syncDeps(connector);
  } catch (error) {
    // A connector that cannot be made (a secret that is not set) must not burn the message's deliveries.
    await waitUnread({ ...lanes, connector: { id: connector } }, checked.value, error);
    return;
  }
  await syncTicket(deps, checked.value, deliveredAt);
}
