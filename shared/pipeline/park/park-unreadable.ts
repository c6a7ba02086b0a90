import type { TenantId } from "../../incident/incident.ts";
import { digestOf } from "../digest.ts";
import { park } from "./park.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Tables } from "../ports/table.ts";

/** Where messages go that do not say whose they are. */
export const NOBODY = "unreadable" as TenantId;

/** A message that does not validate is parked, never guessed at; the next one flows. */
export async function parkUnreadable(
  deps: { readonly tables: Tables; readonly log: Log; readonly clock: Clock },
  queue: string,
  message: unknown,
  problems: readonly string[],
): Promise<void> {
  // Exactly as it came: no queue takes one that would not fit a row.
  const text = JSON.stringify(message) ?? "undefined";
  await park(deps, tenantOf(message), {
    incidentId: `message-${digestOf([queue, text], 16)}`,
    what: queue,
    reason: "malformed",
    message: `a message on ${queue} has another shape: ${problems.join("; ")}`,
    mend: "it came from another version, or from elsewhere; look at the body kept here",
    parkedAt: deps.clock.now(),
    body: text,
  });
}

function tenantOf(message: unknown): TenantId {
  const tenantId = (message as { tenantId?: unknown } | null)?.tenantId;
  return typeof tenantId === "string" && /^[A-Za-z0-9-]{1,36}$/.test(tenantId) ? (tenantId as TenantId) : NOBODY;
}
