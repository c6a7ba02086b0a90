import { PermanentError } from "../../errors.ts";
import { type Revision, revisionOf } from "../../incident/revision.ts";
import type { OrderHints } from "./incident-keyset.ts";
import type { PollRun } from "../detect/poll-run.ts";
import type { ListOrder } from "../poll-state.ts";
import type { SourcePage, Window } from "../ports/source.ts";

/** What was found out is asked anew after a day. */
const GOOD_FOR_MS = 24 * 60 * 60_000;

function listOrder(run: PollRun): ListOrder["kind"] {
  const { order } = run.state;
  const age = run.deps.clock.now() - order.at;
  return age >= 0 && age < GOOD_FOR_MS ? order.kind : "unknown";
}

/** What one page tells of the order; what contradicts is never overruled the same day. */
export function noteOrder(run: PollRun, page: SourcePage): void {
  const told = orderOf(page);
  const known = listOrder(run);
  if (told === "unknown" || told === known || known === "other") return;
  run.state = { ...run.state, order: { kind: told, at: run.deps.clock.now() } };
}

function orderOf(page: SourcePage): ListOrder["kind"] {
  let isProven = false;
  let above: { readonly at: Revision; readonly created: Revision } | undefined;
  for (const row of page.rows) {
    if (row.kind !== "incident") continue;
    const here = { at: row.incident.revision, created: revisionOf(row.incident.createdAt) ?? (0n as Revision) };
    if (above !== undefined && here.at > above.at) return "other";
    isProven ||= above !== undefined && here.at < above.at && here.created > above.created;
    above = here;
  }
  return isProven ? "updated" : "unknown";
}

/** Rows are counted with each page while the order is not proven: that costs nothing. */
export function orderHints(run: PollRun): OrderHints {
  return {
    isDescending: () => listOrder(run) !== "other",
    isCounting: () => listOrder(run) === "unknown",
    isCountable: () => listOrder(run) !== "uncounted",
  };
}

/** The rows that one walk down a window has met, and how many there should be. */
export interface Walk {
  /** Where the walk began, and how far down it came. */
  readonly top: Revision | undefined;
  lowest: Revision | undefined;
  pages: number;
  readonly seen: Map<string, Revision>;
  /** Counts of the first and of the last window that was asked for. */
  first: number | undefined;
  last: { readonly to: Revision | undefined; readonly count: number } | undefined;
}

export function startWalk(window: Window): Walk {
  return { top: window.to, lowest: undefined, pages: 0, seen: new Map(), first: undefined, last: undefined };
}

export function noteWalk(walk: Walk, page: SourcePage & { readonly window: Window }): void {
  walk.pages += 1;
  if (page.count !== undefined) {
    walk.first ??= page.count;
    walk.last = { to: page.window.to, count: page.count };
  }
  for (const row of page.rows) {
    if (row.kind !== "incident") continue;
    const { id, revision } = row.incident;
    walk.seen.set(id, revision);
    if (walk.lowest === undefined || revision < walk.lowest) walk.lowest = revision;
  }
}

/**
 * While the order is not proven, a walk downwards could have passed over rows that stand elsewhere in the list. Where the counts that came
 * with its pages leave that open, the source is asked how many there are in what was walked. Answers the window to be read once more, in
 * parts, where there are more than were met.
 */
export async function passedOver(run: PollRun, walk: Walk, isAtEnd: boolean): Promise<Window | undefined> {
  const { lowest, seen } = walk;
  if (lowest === undefined || listOrder(run) !== "unknown") return undefined;
  if (walk.first === undefined) {
    run.state = { ...run.state, order: { kind: "uncounted", at: run.deps.clock.now() } };
    return undefined;
  }
  if (missing(walk, isAtEnd) <= 0 || run.state.budget.left < 1) return undefined;
  const newest = [...seen.values()].reduce((most, at) => (at > most ? at : most), lowest);
  const walked = { from: lowest, to: walk.top ?? newest };
  const count = await countOf(run, walked);
  const met = [...seen.values()].filter((at) => at >= walked.from && at <= walked.to).length;
  // Rows that moved up meanwhile are met again by the next poll.
  if (count === undefined || count <= met) return undefined;
  run.state = { ...run.state, order: { kind: "other", at: run.deps.clock.now() } };
  run.deps.log.warn("the source lists incidents in another order than by their update; windows are cut instead", {
    tenantId: run.deps.tenant.id,
  });
  return walked;
}

/** How many rows may have been passed over, by the counts alone; 1 where they do not tell. */
function missing({ first = 0, last, top, seen }: Walk, isAtEnd: boolean): number {
  if (isAtEnd) return first - seen.size;
  const to = last?.to;
  if (last === undefined || to === undefined || to === top) return 1;
  return first - last.count - [...seen.values()].filter((at) => at > to).length;
}

/** Undefined where the source does not count. */
async function countOf(run: PollRun, window: Window): Promise<number | undefined> {
  try {
    return (await run.deps.source.listPage({ ...window, top: 1, isCounted: true }, run.signal)).count;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return undefined;
  }
}
