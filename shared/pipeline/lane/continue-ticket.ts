import type { Ticket } from "../../connectors/connector.ts";
import { PermanentError } from "../../errors.ts";
import { correlationKeyOf } from "../../incident/correlation-key.ts";
import type { Stage } from "../../incident/lifecycle.ts";
import { type Link, lastKnownStage, withoutTicket } from "../link.ts";
import { putLink } from "./save-link.ts";
import type { SyncPass } from "./sync-deps.ts";
import { closedForMs, isReopening } from "./ticket-policy.ts";

const KEPT = 10;

/** The incident's ticket, but none that the link has let go of: those were continued, or deleted (a look-up may not know that yet). */
export async function findTicket(pass: SyncPass): Promise<Ticket | undefined> {
  const key = correlationKeyOf(pass.tenantId, pass.incidentId);
  const { continued = [], recreated } = pass.link;
  const letGoOf = [...continued, ...(recreated === undefined ? [] : [recreated.ticket])];
  return pass.deps.connector.find(key, pass.signal, new Set(letGoOf.map(({ id }) => id)));
}

/**
 * True where an incident was reopened, and the tool takes no more changes of its ticket. One that a person closed while the incident was
 * open is left alone: whoever closes it does not want another. But where the tool's rules make tickets of our events, another is theirs to make.
 */
export function isToBeContinued({ deps, link }: SyncPass, stage: Stage, error: unknown): boolean {
  if (!(error instanceof PermanentError) || error.reason !== "final") return false;
  if (deps.connector.tell !== undefined) return true;
  if (deps.connector.create === undefined) return false;
  return isReopening(lastKnownStage(link), stage);
}

/** True where an incident was reopened, and had been closed for longer than its ticket may be reopened after. */
export function isClosedTooLong({ deps, link, snapshot }: SyncPass, stage: Stage): boolean {
  const { connector } = deps;
  if (link.ticket === undefined || connector.create === undefined || connector.hasOneTicket === true) return false;
  return isReopening(lastKnownStage(link), stage) && closedForMs(snapshot.stages) > deps.policy.reopenWithinMs;
}

/** The link keeps the ticket's name alone, so that a new one is made. Cut short after this, the next pass makes it. */
export async function letGo(pass: SyncPass): Promise<void> {
  const { link, deps } = pass;
  if (link.ticket === undefined) throw new Error("there is no ticket to let go of");
  deps.log.warn("a ticket stays closed although its incident is open; a new one continues it", {
    tenantId: pass.tenantId,
    incidentId: pass.incidentId,
    connector: deps.connector.id,
    ticket: link.ticket.label,
  });
  await putLink(pass, withoutClosedTicket(link));
}

/** The link once it has let go of its ticket: those merged into it are told of the new one. */
export function withoutClosedTicket(link: Link): Link {
  if (link.ticket === undefined) return link;
  const { toldTo: _told, ...rest } = withoutTicket(link);
  return { ...rest, continued: [...(link.continued ?? []), link.ticket].slice(-KEPT) };
}
