import type { ConnectorId } from "../../connectors/connector.ts";
import type { IncidentId } from "../../incident/incident.ts";
import type { DetectDeps } from "../detect/detect-deps.ts";
import { SNAPSHOT_ROW, incidentPartition, linkRow, parkedRow } from "../keys.ts";
import { type Link, isCopyDue, unpackLink } from "../link.ts";
import { putOwed } from "../detect/owed.ts";
import { type ParkedWork, seqOfParked } from "../park/park.ts";
import { fitsRoute, hasTicket, wasTold } from "../routed-lanes.ts";
import { sendAgain } from "./send-again.ts";
import { type StoredSnapshot, unpackSnapshot } from "../stored-snapshot.ts";

/** The way through takes its time: what is younger is on its way. */
const ON_ITS_WAY_MS = 2 * 60_000;

/** What should have reached a ticket, and did not. */
export type Finding =
  | { readonly kind: "behind" | "claim ended"; readonly incidentId: IncidentId; readonly connector: ConnectorId }
  /** It shows the incident by a mapping that was changed since; only looked for where versions are given. */
  | { readonly kind: "mapping"; readonly incidentId: IncidentId; readonly connector: ConnectorId }
  /** Deltas or rows were never sent or written. */
  | { readonly kind: "owed"; readonly incidentId: IncidentId }
  /** It is listed, and its snapshot is gone. */
  | { readonly kind: "lost"; readonly incidentId: IncidentId };

/** `connector` is "" where a finding is not about a ticket. */
export function measureFinding(
  { metrics, tenant }: DetectDeps,
  finding: { readonly kind: string; readonly connector?: string },
): void {
  metrics.add("dexsync.findings", 1, { tenant: tenant.id, connector: finding.connector ?? "", kind: finding.kind });
}

/** By connector: the mapping its worker has now. */
export type MappingVersions = ReadonlyMap<ConnectorId, number>;

/** Compares one incident's snapshot with its links, in one read; what is parked, dropped or on its way is no finding. */
export async function checkLinks(
  deps: DetectDeps,
  incidentId: IncidentId,
  versions: MappingVersions = new Map(),
): Promise<readonly Finding[]> {
  const { tenant, tables, clock } = deps;
  const partition = incidentPartition(tenant.id, incidentId);
  const rows = await tables.incident.getMany(partition, [SNAPSHOT_ROW, ...tenant.lanes.map(linkRow)]);
  const row = rows.get(SNAPSHOT_ROW);
  if (row === undefined) return [{ kind: "lost", incidentId }];
  const snapshot = unpackSnapshot(row.value);
  // A number of ours counts milliseconds of ours.
  if (clock.now() - snapshot.seq < ON_ITS_WAY_MS) return [];
  const findings: Finding[] = snapshot.marks.length > 0 ? [{ kind: "owed", incidentId }] : [];
  for (const connector of tenant.lanes) {
    const found = rows.get(linkRow(connector));
    const link = found === undefined ? undefined : unpackLink(found.value);
    if (!isAwaited(deps, snapshot, connector, link)) continue;
    const kind =
      (await missingOn(deps, snapshot, connector, link)) ?? mappedOtherwise(snapshot, link, versions.get(connector));
    if (kind !== undefined) findings.push({ kind, incidentId, connector });
  }
  return findings;
}

/** A connector that does not want the incident, and has no ticket of it, is only behind where it was told and did not answer that yet. */
function isAwaited(
  { tenant }: DetectDeps,
  snapshot: StoredSnapshot,
  connector: ConnectorId,
  link: Link | undefined,
): boolean {
  if (hasTicket(link) || fitsRoute(tenant, snapshot, connector)) return true;
  return wasTold(snapshot, connector) && (link?.unroutedSeq ?? 0) < snapshot.seq;
}

async function missingOn(
  deps: DetectDeps,
  snapshot: StoredSnapshot,
  connector: ConnectorId,
  link: Link | undefined,
): Promise<"behind" | "claim ended" | undefined> {
  const now = deps.clock.now();
  // Its ticket was deleted: nothing is missing on it.
  if (link?.detached !== undefined) return undefined;
  // Nor on one that somebody let be: a claim that was cut short is verified with the next change.
  if ((link?.dropped?.seq ?? 0) >= snapshot.seq) return undefined;
  if (link !== undefined && isCopyDue(link, now)) return undefined;
  const isClaimed = link?.intent !== undefined;
  if (link?.intent !== undefined && link.intent.until + ON_ITS_WAY_MS > now) return undefined;
  const isBehind = (link?.appliedSeq ?? 0) < snapshot.seq;
  if (!isBehind && !isClaimed) return undefined;
  if (await isParked(deps, snapshot, connector)) return undefined;
  return isClaimed ? "claim ended" : "behind";
}

/** Of a ticket that shows the incident, and that nobody is at work on. */
function mappedOtherwise(
  snapshot: StoredSnapshot,
  link: Link | undefined,
  version: number | undefined,
): "mapping" | undefined {
  if (link?.ticket === undefined || version === undefined || link.mappingVersion === version) return undefined;
  const { pending, intent, detached } = link;
  const isAtRest = !link.isParked && pending === undefined && intent === undefined && detached === undefined;
  return isAtRest && link.appliedSeq >= snapshot.seq ? "mapping" : undefined;
}

/** Left to whoever replays it, until something newer is to be shown. */
async function isParked(deps: DetectDeps, snapshot: StoredSnapshot, connector: ConnectorId): Promise<boolean> {
  const row = await deps.tables.parked.get(deps.tenant.id, parkedRow(snapshot.incident.id, connector));
  return row !== undefined && seqOfParked(row.value as ParkedWork) >= snapshot.seq;
}

/** Sends what is missing once more, the way that everything goes; answers incidents that must be read from the source. */
export async function mendLinks(deps: DetectDeps, findings: readonly Finding[]): Promise<readonly IncidentId[]> {
  const lost: IncidentId[] = [];
  for (const finding of findings) {
    if (finding.kind === "lost") lost.push(finding.incidentId);
    else if (finding.kind === "owed") await putOwed(deps, finding.incidentId);
    else await sendAgain(deps, finding.incidentId, finding.connector, "sweep");
  }
  return lost;
}
