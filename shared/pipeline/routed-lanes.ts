import type { ConnectorId } from "../connectors/connector.ts";
import { isRouted } from "../incident/route.ts";
import type { TenantPlan } from "./detect/detect-deps.ts";
import type { Link } from "./link.ts";
import type { StoredSnapshot } from "./stored-snapshot.ts";

/**
 * The lanes that hear of this snapshot: those whose route it fits, and those that heard of the incident before, for there may be a ticket
 * to keep up to date. Whether there is one only the lane's worker knows.
 */
export function routedLanes(tenant: TenantPlan, snapshot: StoredSnapshot): readonly ConnectorId[] {
  return tenant.lanes.filter((lane) => wasTold(snapshot, lane) || fitsRoute(tenant, snapshot, lane));
}

export function fitsRoute(tenant: TenantPlan, { incident }: StoredSnapshot, lane: ConnectorId): boolean {
  return isRouted(incident, tenant.routes?.[lane] ?? {});
}

/** What was saved before there were routes went to every lane. */
export function wasTold({ toldLanes }: StoredSnapshot, lane: ConnectorId): boolean {
  return toldLanes === undefined || toldLanes.includes(lane);
}

/** True where the ticket is there, or may be: a write was cut short, an operator wants it back, or another ticket is to continue or replace it. */
export function hasTicket(link: Link | undefined): boolean {
  if (link === undefined) return false;
  const { ticket, intent, sought, recreated, told, mayBeTold, continued = [] } = link;
  return (
    [ticket, intent, sought, recreated, told, mayBeTold].some((part) => part !== undefined) || continued.length > 0
  );
}

/** The snapshot as it is saved: it owes only the lanes that hear of it, and remembers them. */
export function withRoutes(tenant: TenantPlan, snapshot: StoredSnapshot): StoredSnapshot {
  const lanes = routedLanes(tenant, snapshot);
  const unwanted = new Set<string>(tenant.lanes.filter((lane) => !lanes.includes(lane)).map((lane) => `lane:${lane}`));
  const toldLanes = [...new Set([...(snapshot.toldLanes ?? []), ...lanes])];
  return { ...snapshot, toldLanes, marks: snapshot.marks.filter((mark) => !unwanted.has(mark)) };
}
