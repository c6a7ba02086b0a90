import type { TenantId } from "../../incident/incident.ts";
import { type BellOutcome, keepBell } from "./keep-bell.ts";
import type { Bus } from "../ports/bus.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { requestPollsForBell } from "../request-polls.ts";

export interface RingDeps {
  readonly tenants: readonly TenantId[];
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/** A bell by somebody who is believed. `named` is the tenant it names: absent rings all, one that is not configured rings nobody. */
export function ringBell(deps: RingDeps, named: unknown): Promise<BellOutcome> {
  const tenants = named === undefined ? deps.tenants : tenantsNamed(deps.tenants, named);
  return keepBell(deps, async () => {
    if (tenants.length > 0) await requestPollsForBell(deps, tenants);
  });
}

/** Ids of tenants are GUIDs: case says nothing, and ours are in small letters. */
function tenantsNamed(tenants: readonly TenantId[], named: unknown): readonly TenantId[] {
  if (typeof named !== "string") return [];
  const wanted = named.toLowerCase();
  return tenants.filter((tenantId) => tenantId === wanted);
}
