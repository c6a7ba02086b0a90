import { PermanentError } from "../../errors.ts";
import { type Link, withoutTicket } from "../link.ts";
import { DETACHED } from "../park/park.ts";
import { putLink } from "./save-link.ts";
import type { SyncOutcome, SyncPass } from "./sync-deps.ts";
import { isOpen } from "./ticket-policy.ts";
import { parkPass } from "./wait.ts";

/** True where the ticket that the link names is gone, asked once more: nothing is given up for one answer that was wrong. */
export async function isTicketGone(pass: SyncPass, error: unknown): Promise<boolean> {
  const { link, deps } = pass;
  if (!(error instanceof PermanentError) || error.reason !== "notFound") return false;
  // Where the tool's own connector makes the tickets, another may appear: it is looked for anew.
  if (link.ticket === undefined || deps.connector.create === undefined) return false;
  return (await deps.connector.read(link.ticket, pass.signal)) === undefined;
}

/** Once, and while there is work to be done: a ticket that is deleted again is not wanted. */
export function mayRecreate({ deps, link, snapshot }: SyncPass): boolean {
  return deps.policy.deleted === "recreate" && link.recreated === undefined && isOpen(snapshot.delta.to);
}

/** The link keeps the deleted ticket's name alone, so that a new one is made. Cut short after this, the next pass makes it. */
export async function recreateLater(pass: SyncPass): Promise<void> {
  const link = toBeRecreated(pass.link, pass.deps.clock.now());
  tell(pass, "a deleted ticket is made anew, once", link.recreated.ticket.label);
  await putLink(pass, link);
}

/** The link once its deleted ticket is to be made anew. */
export function toBeRecreated(link: Link, at: number): Link & Required<Pick<Link, "recreated">> {
  const { detached, toldTo: _told, ...rest } = withoutTicket(link);
  const ticket = link.ticket ?? detached?.ticket;
  if (ticket === undefined) throw new Error("there is no ticket to be made anew");
  return { ...rest, recreated: { ticket, at } };
}

/** From now on nothing is written, and nothing asked of the tool, until an operator replays the work. */
export async function detach(pass: SyncPass, error: unknown): Promise<SyncOutcome> {
  const { ticket } = pass.link;
  if (ticket === undefined) throw new Error("there is no ticket to be detached from");
  tell(pass, "a ticket was deleted; its incident is detached from the tool", ticket.label);
  const at = pass.deps.clock.now();
  const work = {
    reason: DETACHED,
    message: error instanceof Error ? error.message : String(error),
    mend: "where the ticket is wanted, restore it (or its visibility) and replay this work: it is found again; where it cannot be restored, the replay makes a new one. Where it is not wanted, drop this work: nothing is written any more",
  };
  const { mappingVersion } = pass.deps.connector;
  await parkPass(pass, work, (link) => ({
    ...withoutTicket(link),
    mappingVersion,
    drift: [],
    detached: { ticket, at },
  }));
  return "detached";
}

/** Nothing is asked and nothing owed. A rebuild, which takes the mapping version away, sees by it that its message has arrived. */
export async function stayDetached(pass: SyncPass): Promise<SyncOutcome> {
  const { mappingVersion } = pass.deps.connector;
  if (pass.link.mappingVersion !== mappingVersion) await putLink(pass, { ...pass.link, mappingVersion });
  return "detached";
}

/** True where a detached link is to be taken up again: by an operator, or because its incident is open again and may have its ticket anew. */
export function isToBeAttached(pass: SyncPass): boolean {
  return pass.message.cause === "replay" || mayRecreate(pass);
}

/** An operator's word counts from the beginning: the ticket is looked for, and made where there is none. */
export async function attach(pass: SyncPass): Promise<void> {
  if (pass.message.cause !== "replay") return recreateLater(pass);
  const { detached, recreated: _recreated, ...rest } = pass.link;
  if (detached === undefined) throw new Error("there is no ticket to be attached again");
  await putLink(pass, { ...rest, sought: { ticket: detached.ticket, at: pass.deps.clock.now() } });
}

function tell(pass: SyncPass, message: string, ticket: string): void {
  pass.deps.log.warn(message, {
    tenantId: pass.tenantId,
    incidentId: pass.incidentId,
    connector: pass.deps.connector.id,
    ticket,
  });
}
