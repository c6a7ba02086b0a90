import type { ConnectorId } from "../connectors/connector.ts";
import { type SchemaCheck, loadSchemaCheck } from "../schema-check.ts";
import { laneQueue } from "./keys.ts";
import { parkUnreadable } from "./park-unreadable.ts";
import type { Clock } from "./ports/clock.ts";
import type { Log } from "./ports/log.ts";
import type { Tables } from "./ports/table.ts";
import { type DeltaMessage, DeltaMessageSchema } from "./schema.ts";
import type { SyncDeps } from "./sync-deps.ts";
import { syncTicket } from "./sync-ticket.ts";

interface Lanes {
  readonly tables: Tables;
  readonly log: Log;
  readonly clock: Clock;
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
  await syncTicket(await lanes.syncDeps(connector), checked.value, deliveredAt);
}
