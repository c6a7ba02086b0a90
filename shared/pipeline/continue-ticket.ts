import type { Ticket } from "../connectors/connector.ts";
import { PermanentError } from "../errors.ts";
import { correlationKeyOf } from "../incident/correlation-key.ts";
import { type Stage, isClosed } from "../incident/lifecycle.ts";
import { withoutTicket } from "./link.ts";
import { putLink } from "./save-link.ts";
import type { SyncPass } from "./sync-deps.ts";

const KEPT = 10;

/** What is not known is left alone, never guessed. */
const IS_OPEN = {
  active: true,
  inProgress: true,
  awaitingCustomerAction: true,
  resolved: false,
  redirected: false,
  unrecognised: false,
} satisfies Record<Stage, boolean>;

/** The incident's ticket, but none that the link has let go of: those were continued. */
export async function findTicket(pass: SyncPass): Promise<Ticket | undefined> {
  const key = correlationKeyOf(pass.tenantId, pass.incidentId);
  return pass.deps.connector.find(key, pass.signal, new Set(pass.link.continued?.map(({ id }) => id)));
}

/**
 * True where an incident was reopened, and the tool takes no more changes of its ticket. One that a person closed while the incident was
 * open is left alone: whoever closes it does not want another.
 */
export function isToBeContinued({ deps, link }: SyncPass, stage: Stage, error: unknown): boolean {
  if (!(error instanceof PermanentError) || error.reason !== "final" || deps.connector.create === undefined)
    return false;
  return link.stage !== undefined && isClosed(link.stage) && IS_OPEN[stage];
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
  // Those merged into it are told of the new one.
  const { toldTo: _told, ...rest } = withoutTicket(link);
  await putLink(pass, { ...rest, continued: [...(link.continued ?? []), link.ticket].slice(-KEPT) });
}
