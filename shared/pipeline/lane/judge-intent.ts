import type { Ticket, TicketConnector } from "../../connectors/connector.ts";
import { type Intent, type Link, withSeen, withStage } from "../link.ts";

type Steps = TicketConnector["steps"];

/** A value so long is set by nobody but us: not by a person who happens to choose the same state or priority. */
const PROOF_LENGTH = 16;

/** What a claim that was cut short has written, by the ticket as it is now: the link with that, and with the claim still on it. */
export function judgeIntent(before: Link, intent: Intent, ticket: Ticket, steps: Steps): Link {
  const link = withSeen(before, ticket);
  const gone = new Set(intent.removeTags.filter((tag) => !ticket.tags.includes(tag)));
  const tags = new Set([
    ...link.tags.filter((tag) => !gone.has(tag)),
    ...intent.addTags.filter((tag) => ticket.tags.includes(tag)),
  ]);
  const { isDone, open } =
    intent.kind === "create" ? judgeCreate(intent, ticket, steps) : judgeUpdate(before, intent, ticket, steps);
  const written = Object.entries(intent.values).filter(
    ([name, value]) => !open.includes(name) || ticket.values[name] === value,
  );
  const settled = { ...link, written: { ...link.written, ...Object.fromEntries(written) }, tags: [...tags] };
  return isDone ? withStage(settled, intent.stage) : settled;
}

interface Judgement {
  readonly isDone: boolean;
  /** Fields that count as written only where the ticket holds what was claimed. */
  readonly open: readonly string[];
}

/**
 * The ticket that it left behind proves its first call, whatever a person changed since; of later calls' fields, a long value that is there
 * proves those before it. What is in neither list of steps comes before those that are listed.
 */
function judgeCreate(intent: Intent, ticket: Ticket, steps: Steps): Judgement {
  if (steps === undefined) return { isDone: true, open: [] };
  const { withCreate, afterCreate } = steps;
  const isThere = (name: string): boolean => isLong(intent, name) && ticket.values[name] === intent.values[name];
  const provenUpTo = afterCreate.findLastIndex(isThere);
  const isSent = (name: string): boolean =>
    withCreate.includes(name) || (provenUpTo >= 0 && afterCreate.indexOf(name) <= provenUpTo);
  const open = Object.keys(intent.values).filter((name) => !isSent(name));
  return { isDone: open.length === 0, open };
}

function isLong(intent: Intent, name: string): boolean {
  return (intent.values[name] ?? "").length >= PROOF_LENGTH;
}

/**
 * A call is done as a whole or not at all, so one long value of the last call that was not there before proves the write; whatever else
 * differs, a person changed since. Without such a proof that call counts as done where no field of it is as it was; else the fields that
 * hold what was claimed are written, and the others are done again. So are fields of earlier calls in any case: each may be the one that
 * was not made. A ticket that takes no more changes tells by its fields of whoever closed it.
 */
function judgeUpdate(before: Link, intent: Intent, ticket: Ticket, steps: Steps): Judgement {
  const names = Object.keys(intent.values);
  const last = steps === undefined ? names : names.filter((name) => steps.last.includes(name));
  const earlier = names.filter((name) => !last.includes(name));
  const lastOf = (name: string): string | undefined => before.written[name] ?? before.seen[name];
  const isThere = (name: string): boolean => ticket.values[name] === intent.values[name];
  const isProof = (name: string): boolean =>
    isLong(intent, name) && isThere(name) && lastOf(name) !== intent.values[name];
  const isUndone = (name: string): boolean =>
    !isThere(name) && (lastOf(name) === undefined || ticket.values[name] === lastOf(name));
  if (ticket.isFinal === true) return { isDone: false, open: names };
  if (last.some(isProof)) return { isDone: true, open: [] };
  if (last.some(isUndone)) return { isDone: false, open: names };
  const isSeen = (name: string): boolean => ticket.values[name] !== undefined;
  return { isDone: earlier.filter(isSeen).every(isThere), open: earlier };
}
