import type { ConnectorId } from "../../connectors/connector.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { POLL_QUEUE, rebuildRow } from "../keys.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import { ConflictError, type ETag, type Table, type Tables } from "../ports/table.ts";
import type { Random } from "../ports/random.ts";
import type { PollRequest } from "../schema.ts";
import { type WalkPlace, placeOfAll } from "./walk-rows.ts";

/** How far a connector's tickets of one tenant are written anew. One row a tenant and connector, beside the poll state. */
export interface Rebuild {
  readonly v: 1;
  readonly connector: ConnectorId;
  /** Incidents that changed since, milliseconds since 1970. */
  readonly since: number;
  readonly askedAt: number;
  /** Where going through the incidents goes on; absent once all were sent. */
  readonly at?: WalkPlace;
  /** Those that are on their way, and since when: nothing more is sent before they have arrived. */
  readonly batch: readonly IncidentId[];
  readonly sentAt: number;
  /** No step begins before. */
  readonly nextAt: number;
  readonly counts: RebuildCounts;
  /** Null while it goes on. */
  readonly finishedAt: number | null;
}

export interface RebuildCounts {
  readonly sent: number;
  /** The ticket is as it should be, whether it had to be written or not. */
  readonly done: number;
  readonly parked: number;
  /** Not wanted by the connector's route, and without a ticket. */
  readonly unrouted: number;
}

interface Deps {
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
}

const ATTEMPTS = 5;
const TENANTS_AT_ONCE = 32;
/** A step that is so late was lost with its message, or its process. */
const LOST_MS = 30_000;

export async function readRebuild(
  control: Table,
  tenantId: TenantId,
  connector: ConnectorId,
): Promise<{ readonly state: Rebuild; readonly etag: ETag } | undefined> {
  const row = await control.get(tenantId, rebuildRow(connector));
  return row === undefined ? undefined : { state: row.value as Rebuild, etag: row.etag };
}

/** Begins one, or goes on with the same; undefined where another one is not over. */
export async function askRebuild(
  deps: Deps,
  tenantId: TenantId,
  connector: ConnectorId,
  since: number,
): Promise<Rebuild | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const held = await readRebuild(deps.tables.control, tenantId, connector);
    if (held !== undefined && held.state.finishedAt === null) {
      return held.state.since === since ? held.state : undefined;
    }
    const now = deps.clock.now();
    const state: Rebuild = {
      v: 1,
      connector,
      since,
      askedAt: now,
      at: placeOfAll(),
      batch: [],
      sentAt: 0,
      nextAt: now,
      counts: { sent: 0, done: 0, parked: 0, unrouted: 0 },
      finishedAt: null,
    };
    const condition = held === undefined ? "absent" : { etag: held.etag };
    try {
      await deps.tables.control.put(tenantId, rebuildRow(connector), state, condition);
      await requestRebuild(deps, tenantId, state);
      return state;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** The next step, when its time has come. */
export async function requestRebuild(
  { bus, clock, random }: Omit<Deps, "tables">,
  tenantId: TenantId,
  { connector, nextAt }: Rebuild,
): Promise<void> {
  const body: PollRequest = { v: 1, tenantId, cause: "rebuild", requestedAt: clock.now(), connector };
  await bus.send(POLL_QUEUE, [{ messageId: `rebuild:${random.uuid()}`, body, scheduledAt: nextAt }]);
}

/** The timer's look: steps that a kill or a lost message left behind are asked for again. */
export async function requestLostRebuilds(deps: Deps & { readonly tenants: readonly TenantId[] }): Promise<void> {
  for (let from = 0; from < deps.tenants.length; from += TENANTS_AT_ONCE) {
    const some = deps.tenants.slice(from, from + TENANTS_AT_ONCE);
    await Promise.all(some.map((tenantId) => requestLost(deps, tenantId)));
  }
}

async function requestLost(deps: Deps, tenantId: TenantId): Promise<void> {
  for (const { value } of await deps.tables.control.range(tenantId, { from: "rebuild:", to: "rebuild;" })) {
    const state = value as Rebuild;
    const isLost = state.finishedAt === null && state.nextAt + LOST_MS < deps.clock.now();
    if (isLost) await requestRebuild(deps, tenantId, state);
  }
}
