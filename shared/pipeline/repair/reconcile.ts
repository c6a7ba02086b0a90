import type { TicketConnector } from "../../connectors/connector.ts";
import { PermanentError, RetryableError } from "../../errors.ts";
import { correlationKeyOf } from "../../incident/correlation-key.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { projectionOf } from "../../incident/projection.ts";
import { type Finding, checkLinks, measureFinding, mendLinks } from "./check-links.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import type { IncidentSummary } from "../incident-summary.ts";
import { SNAPSHOT_ROW, incidentPartition, linkRow } from "../keys.ts";
import { unpackLink, withSeen } from "../link.ts";
import { driftOf } from "../lane/plan-write.ts";
import { requestReread } from "../request-polls.ts";
import { unpackSnapshot } from "../stored-snapshot.ts";
import { type EventDeps, type SyncDeps, isEventLane } from "../lane/sync-deps.ts";
import { type WalkPlace, placeOfAll, rowsAt } from "./walk-rows.ts";

/** What a ticket was found to be, compared with what its link says. */
export type Difference =
  | Finding
  | {
      /** missing: the tool has no ticket. extra: it has more than one. drifted: fields that others changed. unknown: it could not be asked. */
      readonly kind: "missing" | "extra" | "drifted" | "unknown";
      readonly incidentId: IncidentId;
      readonly connector: string;
      /** Ticket labels, field names, or a reason; no incident text. */
      readonly detail: string;
    };

export interface ReconcileStep {
  readonly tenantId: TenantId;
  readonly checked: number;
  readonly differences: readonly Difference[];
  /** Where the next step goes on; undefined at the end of this tenant. */
  readonly next: WalkPlace | undefined;
}

export interface ReconcileDeps extends DetectDeps {
  laneDeps(connector: DetectDeps["tenant"]["lanes"][number]): Promise<SyncDeps | EventDeps>;
}

const STEP_MS = 10_000;

/**
 * One step through a tenant's incidents that changed since `since`: snapshot against links, links against tickets (one look-up each, which
 * counts against the tool's quota). With `isRepairing` what is behind or owed is sent again the way everything goes; tickets that are
 * missing, extra or drifted are a person's to judge.
 */
export async function reconcileStep(
  deps: ReconcileDeps,
  options: { readonly since: number; readonly isRepairing: boolean; readonly from: WalkPlace | undefined },
  signal: AbortSignal,
): Promise<ReconcileStep> {
  const until = deps.clock.now() + STEP_MS;
  const differences: Difference[] = [];
  let place: WalkPlace | undefined = options.from ?? placeOfAll();
  let checked = 0;
  while (place !== undefined && deps.clock.now() < until) {
    const { rows, next }: Awaited<ReturnType<typeof rowsAt>> = await rowsAt(deps, place);
    const ids = rows
      .filter(({ value }) => (value as IncidentSummary).changedAt >= options.since)
      .map(({ value }) => (value as IncidentSummary).incidentId as IncidentId);
    for (const id of ids) {
      const findings = await checkLinks(deps, id);
      differences.push(...findings, ...(await checkTickets(deps, id, signal)));
      if (!options.isRepairing) continue;
      const lost = await mendLinks(deps, findings);
      if (lost.length > 0) await requestReread(deps, deps.tenant.id, lost, "sweep", deps.random.uuid());
    }
    checked += ids.length;
    place = next;
  }
  for (const difference of differences) measureFinding(deps, difference);
  return { tenantId: deps.tenant.id, checked, differences, next: place };
}

async function checkTickets(deps: ReconcileDeps, incidentId: IncidentId, signal: AbortSignal): Promise<Difference[]> {
  const partition = incidentPartition(deps.tenant.id, incidentId);
  const rows = await deps.tables.incident.getMany(partition, [SNAPSHOT_ROW, ...deps.tenant.lanes.map(linkRow)]);
  const snapshot = rows.get(SNAPSHOT_ROW);
  if (snapshot === undefined) return [];
  const differences: Difference[] = [];
  for (const lane of deps.tenant.lanes) {
    const row = rows.get(linkRow(lane));
    const link = row === undefined ? undefined : unpackLink(row.value);
    if (link?.ticket === undefined) continue;
    const laneDeps = await deps.laneDeps(lane);
    // What was sent cannot be looked up; that it is behind is seen on its link.
    if (isEventLane(laneDeps)) continue;
    const { connector, breaker, assignees } = laneDeps;
    const about = { incidentId, connector: lane };
    if ((await breaker.admit()).kind === "open") {
      differences.push({ kind: "unknown", ...about, detail: "the tool is left alone for now" });
      continue;
    }
    const found = await lookUp(connector, deps.tenant.id, incidentId, signal);
    if ("problem" in found) {
      differences.push({ kind: "unknown", ...about, detail: found.problem });
      continue;
    }
    const { ticket } = found;
    if (ticket === undefined) {
      differences.push({ kind: "missing", ...about, detail: link.ticket.label });
      continue;
    }
    const others = [...(ticket.ref.id === link.ticket.id ? [] : [ticket.ref.label]), ...(ticket.duplicates ?? [])];
    if (others.length > 0) differences.push({ kind: "extra", ...about, detail: others.join(", ") });
    if (ticket.ref.id !== link.ticket.id) continue;
    const projection = projectionOf(unpackSnapshot(snapshot.value), assignees);
    const drift = driftOf(withSeen(link, ticket), connector.wanted(projection, { survivor: undefined }));
    if (drift.length > 0) differences.push({ kind: "drifted", ...about, detail: drift.join(", ") });
  }
  return differences;
}

async function lookUp(connector: TicketConnector, tenantId: TenantId, incidentId: IncidentId, signal: AbortSignal) {
  try {
    return { ticket: await connector.find(correlationKeyOf(tenantId, incidentId), signal) };
  } catch (error) {
    if (!(error instanceof RetryableError) && !(error instanceof PermanentError)) throw error;
    return { problem: error.reason };
  }
}
