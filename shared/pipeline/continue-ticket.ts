import type { Ticket } from "../connectors/connector.ts";
import { PermanentError } from "../errors.ts";
import { correlationKeyOf } from "../incident/correlation-key.ts";
import { type Stage, isClosed } from "../incident/lifecycle.ts";
import { withoutTicket } from "./link.ts";
import { putLink } from "./save-link.ts";
import type { SyncPass } from "./sync-deps.ts";

const KEPT = 10;

/** The incident's ticket, unless it is one that the link has let go of: that one has been continued. */
export async function findTicket(pass: SyncPass): Promise<Ticket | undefined> {
  const found = await pass.deps.connector.find(correlationKeyOf(pass.tenantId, pass.incidentId), pass.signal);
  return pass.link.continued?.some(({ id }) => id === found?.ref.id) === true ? undefined : found;
}

/**
 * True where an incident was reopened, and the tool takes no more changes of its ticket. One that a person closed while the incident was
 * open is left alone: whoever closes it does not want another.
 */
export function isToBeContinued({ deps, link }: SyncPass, stage: Stage, error: unknown): boolean {
  if (!(error instanceof PermanentError) || error.reason !== "final" || deps.connector.create === undefined)
    return false;
  return link.stage !== undefined && isClosed(link.stage) && !isClosed(stage);
}

/** The link keeps the ticket's name alone, so that a new one is made. Cut short after this, the next pass makes it. */
export async function letGo(pass: SyncPass): Promise<void> {
  const { link, deps } = pass;
  if (link.ticket === undefined) throw new Error("there is no ticket to let go of");
  deps.log.warn("a reopened incident's ticket is closed for good; a new one continues it", {
    tenantId: pass.tenantId,
    incidentId: pass.incidentId,
    connector: deps.connector.id,
    ticket: link.ticket.label,
  });
  await putLink(pass, { ...withoutTicket(link), continued: [...(link.continued ?? []), link.ticket].slice(-KEPT) });
}
