import type { ConnectorId } from "../../connectors/connector.ts";
import type { TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { laneQueue } from "../keys.ts";
import { park } from "../park/park.ts";
import { parkUnreadable } from "../park/park-unreadable.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";
import type { Tables } from "../ports/table.ts";
import { type DeltaMessage, DeltaMessageSchema } from "../schema.ts";
import { sendEvent } from "./send-event.ts";
import { type EventDeps, type LaneDeps, type SyncDeps, isEventLane } from "./sync-deps.ts";
import { syncTicket } from "./sync-ticket.ts";
import { waitUnread } from "./wait.ts";

interface Lanes {
  readonly tables: Tables;
  readonly log: Log;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly random: Random;
  readonly metrics: Metrics;
  laneDeps(connector: ConnectorId): Promise<SyncDeps | EventDeps>;
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
  let deps: SyncDeps | EventDeps;
  try {
    deps = await lanes.laneDeps(connector);
  } catch (error) {
    // A connector that cannot be made (a secret that is not set) must not burn the message's deliveries.
    await waitUnread({ ...lanes, connector: { id: connector } }, checked.value, error);
    return;
  }
  if (!deps.tenantIds.includes(checked.value.tenantId as TenantId)) return parkForeign(deps, checked.value);
  if (isEventLane(deps)) await sendEvent(deps, checked.value, deliveredAt);
  else await syncTicket(deps, checked.value, deliveredAt);
}

/** Sent while the configuration routed this tenant here: no tenant's incident may reach another's tool, so it is kept for a person. */
async function parkForeign(deps: LaneDeps, message: DeltaMessage): Promise<void> {
  await park(deps, message.tenantId as TenantId, {
    incidentId: message.incidentId,
    what: deps.connector.id,
    reason: "misconfigured",
    message: `the configuration no longer routes this tenant to "${deps.connector.id}"`,
    mend: "drop this work, or name the tenant in this connector's `tenants` again and replay it",
    parkedAt: deps.clock.now(),
    body: message,
  });
}
