import type { ConnectorSettings } from "./config/config.ts";
import { durationMs } from "./config/duration.ts";
import { DEFAULT_TICKET_POLICY, type TicketPolicy } from "./pipeline/lane/ticket-policy.ts";

/** What the configuration says of a connector's tickets, the rest by default. */
export function ticketPolicyOf(settings: ConnectorSettings | undefined): TicketPolicy {
  const given = settings !== undefined && "ticket" in settings ? settings.ticket : undefined;
  const reopenWithinMs = durationMs(given?.reopenWithin ?? "");
  return {
    ...DEFAULT_TICKET_POLICY,
    ...(reopenWithinMs === undefined ? {} : { reopenWithinMs }),
    ...(given?.deleted === undefined ? {} : { deleted: given.deleted }),
  };
}
