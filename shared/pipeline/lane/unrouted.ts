import { isRouted } from "../../incident/route.ts";
import { incidentPartition } from "../keys.ts";
import { unpackLink, withoutIntent, withoutTrouble } from "../link.ts";
import { unpark } from "../park/park.ts";
import { hasTicket } from "../routed-lanes.ts";
import { requestTouch } from "../request-polls.ts";
import { saveLink } from "./save-link.ts";
import { mergedInto } from "./survivor-ticket.ts";
import type { SyncOutcome, LanePass } from "./sync-deps.ts";

/** Of those merged into an incident, so many are looked at at once. */
const LOSERS_AT_ONCE = 20;

/**
 * True where the route does not want the incident and there is no ticket of it: a ticket that is there is kept up to date to its end,
 * and whoever has the ticket of an incident gets one of the incident it went into.
 */
export async function isUnrouted(pass: LanePass): Promise<boolean> {
  if (hasTicket(pass.link) || isRouted(pass.snapshot.incident, pass.deps.route ?? {})) return false;
  return !(await hasTicketOfLoser(pass));
}

/** The newest first: of them the ticket is likeliest there. */
async function hasTicketOfLoser({ deps, snapshot, tenantId, row }: LanePass): Promise<boolean> {
  const losers = snapshot.mergedFrom.toReversed();
  for (let from = 0; from < losers.length; from += LOSERS_AT_ONCE) {
    const some = losers.slice(from, from + LOSERS_AT_ONCE);
    const links = await Promise.all(
      some.map((loser) => deps.tables.incident.get(incidentPartition(tenantId, loser), row)),
    );
    if (links.some((link) => link !== undefined && hasTicket(unpackLink(link.value)))) return true;
  }
  return false;
}

/**
 * Whoever was told of an incident is told of the one that it went into, whatever its route. That one's worker may have looked before
 * this one was told: then it looks again.
 */
export async function askForSurvivor({ deps, snapshot, tenantId, row }: LanePass): Promise<void> {
  const into = mergedInto(snapshot);
  if (deps.route === undefined || into === undefined) return;
  const link = await deps.tables.incident.get(incidentPartition(tenantId, into), row);
  if (link !== undefined && hasTicket(unpackLink(link.value))) return;
  await requestTouch(deps, tenantId, [into], "link", deps.random.uuid());
}

/** Nothing is asked of the tool; that it was decided stays on the link, so that nobody looks for a ticket. */
export async function finishUnrouted(pass: LanePass): Promise<SyncOutcome> {
  const { link, snapshot, deps } = pass;
  if (link.unroutedSeq === snapshot.seq && link.pending === undefined && !link.isParked) return "unrouted";
  if (link.isParked || pass.message.cause === "replay") {
    await unpark(deps, pass.tenantId, pass.incidentId, deps.connector.id);
  }
  const after = { ...withoutTrouble(withoutIntent(link)), isParked: false, unroutedSeq: snapshot.seq };
  await saveLink(pass, after, { outcome: "unrouted", fields: [], notes: 0 });
  return "unrouted";
}
