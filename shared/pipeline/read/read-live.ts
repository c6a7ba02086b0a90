import { RetryableError } from "../../errors.ts";
import {
  type Revision,
  earlierBy,
  maxRevision,
  minRevision,
  revisionFromMs,
  revisionOf,
} from "../../incident/revision.ts";
import { incidentKeyset, newestRevision } from "./incident-keyset.ts";
import { isDue } from "../is-due.ts";
import { type Isolated, isolate, notKnown } from "./isolate.ts";
import { type PollRun, nextOrder, renewLease, saveProgress } from "../detect/poll-run.ts";
import { noteOrder, noteWalk, orderHints, passedOver, startWalk } from "./list-order.ts";
import type { UnreadWindow } from "../poll-state.ts";
import { processRows } from "../detect/process-rows.ts";
import { PAGES_IN_A_WINDOW, readWindows } from "./read-window.ts";
import { spanOf } from "./span-of.ts";
import { tellUnlistable } from "../detect/unlistable.ts";

/** The overlap is re-read once a minute, not at every poll; a row that appears right after that is a minute older at the next time. */
const OVERLAP_INTERVAL_MS = 60_000;
/** A first run without `createdAfter` looks this far back. */
const FIRST_RUN_MS = 30 * 24 * 60 * 60_000;
/** A page begun may still be processed: what is left of the handler's time once it is read. */
export const TIME_FOR_A_PAGE_MS = 10_000;
/** After so many polls that failed on the live window, what a page cannot hold is looked for; no more often than this. */
const FAILURES_BEFORE_ISOLATING = 3;
const PARTIAL_RETRY_MS = 60_000;
/** `Date` has whole seconds. */
const A_SECOND_MS = 1_000;
const ISOLATING_INTERVAL_MS = 5 * 60_000;

/**
 * Reads what changed since the cursor, newest first. A page that fails ends the run and moves nothing. What this poll's budget or time
 * does not reach is kept as windows, and the cursor moves on, so live changes never wait for history.
 */
export async function readLive(run: PollRun, deadlineAt: number): Promise<void> {
  const { deps, signal } = run;
  run.stream = "list";
  const startedAt = deps.clock.now();
  const isFirst = run.state.cursor === undefined;
  const isOverlapDue = !isFirst && isDue(run.state.overlapReadAt, OVERLAP_INTERVAL_MS, startedAt);
  const live = liveWindow(run, isOverlapDue);
  if (mayIsolate(run, startedAt)) {
    const read = await isolateLive(run, live);
    finish(run, read, startedAt, isOverlapDue);
    await saveProgress(run);
    return tellUnlistable(run, read.left);
  }

  let unread: readonly UnreadWindow[] = [live];
  const parts: UnreadWindow[] = [];
  const walk = startWalk(live);
  let newest: Revision | undefined;
  let servedAt: number | undefined;
  let order = nextOrder(run);
  const reached = (): LiveRead => {
    // Answered in part and read to its end, it moves nothing: the same window is the live one again at the next poll.
    const isLiveAgain = parts.length > 0 && unread.length === 0 && !isFirst;
    return { newest, servedAt, left: isLiveAgain ? [] : [...unread, ...parts], isLiveAgain };
  };
  const keyset = incidentKeyset(deps.source, orderHints(run));
  try {
    for await (const page of readWindows(keyset, unread, signal)) {
      servedAt ??= page.servedAt;
      noteOrder(run, page);
      noteWalk(walk, page);
      await processRows(run, page.rows, order);
      await renewLease(run);
      const newestHere = newestRevision(page);
      if (newestHere !== undefined && (newest === undefined || newestHere > newest)) newest = newestHere;
      unread = page.unread;
      if (page.isPartial) parts.push(partialSpan(run, page, servedAt));
      // A first run's history is read like any other window, from its second page on: the cursor stands at once.
      const isEnough = isFirst || run.state.budget.left < 1;
      if (isEnough || deps.clock.now() > deadlineAt - TIME_FOR_A_PAGE_MS) break;
      order = nextOrder(run);
    }
    // Read to its end along the links of one window, nothing can have been passed over.
    const isWhole = unread.length === 0 && walk.pages <= PAGES_IN_A_WINDOW;
    const hidden = isWhole ? undefined : await passedOver(run, walk, unread.length === 0);
    if (hidden !== undefined) parts.push({ stream: "history", ...hidden });
  } catch (error) {
    if (error instanceof RetryableError && error.reason === "throttled" && walk.pages > 0) {
      // Asked to wait in the middle: what was read is kept, and the rest is read from there.
      finish(run, reached(), startedAt, isOverlapDue);
    } else if (error instanceof RetryableError && isOfThePage(error)) {
      run.state = { ...run.state, failing: { ...run.state.failing, count: run.state.failing.count + 1 } };
    }
    throw error;
  }
  finish(run, reached(), startedAt, isOverlapDue);
  if (isFirst) await saveProgress(run);
}

/** 206 with a Warning: a provider behind the source failed. What came is good, but not all: the span of the page is read again in a minute. */
function partialSpan(
  run: PollRun,
  page: { readonly window: UnreadWindow; readonly unread: readonly UnreadWindow[] },
  servedAt: number | undefined,
): UnreadWindow {
  tellPart(run);
  const now = run.deps.clock.now();
  const span = spanOf(page);
  const to = span.to ?? maxRevision(span.from, revisionFromMs((servedAt ?? now) + A_SECOND_MS));
  return { ...span, to, notBefore: now + PARTIAL_RETRY_MS };
}

function liveWindow(run: PollRun, isOverlapDue: boolean): UnreadWindow {
  const { tenant, clock } = run.deps;
  const { cursor } = run.state;
  const stream = "history";
  if (cursor !== undefined) {
    // Where nothing is newer than the cursor for long, the live window covers the overlap by itself.
    const present = run.state.servedAt === 0 ? cursor : revisionFromMs(run.state.servedAt);
    const overlap = minRevision(cursor, earlierBy(present, tenant.overlapMs + OVERLAP_INTERVAL_MS));
    return { stream, from: pastUnlistable(run, isOverlapDue ? overlap : cursor) };
  }
  return { stream, from: revisionOf(tenant.scope.createdAfter) ?? revisionFromMs(clock.now() - FIRST_RUN_MS) };
}

/** What the source cannot list is tried again by itself; here it would make every poll fail. */
function pastUnlistable(run: PollRun, from: Revision): Revision {
  // One that reaches ahead of the cursor would hide what is still to come.
  const present = run.state.cursor ?? from;
  return run.state.unread.reduce(
    (after, { stream, poisonedRows, to }) =>
      (stream === "unlistable" || poisonedRows !== undefined) && to !== undefined && to >= after && to <= present
        ? ((to + 1n) as Revision)
        : after,
    from,
  );
}

/** 206 with a Warning: a provider behind the source failed. What came is good, but not all. */
export function tellPart(run: PollRun): void {
  run.remark = "the source answered in part; the window is read again";
  run.deps.log.warn("the source answered in part; the window is read again", { tenantId: run.deps.tenant.id });
}

interface LiveRead extends Isolated {
  readonly isLiveAgain: boolean;
}

/** `cursor` = min(newest row, response Date): a row from the future freezes nothing, and the source's clock decides, not ours. */
function finish(run: PollRun, read: LiveRead, startedAt: number, isOverlapDue: boolean): void {
  const before = run.state.cursor;
  const served = revisionFromMs(read.servedAt ?? startedAt);
  const reached = read.newest === undefined ? (before ?? served) : minRevision(read.newest, served);
  run.state = {
    ...run.state,
    failing: { count: 0, isolatedAt: run.state.failing.isolatedAt },
    unauthorized: 0,
    servedAt: read.servedAt ?? run.state.servedAt,
    overlapReadAt: isOverlapDue && !read.isLiveAgain ? startedAt : run.state.overlapReadAt,
    cursor: read.isLiveAgain ? before : maxRevision(before ?? reached, reached),
    unread: [...notKnown(read.left, run.state.unread), ...run.state.unread],
  };
}

function isOfThePage(error: RetryableError): boolean {
  return ["unavailable", "timeout", "unreadable"].includes(error.reason);
}

function mayIsolate(run: PollRun, now: number): boolean {
  const { count, isolatedAt } = run.state.failing;
  return count >= FAILURES_BEFORE_ISOLATING && now - isolatedAt >= ISOLATING_INTERVAL_MS;
}

async function isolateLive(run: PollRun, live: UnreadWindow): Promise<LiveRead> {
  const now = run.deps.clock.now();
  run.state = { ...run.state, failing: { ...run.state.failing, isolatedAt: now } };
  const { rows } = run.state.failing;
  const asked = rows === undefined ? live : { ...live, poisonedRows: rows };
  const read = await isolate(run, asked, (page) => processRows(run, page.rows, nextOrder(run)).then(() => undefined));
  if (!("failure" in read)) return { ...read, isLiveAgain: false };
  run.state = { ...run.state, failing: { ...run.state.failing, rows: read.rows } };
  throw read.failure;
}
