import type { Note, Ticket } from "../../connectors/connector.ts";
import { PermanentError } from "../../errors.ts";
import { TAG_PREFIX } from "../../incident/projection.ts";
import { findTicket } from "./continue-ticket.ts";
import { judgeIntent } from "./judge-intent.ts";
import { type Intent, type Link, withSeen, withoutIntent } from "../link.ts";
import type { SyncPass } from "./sync-deps.ts";

/** What a claim that was cut short led to: settled, or to be looked at again at `waitUntil`. */
export type Settled = { readonly link: Link } | { readonly waitUntil: number };

/**
 * An ended claim is verified before anything else: the ticket holds the claimed values → ours; it holds the last written → not done;
 * anything else → a person's, left alone.
 */
export async function settleIntent(pass: SyncPass, intent: Intent): Promise<Settled> {
  const { connector, clock } = pass.deps;
  const known = pass.link.ticket;
  const ticket = known === undefined ? await findTicket(pass) : await connector.read(known, pass.signal);
  if (ticket === undefined) {
    if (known !== undefined) throw ticketGone(known.label, connector.create !== undefined);
    // A look-up that finds nothing is believed only after the claim and the tool's settle time have ended.
    const believedAt = intent.until + connector.settleMs;
    if (clock.now() < believedAt) return { waitUntil: believedAt };
    return { link: withoutIntent(pass.link) };
  }
  const link = judgeIntent(pass.link, intent, ticket, connector.steps);
  return { link: await withNotesRead(pass, withoutIntent(link), ticket, intent.notes) };
}

/** Takes a ticket that was found as ours: what already is as wanted counts as written. Tags of ours that no longer hold are ours to take away. */
export async function adoptTicket(
  pass: SyncPass,
  ticket: Ticket,
  wanted: { readonly values: Readonly<Record<string, string>>; readonly tags: readonly string[] },
  notes: readonly Note[],
): Promise<Link> {
  const written = Object.entries(wanted.values).filter(([name, value]) => ticket.values[name] === value);
  const link: Link = {
    ...withoutIntent(withSeen(pass.link, ticket)),
    written: Object.fromEntries(written),
    tags: ticket.tags.filter((tag) => wanted.tags.includes(tag) || tag.startsWith(TAG_PREFIX)),
    isAbsent: false,
  };
  // Any of them may be there already: where they cannot be read back, each is posted with a mark.
  return withNotesRead(
    pass,
    link,
    ticket,
    notes.map((note) => note.id),
  );
}

function ticketGone(label: string, isOurs: boolean): PermanentError {
  const mend = isOurs
    ? "restore the ticket or its visibility; the next change of the incident tries again"
    : "the next change of the incident looks for it anew";
  return new PermanentError(
    "notFound",
    `ticket ${label} is not there any more (deleted, or hidden from this account)`,
    {
      mend,
    },
  );
}

async function withNotesRead(pass: SyncPass, link: Link, ticket: Ticket, claimed: readonly string[]): Promise<Link> {
  const isFresh = pass.link.ticket === undefined;
  if ((claimed.length === 0 && !isFresh) || ticket.hasNoNotes === true) return link;
  const posted = await pass.deps.connector.readNotes?.(ticket.ref, pass.signal);
  if (posted === undefined) {
    for (const id of claimed) pass.doubtful.add(id);
    return link;
  }
  return { ...link, notes: [...new Set([...link.notes, ...posted])] };
}
