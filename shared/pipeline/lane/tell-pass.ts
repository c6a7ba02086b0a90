import type { Ticket } from "../../connectors/connector.ts";
import type { IncidentId, TenantId } from "../../incident/incident.ts";
import type { SourceChange } from "../../incident/snapshot.ts";
import type { SyncOutcome, LanePass } from "./sync-deps.ts";

/** A third is never made; that there are two is for a person to mend. */
export function tellDuplicates(pass: LanePass, found: Ticket): void {
  if ((found.duplicates ?? []).length === 0) return;
  pass.deps.log.error("more than one ticket carries this incident's key; the oldest is used", {
    ...idsOf(pass),
    connector: pass.deps.connector.id,
    ticket: found.ref.label,
    others: found.duplicates?.join(","),
  });
}

export function logOutcome(pass: LanePass, outcome: SyncOutcome, change: SourceChange | undefined): void {
  const isWritten = ["created", "adopted", "updated", "sent"].includes(outcome);
  // From the change at the source; a write for what was read beside it has none.
  const lateMs = isWritten && change !== undefined ? pass.deps.clock.now() - change.changedAt : undefined;
  measurePass(pass, outcome);
  if (lateMs !== undefined) {
    const dimensions = { tenant: pass.tenantId, connector: pass.deps.connector.id };
    pass.deps.metrics.record("dexsync.lag.written", lateMs / 1_000, dimensions);
  }
  pass.deps.log.info(outcome === "sent" ? "event sent" : "ticket synced", {
    ...idsOf(pass),
    connector: pass.deps.connector.id,
    outcome,
    seq: pass.snapshot.seq,
    stage: pass.snapshot.delta.to,
    ticket: pass.link.ticket?.label,
    lateMs,
  });
}

export function measurePass({ deps, tenantId }: LanePass, outcome: SyncOutcome): SyncOutcome {
  deps.metrics.add("dexsync.passes", 1, { tenant: tenantId, connector: deps.connector.id, outcome });
  return outcome;
}

export function idsOf(place: { tenantId: TenantId; incidentId: IncidentId }): { tenantId: string; incidentId: string } {
  return { tenantId: place.tenantId, incidentId: place.incidentId };
}
