import type { TenantId } from "../incident/incident.ts";
import { readPollState } from "./poll-state.ts";
import type { Clock } from "./ports/clock.ts";
import type { Table } from "./ports/table.ts";

/** When the state of a tenant's polls was made, milliseconds since 1970; undefined where there is none. */
export type BornAt = (tenantId: TenantId) => Promise<number | undefined>;

/** Every ticket made asks; many are made at the same time. */
const FRESH_MS = 1_000;

export function createBornAt(deps: { readonly control: Table; readonly clock: Clock }): BornAt {
  const known = new Map<TenantId, { readonly bornAt: Promise<number | undefined>; readonly readAt: number }>();
  return (tenantId) => {
    const now = deps.clock.now();
    const last = known.get(tenantId);
    if (last !== undefined && Math.abs(now - last.readAt) < FRESH_MS) return last.bornAt;
    const bornAt = readPollState(deps.control, tenantId).then((held) => held?.state.bornAt);
    known.set(tenantId, { bornAt, readAt: now });
    bornAt.catch(() => known.delete(tenantId));
    return bornAt;
  };
}
