import { RetryableError } from "../../errors.ts";
import { earlierBy, maxRevision, minRevision } from "../../incident/revision.ts";
import { isDue } from "../is-due.ts";
import { type Walk, noteOrder, noteWalk, orderHints, passedOver, startWalk } from "./list-order.ts";
import { incidentKeyset } from "./incident-keyset.ts";
import { UNLISTABLE_RETRY_MS, isSame, isolate, notKnown } from "./isolate.ts";
import { type PollRun, saveProgress } from "../detect/poll-run.ts";
import type { UnreadWindow } from "../poll-state.ts";
import { tellPart } from "./read-live.ts";
import { readWindows } from "./read-window.ts";
import { spanOf } from "./span-of.ts";
import { withoutToolWords } from "../tool-words.ts";
import { takeRows } from "../detect/take-rows.ts";
import { tellIfUntold, tellUnlistable, untellUnlistable } from "../detect/unlistable.ts";

/**
 * Late rows: one that is half an hour late is found within a quarter of an hour, one that is a day late within a day. It may appear right
 * after a look, and is older by the time of the next: so a look reaches back by both.
 */
const WIDE = { everyMs: 15 * 60_000, lateMs: 30 * 60_000, mostMs: 24 * 60 * 60_000 };
const DAY = { everyMs: 24 * 60 * 60_000, lateMs: 24 * 60 * 60_000, mostMs: 30 * 24 * 60 * 60_000 };
/** Live changes wait no longer than this for what is read beside them. */
const REST_MS = 2_000;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 60 * 60_000;
const TRIES_BEFORE_ISOLATING = 3;
/** More windows than this come only from a source whose pages lie: the oldest are joined. */
const MOST_WINDOWS = 200;

/**
 * Reads what earlier polls left, history, and the wider windows that find late rows: at least one page a poll, more while the budget and
 * two seconds last. Progress is kept page by page, so a kill goes on where it was. A window that fails is tried again later by itself.
 */
export async function readRest(run: PollRun, deadlineAt: number): Promise<void> {
  addSweeps(run);
  const until = Math.min(run.deps.clock.now() + REST_MS, deadlineAt);
  for (;;) {
    const now = run.deps.clock.now();
    const due = run.state.unread.filter((window) => (window.notBefore ?? 0) <= now);
    const first = due[0];
    if (first === undefined) return;
    const aside = run.state.unread.filter((window) => !due.includes(window));
    const isOver = await readDue(run, first, due, aside, until);
    if (isOver) return;
  }
}

/** Asked for early, as after "you missed something": the wider window is due at once. */
export function dueForSweep(run: PollRun): void {
  run.state = { ...run.state, wideReadAt: 0 };
}

function addSweeps(run: PollRun): void {
  const { cursor, unread, wideReadAt, dayReadAt } = run.state;
  if (cursor === undefined) return;
  const now = run.deps.clock.now();
  const isOpen = (stream: UnreadWindow["stream"]): boolean => unread.some((window) => window.stream === stream);
  const isWideDue = isDue(wideReadAt, WIDE.everyMs, now) && !isOpen("wide");
  const isDayDue = isDue(dayReadAt, DAY.everyMs, now) && !isOpen("day");
  const wide: UnreadWindow = { stream: "wide", from: earlierBy(cursor, reachOf(WIDE, wideReadAt, now)), to: cursor };
  const day: UnreadWindow = { stream: "day", from: earlierBy(cursor, reachOf(DAY, dayReadAt, now)), to: wide.from };
  run.state = {
    ...run.state,
    unread: [...(isWideDue ? [wide] : []), ...(isDayDue ? [day] : []), ...unread],
    wideReadAt: isWideDue ? now : wideReadAt,
    dayReadAt: isDayDue ? now : dayReadAt,
  };
}

/** As far as a row could be late since the last look, which was longer ago where nothing ran meanwhile. 0: asked for out of turn. */
function reachOf(sweep: typeof WIDE, readAt: number, now: number): number {
  const sinceMs = readAt === 0 ? sweep.everyMs : Math.max(now - readAt, sweep.everyMs);
  return Math.min(sweep.lateMs + sinceMs, Math.max(sweep.mostMs, sweep.lateMs + sweep.everyMs));
}

/** True where this poll should read no further. */
async function readDue(
  run: PollRun,
  first: UnreadWindow,
  due: readonly UnreadWindow[],
  aside: readonly UnreadWindow[],
  until: number,
): Promise<boolean> {
  const { deps } = run;
  let current = first;
  let again: readonly UnreadWindow[] = [];
  run.stream = current.stream;
  try {
    if (mustIsolate(first)) {
      await isolateDue(run, first, [...due.slice(1), ...aside]);
      return isSpent(run, until);
    }
    const keyset = incidentKeyset(deps.source, orderHints(run));
    let walk = startWalk(first);
    for await (const page of readWindows(keyset, due, run.signal)) {
      noteOrder(run, page);
      noteWalk(walk, page);
      await takeRows(run, page.window, page.rows, page.unread);
      if (page.isPartial) {
        // What came is taken; what the page spans is read once more later.
        tellPart(run);
        const span = later(run, spanOf(page));
        again = [...again.filter((window) => !isSame(window, span)), span];
      }
      const next = page.unread[0];
      const isWalkOver = next === undefined || next.from !== page.window.from || next.to === page.window.to;
      if ((isWalkOver || isSpent(run, until)) && walk.pages > 1)
        again = [...again, ...(await hiddenIn(run, walk, page.window, isWalkOver))];
      if (isWalkOver && next !== undefined) walk = startWalk(next);
      await keep(run, page.window, [...page.unread, ...again, ...aside]);
      if (isSpent(run, until) || next === undefined) return true;
      current = next;
      run.stream = current.stream;
    }
    return true;
  } catch (error) {
    if (!(error instanceof RetryableError) || error.reason === "throttled" || error.reason === "unauthorized")
      throw error;
    const others = run.state.unread.filter((window) => window !== current);
    await keepForLater(run, current, others, error);
    return isSpent(run, until);
  }
}

/** What a walk downwards may have passed over, to be read in parts. */
async function hiddenIn(
  run: PollRun,
  walk: Walk,
  { stream }: UnreadWindow,
  isAtEnd: boolean,
): Promise<readonly UnreadWindow[]> {
  const hidden = await passedOver(run, walk, isAtEnd);
  return hidden === undefined ? [] : [{ stream, ...hidden }];
}

/** What cannot be listed is looked for; where nothing at all can be, the search goes on from there at the next time. */
async function isolateDue(run: PollRun, first: UnreadWindow, others: readonly UnreadWindow[]): Promise<void> {
  const read = await isolate(run, first, (page) => takeRows(run, first, page.rows, []));
  if ("failure" in read) return keepForLater(run, { ...first, poisonedRows: read.rows }, others, read.failure);
  const left = notKnown(read.left, others).flatMap((window) =>
    window.stream === "unlistable" ? unlistableOf(run, first, window) : [{ ...window, stream: first.stream }],
  );
  await keep(run, first, [...left, ...others]);
  await tellUnlistable(
    run,
    read.left.filter((window) => isUnlistableIn(run.state.unread, window)),
  );
}

/** What a backfill could not list is its own still; where it was to count only, nothing is tried again. */
function unlistableOf({ state }: PollRun, { stream }: UnreadWindow, window: UnreadWindow): readonly UnreadWindow[] {
  if (stream !== "backfill") return [window];
  return state.backfill?.isDryRun === true ? [] : [{ ...window, isOfAnyAge: true }];
}

async function keepForLater(
  run: PollRun,
  window: UnreadWindow,
  others: readonly UnreadWindow[],
  error: RetryableError,
): Promise<void> {
  run.deps.log.warn("a window could not be read; it is tried again later", {
    tenantId: run.deps.tenant.id,
    stream: window.stream,
    reason: error.reason,
    error: withoutToolWords(error.message),
  });
  const again = later(run, window);
  await keep(run, window, [...others, again]);
  await tellIfUntold(run, again);
}

function mustIsolate({ stream, tries = 0, poisonedRows }: UnreadWindow): boolean {
  return stream !== "unlistable" && (poisonedRows !== undefined || tries >= TRIES_BEFORE_ISOLATING);
}

function isSpent(run: PollRun, until: number): boolean {
  return run.state.budget.left < 1 || run.deps.clock.now() >= until;
}

/** Where reading goes on, kept before the next page is asked for. */
async function keep(run: PollRun, read: UnreadWindow, unread: readonly UnreadWindow[]): Promise<void> {
  const { backfill } = run.state;
  const isBackfilled =
    backfill !== undefined && backfill.finishedAt === null && !unread.some((window) => window.stream === "backfill");
  const kept = joined(unread);
  // One that was read, or joined to others: its row would stay for ever. Where it is met again it is told of again.
  const gone = [read, ...run.state.unread].filter(
    (window) => window.stream === "unlistable" && !isUnlistableIn(kept, window),
  );
  run.state = {
    ...run.state,
    unread: kept,
    ...(isBackfilled ? { backfill: { ...backfill, finishedAt: run.deps.clock.now() } } : {}),
  };
  for (const { from } of gone) await untellUnlistable(run, from);
  await saveProgress(run);
}

function isUnlistableIn(windows: readonly UnreadWindow[], { from }: UnreadWindow): boolean {
  return windows.some((window) => window.stream === "unlistable" && window.from === from);
}

function later(run: PollRun, window: UnreadWindow): UnreadWindow {
  const tries = (window.tries ?? 0) + 1;
  const backoffMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(tries - 1, 10));
  const pauseMs = window.stream === "unlistable" ? UNLISTABLE_RETRY_MS : backoffMs;
  return { ...window, tries, notBefore: run.deps.clock.now() + pauseMs };
}

function joined(unread: readonly UnreadWindow[]): readonly UnreadWindow[] {
  if (unread.length <= MOST_WINDOWS) return unread;
  const [first, ...rest] = unread.slice(MOST_WINDOWS - 1);
  if (first === undefined) return unread;
  const oldest = rest.reduce<UnreadWindow>(
    (whole, { from, to }) => ({
      stream: "history",
      from: minRevision(whole.from, from),
      ...(whole.to === undefined || to === undefined ? {} : { to: maxRevision(whole.to, to) }),
    }),
    first,
  );
  return [...unread.slice(0, MOST_WINDOWS - 1), oldest];
}
