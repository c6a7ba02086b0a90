import type { Note, Ticket, TicketConnector } from "../connectors/connector.ts";
import { PermanentError } from "../errors.ts";
import { TAG_PREFIX } from "../incident/projection.ts";
import { findTicket } from "./continue-ticket.ts";
import { type Intent, type Link, withSeen, withStage, withoutIntent } from "./link.ts";
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
  const link = judged(pass.link, intent, ticket, connector.steps);
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

/** A value so long is set by nobody but us: not by a person who happens to choose the same state or priority. */
const PROOF_LENGTH = 16;

/**
 * A call is done as a whole or not at all, so one long value of the last call that was not there before proves the write; whatever else
 * differs, a person changed since. Without such a proof it counts as done where no field is as it was; else the fields that hold what was
 * claimed are written, and the others are done again. Of a create in several calls the first is proven by the ticket itself.
 */
function judged(before: Link, intent: Intent, ticket: Ticket, steps: TicketConnector["steps"]): Link {
  const link = withSeen(before, ticket);
  const gone = new Set(intent.removeTags.filter((tag) => !ticket.tags.includes(tag)));
  const tags = new Set([
    ...link.tags.filter((tag) => !gone.has(tag)),
    ...intent.addTags.filter((tag) => ticket.tags.includes(tag)),
  ]);
  const fields = Object.entries(intent.values);
  const lastOf = (name: string): string | undefined => before.written[name] ?? before.seen[name];
  const isProof = ([name, value]: readonly [string, string]): boolean =>
    (steps === undefined || steps.last.includes(name)) &&
    value.length >= PROOF_LENGTH &&
    ticket.values[name] === value &&
    lastOf(name) !== value;
  const isUndone = ([name, value]: readonly [string, string]): boolean => {
    const now = ticket.values[name];
    return now !== value && (lastOf(name) === undefined || now === lastOf(name));
  };
  // A ticket that a create left behind is the claimed one; one that takes no more changes tells by its fields of whoever closed it.
  const isSent = intent.kind === "create" ? sentByCreate(intent, ticket, steps) : () => false;
  const isDone =
    intent.kind === "create"
      ? fields.every(([name]) => isSent(name))
      : ticket.isFinal !== true && (fields.some(isProof) || !fields.some(isUndone));
  const written = isDone ? fields : fields.filter(([name, value]) => isSent(name) || ticket.values[name] === value);
  const settled = { ...link, written: { ...link.written, ...Object.fromEntries(written) }, tags: [...tags] };
  return isDone ? withStage(settled, intent.stage) : settled;
}

/** Which fields a create that made its ticket has sent, whatever a person changed since. */
function sentByCreate({ values }: Intent, ticket: Ticket, steps: TicketConnector["steps"]): (name: string) => boolean {
  if (steps === undefined) return () => true;
  const { withCreate, afterCreate } = steps;
  const isThere = (name: string): boolean =>
    (values[name] ?? "").length >= PROOF_LENGTH && ticket.values[name] === values[name];
  const provenUpTo = afterCreate.findLastIndex(isThere);
  // What is in neither list comes before those that are listed.
  return (name) => withCreate.includes(name) || (provenUpTo >= 0 && afterCreate.indexOf(name) <= provenUpTo);
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
