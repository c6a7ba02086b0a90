import type { IncidentId, TenantId } from "../../incident/incident.ts";
import { parkedRow } from "../keys.ts";
import type { Log } from "../ports/log.ts";
import type { Tables } from "../ports/table.ts";

/** Work that no repetition mends: kept whole, with its reason and what a person can do. One row per incident and connector, replaced by the newer. */
export interface ParkedWork {
  readonly incidentId: string;
  /** The connector's id, or "source" where the incident itself could not be read. */
  readonly what: string;
  readonly reason: string;
  readonly message: string;
  readonly mend: string;
  readonly parkedAt: number;
  readonly body: unknown;
  /** The newest snapshot that the ticket was refused; the delta in `body` may be older. */
  readonly seq?: number;
  /** Parked by a backfill, which takes what is older than the scope's bound: so does its replay. */
  readonly isOfAnyAge?: true;
}

/** Up to which snapshot the work is parked; 0 where it says nothing of one. */
export function seqOfParked(work: ParkedWork | undefined): number {
  return work?.seq ?? Number((work?.body as { readonly seq?: unknown } | null | undefined)?.seq ?? 0);
}

/** The reason of work whose ticket was deleted in the tool: counted apart, for it harms no other. */
export const DETACHED = "detached";

/** Where nothing better is known. */
const MEND = "mend what the message says, then replay this work; or drop it";

export async function park(deps: { tables: Tables; log: Log }, tenantId: TenantId, given: ParkedWork): Promise<void> {
  const work = given.mend === "" ? { ...given, mend: MEND } : given;
  await deps.tables.parked.put(tenantId, parkedRow(work.incidentId as IncidentId, work.what), work, "any");
  deps.log.error("work parked", {
    tenantId,
    incidentId: work.incidentId,
    connector: work.what,
    reason: work.reason,
    mend: work.mend,
  });
}

export async function unpark(
  deps: { tables: Tables },
  tenantId: TenantId,
  incidentId: IncidentId,
  what: string,
): Promise<void> {
  await deps.tables.parked.delete(tenantId, parkedRow(incidentId, what), "any");
}
