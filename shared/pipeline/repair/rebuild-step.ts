import type { ConnectorId } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { incidentPartition, linkRow, rebuildRow } from "../keys.ts";
import { type Link, NO_MAPPING, toBeRebuilt, unpackLink } from "../link.ts";
import { readKnown } from "./newest-incidents.ts";
import { ConflictError, type ETag } from "../ports/table.ts";
import { type Rebuild, type RebuildCounts, readRebuild, requestRebuild } from "./rebuild.ts";
import { fitsRoute, hasTicket } from "../routed-lanes.ts";
import { sendAgain } from "./send-again.ts";
import { rowsAt } from "./walk-rows.ts";

/** A process that dies in a step is not waited for longer. */
const STEP_MS = 60_000;
const PAUSE_MS = 1_000;
/** The tool is away, or short of quota: what is on its way waits in copies, and so does the rest. */
const WAITING_PAUSE_MS = 10_000;
/** What did not arrive by then, and waits nowhere, is sent again. */
const ARRIVES_WITHIN_MS = 60_000;
/** Looking for incidents that changed since then ends, and the next step goes on. */
const LOOKING_MS = 5_000;
const ATTEMPTS = 5;

/**
 * One step: what was sent must have arrived before the next incidents are sent, so live changes meet at most one batch in their lane.
 * Where it is is kept with each step; a step repeated sends the same once more, which writes nothing twice.
 */
export async function rebuildStep(deps: DetectDeps, connector: ConnectorId): Promise<void> {
  const { tables, tenant, clock } = deps;
  const held = await readRebuild(tables.control, tenant.id, connector);
  if (held === undefined || held.state.finishedAt !== null || held.state.nextAt > clock.now()) return;
  const etag = await put(deps, { ...held.state, nextAt: clock.now() + STEP_MS }, held.etag);
  if (etag === undefined) return;
  const state = await stepped(deps, held.state);
  if ((await put(deps, state, etag)) === undefined) return;
  if (state.finishedAt === null) await requestRebuild(deps, tenant.id, state);
  else deps.log.info("tickets were rebuilt", { tenantId: tenant.id, connector, ...state.counts });
}

async function stepped(deps: DetectDeps, before: Rebuild): Promise<Rebuild> {
  const { state, isWaiting } = await withArrived(deps, before);
  const now = deps.clock.now();
  if (state.batch.length > 0) return { ...state, nextAt: now + (isWaiting ? WAITING_PAUSE_MS : PAUSE_MS) };
  const sent = await sendNext(deps, state);
  const isOver = sent.at === undefined && sent.batch.length === 0;
  return { ...sent, nextAt: deps.clock.now() + PAUSE_MS, finishedAt: isOver ? deps.clock.now() : null };
}

/** Counts what has arrived; what is lost is sent again. */
async function withArrived(
  deps: DetectDeps,
  state: Rebuild,
): Promise<{ readonly state: Rebuild; readonly isWaiting: boolean }> {
  const left: IncidentId[] = [];
  const counts = { ...state.counts };
  let isWaiting = false;
  let { sentAt } = state;
  for (const id of state.batch) {
    const known = await readKnown(deps, id);
    const link = known instanceof PermanentError ? known : known?.links.get(state.connector);
    if (known === undefined) counts.unrouted += 1;
    else if (link instanceof PermanentError) counts.parked += 1;
    else {
      const arrived = arrivedAs(link, state.sentAt);
      if (arrived === undefined) left.push(id);
      else counts[arrived] += 1;
      isWaiting ||= arrived === undefined && link?.pending !== undefined;
    }
  }
  if (left.length > 0 && !isWaiting && deps.clock.now() - state.sentAt > ARRIVES_WITHIN_MS) {
    for (const id of left) await sendAgain(deps, id, state.connector, "rebuild");
    sentAt = deps.clock.now();
  }
  return { state: { ...state, batch: left, counts, sentAt }, isWaiting };
}

function arrivedAs(link: Link | undefined, sentAt: number): keyof Omit<RebuildCounts, "sent"> | undefined {
  if (link === undefined) return undefined;
  const isDetached = link.detached !== undefined;
  if (link.isParked && !isDetached) return (link.lastError?.at ?? 0) >= sentAt ? "parked" : undefined;
  if ((link.dropped?.at ?? 0) >= sentAt) return "parked";
  if (link.mappingVersion !== NO_MAPPING) return isDetached ? "parked" : "done";
  return link.unroutedSeq !== undefined && !hasTicket(link) && link.pending === undefined ? "unrouted" : undefined;
}

/** Sends the next rows that changed since then, newest months first. */
async function sendNext(deps: DetectDeps, before: Rebuild): Promise<Rebuild> {
  const until = deps.clock.now() + LOOKING_MS;
  const sentAt = deps.clock.now();
  let { at, counts } = before;
  const batch: IncidentId[] = [];
  while (at !== undefined && batch.length === 0 && deps.clock.now() < until) {
    const { rows, next }: Awaited<ReturnType<typeof rowsAt>> = await rowsAt(deps, at);
    for (const { value } of rows) {
      const { incidentId, changedAt } = value as IncidentSummary;
      if (changedAt < before.since) continue;
      const sent = await send(deps, incidentId as IncidentId, before.connector);
      if (sent === "sent") batch.push(incidentId as IncidentId);
      else counts = { ...counts, [sent]: counts[sent] + 1 };
    }
    at = next;
  }
  const { at: _at, ...rest } = before;
  return {
    ...rest,
    ...(at === undefined ? {} : { at }),
    batch,
    sentAt,
    counts: { ...counts, sent: counts.sent + batch.length },
  };
}

/** "unrouted" where the connector does not want it, or it is not known any more; "parked" where it cannot be read. */
async function send(
  deps: DetectDeps,
  id: IncidentId,
  connector: ConnectorId,
): Promise<keyof Pick<RebuildCounts, "sent" | "unrouted" | "parked">> {
  const known = await readKnown(deps, id);
  if (known === undefined) return "unrouted";
  if (known instanceof PermanentError) {
    const { reason } = known;
    deps.log.error("a rebuild met a row that it cannot read", { tenantId: deps.tenant.id, incidentId: id, reason });
    return "parked";
  }
  const link = known.links.get(connector);
  // A link that cannot be read is its worker's to park, with what mends it.
  if (!(link instanceof PermanentError)) {
    if (!hasTicket(link) && !fitsRoute(deps.tenant, known.snapshot, connector)) return "unrouted";
    await compareAnew(deps, id, connector);
  }
  await sendAgain(deps, id, connector, "rebuild");
  return "sent";
}

/** Kept on the link, so that it holds however often the work must wait, and whichever message does it in the end. */
async function compareAnew({ tables, tenant }: DetectDeps, id: IncidentId, connector: ConnectorId): Promise<void> {
  const partition = incidentPartition(tenant.id, id);
  const name = linkRow(connector);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const row = await tables.incident.get(partition, name);
    if (row === undefined) return;
    try {
      await tables.incident.put(partition, name, toBeRebuilt(unpackLink(row.value)), { etag: row.etag });
      return;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new RetryableError("busy", "the link is written by others all the time");
}

/** Undefined where another step is under way. */
async function put({ tables, tenant }: DetectDeps, state: Rebuild, etag: ETag): Promise<ETag | undefined> {
  try {
    return await tables.control.put(tenant.id, rebuildRow(state.connector), state, { etag });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return undefined;
  }
}
