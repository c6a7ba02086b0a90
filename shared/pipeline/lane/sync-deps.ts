import type { TicketConnector } from "../../connectors/connector.ts";
import { type Connector, type EventConnector, isEventConnector } from "../../connectors/event-connector.ts";
import type { AssigneeNames } from "../../incident/ball.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import type { Route } from "../../incident/route.ts";
import type { BornAt } from "../born-at.ts";
import type { Breaker } from "../breaker.ts";
import type { FirstCheck } from "./first-check.ts";
import type { Link } from "../link.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";
import type { ETag, Tables } from "../ports/table.ts";
import type { DeltaMessage } from "../schema.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import type { TicketPolicy } from "./ticket-policy.ts";

/** What one lane's worker needs, whatever its tool takes. */
export interface LaneDeps {
  readonly connector: Connector;
  readonly breaker: Breaker;
  /** Whose incidents may go to this tool. */
  readonly tenantIds: readonly TenantId[];
  /** Which of them get a ticket; all of them where there is none. */
  readonly route?: Route;
  readonly assignees: AssigneeNames;
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A handler's time from delivery; nothing is sent after it. */
  readonly deadlineMs: number;
}

/** The worker's of a tool that has tickets. */
export interface SyncDeps extends LaneDeps {
  readonly connector: TicketConnector;
  readonly bornAt: BornAt;
  readonly policy: TicketPolicy;
  /** Absent where nothing is compared. */
  readonly firstCheck?: FirstCheck;
  /** Added to a claim's end, for clocks that differ. */
  readonly marginMs: number;
}

/** The worker's of a tool that takes events. */
export interface EventDeps extends LaneDeps {
  readonly connector: EventConnector;
}

export function isEventLane(deps: SyncDeps | EventDeps): deps is EventDeps {
  return isEventConnector(deps.connector);
}

export type SyncOutcome =
  | "created"
  | "adopted"
  | "updated"
  | "sent"
  | "unchanged"
  | "stale"
  | "folded"
  | "waiting"
  | "parked"
  | "detached"
  | "absent"
  | "unrouted"
  | "looking-again";

/** One look at one incident's link, and how the link stands as the pass goes on. */
export interface LanePass<D extends LaneDeps = LaneDeps> {
  readonly deps: D;
  readonly message: DeltaMessage;
  readonly tenantId: TenantId;
  readonly incidentId: IncidentId;
  readonly partition: string;
  readonly row: string;
  readonly snapshot: StoredSnapshot;
  readonly signal: AbortSignal;
  readonly deadlineAt: number;
  link: Link;
  /** Undefined while the row does not exist. */
  etag: ETag | undefined;
  /** True once this pass has claimed a write of its own. */
  hasClaimed: boolean;
  /** Notes of which it could not be seen whether they arrived. */
  readonly doubtful: Set<string>;
}

export type SyncPass = LanePass<SyncDeps>;
