import type { AssigneeNames } from "../../incident/ball.ts";
import type { TenantId } from "../../incident/incident.ts";
import type { Route } from "../../incident/route.ts";
import type { Scope } from "../../incident/scope.ts";
import type { ConnectorId } from "../../connectors/connector.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";
import type { Source } from "../ports/source.ts";
import type { Tables } from "../ports/table.ts";

/** What reading one tenant needs. */
export interface DetectDeps {
  readonly tenant: TenantPlan;
  readonly source: Source;
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A handler's time from delivery. */
  readonly deadlineMs: number;
  /** How long a lease on reading lasts unless renewed, the margin for clocks that differ included. */
  readonly leaseMs: number;
  /** The mapping that a lane's worker has now; undefined where its connector cannot be made. Absent: no mapping is rolled out. */
  readonly mappingVersionOf?: (connector: ConnectorId) => Promise<number | undefined>;
}

export interface TenantPlan {
  readonly id: TenantId;
  readonly scope: Scope;
  readonly assignees: AssigneeNames;
  /** Connectors that get this tenant's incidents. */
  readonly lanes: readonly ConnectorId[];
  /** What of them each connector wants; everything where it names nothing. */
  readonly routes?: Readonly<Record<ConnectorId, Route>>;
  readonly overlapMs: number;
  readonly requestsPerMinute: number;
}
