import type { ConnectorId } from "../../connectors/connector.ts";
import { isSafeId } from "../../incident/correlation-key.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { copyOf, shardOf } from "../delta-message.ts";
import { POLL_QUEUE, incidentPartition, laneQueue, linkRow, parkedRow } from "../keys.ts";
import { type Link, unpackLink } from "../link.ts";
import { type ParkedWork, seqOfParked, unpark } from "./park.ts";
import { NOBODY } from "./park-unreadable.ts";
import { parseOrder } from "../operate/parse-order.ts";
import { changePollState } from "../poll-state.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";
import { ConflictError, type Tables } from "../ports/table.ts";
import { requestPollsForBell, requestReread } from "../request-polls.ts";
import { type DeltaMessage, DeltaMessageSchema } from "../schema.ts";

export interface ParkedDeps {
  readonly tables: Tables;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: {
    readonly tenants: readonly { readonly id: TenantId }[];
    readonly connectors: readonly { readonly id: string }[];
  };
}

export interface ParkedRow extends ParkedWork {
  /** "unreadable" where the work does not say whose it is. */
  readonly tenantId: TenantId;
}

export interface ParkedFilter {
  readonly tenant?: string | undefined;
  readonly incident?: string | undefined;
  /** A connector's id, "source", or a queue's name. */
  readonly connector?: string | undefined;
}

const ROWS_AT_ONCE = 1_000;
const MOST_LISTED = 10_000;
const ATTEMPTS = 5;

/** What is parked and fits, tenant by tenant; not more than is worth listing. */
export async function listParked(deps: ParkedDeps, filter: ParkedFilter): Promise<readonly ParkedRow[]> {
  const found: ParkedRow[] = [];
  const tenants = [...deps.config.tenants.map(({ id }) => id), NOBODY];
  for (const tenantId of tenants.filter((id) => filter.tenant === undefined || filter.tenant === id)) {
    let from: string | undefined = filter.incident === undefined ? undefined : `${filter.incident}:`;
    while (found.length < MOST_LISTED) {
      const rows = await deps.tables.parked.range(tenantId, {
        ...(from === undefined ? {} : { from }),
        ...(filter.incident === undefined ? {} : { to: `${filter.incident};` }),
        limit: ROWS_AT_ONCE,
      });
      found.push(
        ...rows
          .map((row) => ({ ...(row.value as ParkedWork), tenantId }))
          .filter((work) => filter.connector === undefined || filter.connector === work.what),
      );
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_AT_ONCE) break;
      from = `${last.row} `;
    }
  }
  return found;
}

/** The same for a person: without the bodies, which hold what incidents say, unless they are asked for. */
export async function tellParked(
  deps: ParkedDeps,
  filter: ParkedFilter,
  isWhole: boolean,
): Promise<{ readonly parked: readonly Omit<ParkedRow, "body">[] }> {
  const found = await listParked(deps, filter);
  return { parked: isWhole ? found : found.map(({ body: _body, ...rest }) => rest) };
}

/**
 * Puts parked work on its way again: what its cause was must have been mended. Idempotent: the lane writes what differs and nothing else.
 * The row goes with the success; of what may be parked under another name it goes at once. Answers the problem where that cannot be.
 */
export async function replayParked(deps: ParkedDeps, work: ParkedRow): Promise<string | undefined> {
  if (work.what === "source") return replaySource(deps, work);
  if (deps.config.connectors.some(({ id }) => id === work.what)) return replayDelta(deps, work);
  const queues = [POLL_QUEUE, ...deps.config.connectors.map(({ id }) => laneQueue(id as ConnectorId))];
  if (queues.includes(work.what)) return replayMessage(deps, work);
  return `there is no connector "${work.what}" in the configuration; put it back, or drop this work`;
}

let check: Promise<SchemaCheck<DeltaMessage>> | undefined;

async function replayDelta(deps: ParkedDeps, work: ParkedRow): Promise<string | undefined> {
  check ??= loadSchemaCheck(DeltaMessageSchema);
  const checked = (await check)(work.body);
  if ("problems" in checked) return `its body is no delta of this version (${checked.problems.join("; ")})`;
  const { since: _since, ...delta } = checked.value;
  const copy: DeltaMessage = { ...delta, cause: "replay", n: 0 };
  await deps.bus.send(laneQueue(work.what as ConnectorId), [copyOf(copy, deps.clock.now(), deps.random.uuid())]);
  return undefined;
}

/** As it came; where it still has another shape it is parked under the same name again. */
async function replayMessage(deps: ParkedDeps, work: ParkedRow): Promise<string | undefined> {
  const body = typeof work.body === "string" ? parseOrder(work.body) : work.body;
  if (body === undefined) return "its body is no JSON; it can only be dropped";
  const { tenantId = "", incidentId = "" } = (body ?? {}) as Partial<Record<"tenantId" | "incidentId", unknown>>;
  const session = shardOf(String(tenantId) as TenantId, String(incidentId) as IncidentId);
  const messageId = `replay:${deps.random.uuid()}`;
  const row = parkedRow(work.incidentId as IncidentId, work.what);
  const before = await deps.tables.parked.get(work.tenantId, row);
  await deps.bus.send(work.what, [{ messageId, body, ...(work.what === POLL_QUEUE ? {} : { sessionId: session }) }]);
  try {
    if (before !== undefined) await deps.tables.parked.delete(work.tenantId, row, before.etag);
  } catch (error) {
    // It was there and is parked again already.
    if (!(error instanceof ConflictError)) throw error;
  }
  return undefined;
}

/** An incident is read by its id; where there was none, what surrounds it is. */
async function replaySource(deps: ParkedDeps, work: ParkedRow): Promise<string | undefined> {
  const { tenantId, incidentId } = work;
  if (incidentId.startsWith("unlistable-")) {
    await changePollState(deps.tables.control, tenantId, (state) => ({
      ...state,
      unread: state.unread.map((window) => (window.stream === "unlistable" ? { ...window, notBefore: 0 } : window)),
    }));
    await requestPollsForBell(deps, [tenantId]);
    return undefined;
  }
  if (!isSafeId(incidentId) || incidentId.startsWith("unreadable-")) {
    await remove(deps, work);
    await requestPollsForBell(deps, [], [tenantId]);
    return undefined;
  }
  await requestReread(deps, tenantId, [incidentId], "replay", deps.random.uuid());
  return undefined;
}

/** Somebody decides that it need not be done: the ticket stays as it is until the incident changes again. */
export async function dropParked(deps: ParkedDeps, work: ParkedRow, reason: string): Promise<void> {
  if (deps.config.connectors.some(({ id }) => id === work.what)) await markDropped(deps, work, reason);
  await remove(deps, work);
}

async function markDropped(deps: ParkedDeps, work: ParkedRow, reason: string): Promise<void> {
  const { tenantId, incidentId, what } = work;
  const partition = incidentPartition(tenantId, incidentId as IncidentId);
  const row = linkRow(what as ConnectorId);
  const seq = seqOfParked(work);
  for (let attempt = 1; ; attempt += 1) {
    const found = await deps.tables.incident.get(partition, row);
    if (found === undefined) return;
    const link: Link = unpackLink(found.value);
    const dropped = { seq: Math.max(seq, link.dropped?.seq ?? 0), at: deps.clock.now(), reason };
    try {
      await deps.tables.incident.put(partition, row, { ...link, isParked: false, dropped }, { etag: found.etag });
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

function remove(deps: ParkedDeps, { tenantId, incidentId, what }: ParkedRow): Promise<void> {
  return unpark(deps, tenantId, incidentId as IncidentId, what);
}
