import { RetryableError } from "../../errors.ts";
import { type Revision, revisionFromMs } from "../../incident/revision.ts";
import { INCIDENT_PAGE, stampsOfIncident } from "./incident-keyset.ts";
import type { PollRun } from "../detect/poll-run.ts";
import type { ListRequest, NextPage, SourcePage, Window } from "../ports/source.ts";
import type { Stamps } from "./keyset.ts";

/** A place of a list, or several. */
export interface Place {
  readonly at: number;
  readonly rows: number;
  /** Undefined where there is no incident to be read. */
  readonly stamps: Stamps | undefined;
  /** "unlistable": the source cannot list the row there. "unread": it cannot list one of the rows there, and time was over. */
  readonly kind: "row" | "unlistable" | "unread";
}

export interface Places {
  readonly places: readonly Place[];
  /** There is nothing beneath. */
  readonly isEnd: boolean;
}

/** Nothing was answered; the fewest rows that are known to fail together. */
export interface SearchFailure {
  readonly failure: RetryableError;
  readonly rows: number;
}

/** What one search has met so far. */
export interface Search {
  readonly run: PollRun;
  /** Nothing is halved after that. */
  readonly until: number;
  readonly process: (page: SourcePage) => Promise<void>;
  requests: number;
  servedAt: number | undefined;
  isPartial: boolean;
  hasAnswer: boolean;
  isThrottled: boolean;
}

export function startSearch(run: PollRun, until: number, process: Search["process"]): Search {
  return {
    run,
    until,
    process,
    requests: 0,
    servedAt: undefined,
    isPartial: false,
    hasAnswer: false,
    isThrottled: false,
  };
}

/** The source's clock, ours where it told none. */
export function presentOf({ run, servedAt }: Search): Revision {
  return revisionFromMs(servedAt ?? run.deps.clock.now());
}

const MOST_PAGES = 4;
/** One bad row costs at most 14. */
const MOST_REQUESTS = 30;

/**
 * The first page of a window place by place, halved wherever it fails; `known` of its rows are known to fail together. Rows enter a window
 * without an end at any place and push others down, so it is read from the top; they only leave one with an end, and let others up, so
 * that is read from the bottom: either way a row may be read twice, and none is passed over.
 */
export async function readPlaces(search: Search, window: Window, known?: number): Promise<Places | SearchFailure> {
  const { from, to, created } = window;
  const asked: Window = { from, ...(to === undefined ? {} : { to }), ...(created === undefined ? {} : { created }) };
  const places: Place[] = [];
  let endsAt = Number.POSITIVE_INFINITY;
  let failed: SearchFailure | undefined;
  await readFrom(Math.min(known ?? 0, INCIDENT_PAGE));
  if (!search.hasAnswer && failed !== undefined) return isAway() ? { ...failed, rows: INCIDENT_PAGE } : failed;
  const last = places.toSorted(byPlace).at(-1);
  // What lies under a row that cannot be listed tells where it lies.
  if (endsAt === Number.POSITIVE_INFINITY && last?.kind === "unlistable") await read(last.at + 1, 1);
  return { places: places.toSorted(byPlace), isEnd: endsAt !== Number.POSITIVE_INFINITY };

  async function readFrom(failing: number): Promise<void> {
    if (failing === 0) return await read(0, INCIDENT_PAGE);
    const beneath = (): Promise<void> => read(failing, INCIDENT_PAGE - failing);
    if (failing > 1) return await inOrder(() => halve(0, failing), beneath);
    // One row alone, that takes long to fail: that others do not is known first.
    await beneath();
    await read(0, 1);
  }

  async function read(skip: number, top: number): Promise<void> {
    if (top === 0 || skip >= endsAt || isAway()) return;
    if (isSpent(search)) {
      places.push({ at: skip, rows: top, stamps: undefined, kind: "unread" });
      return;
    }
    const part = await listed(search, { ...asked, top, ...(skip === 0 ? {} : { skip }) });
    if ("failure" in part) {
      failed = { failure: part.failure, rows: Math.min(top, failed?.rows ?? known ?? top) };
      if (!isOver(search)) return await halve(skip, top);
      places.push({ at: skip, rows: top, stamps: undefined, kind: top === 1 ? "unlistable" : "unread" });
      return;
    }
    await take(skip, top, part.pages);
  }

  async function halve(skip: number, top: number): Promise<void> {
    if (top === 1) {
      places.push({ at: skip, rows: 1, stamps: undefined, kind: "unlistable" });
      return;
    }
    const half = Math.ceil(top / 2);
    await inOrder(
      () => read(skip, half),
      () => read(skip + half, top - half),
    );
  }

  async function inOrder(upper: () => Promise<void>, lower: () => Promise<void>): Promise<void> {
    for (const step of to === undefined ? [upper, lower] : [lower, upper]) await step();
  }

  async function take(skip: number, top: number, pages: readonly SourcePage[]): Promise<void> {
    const rows = pages.flatMap((page) => page.rows);
    for (const [index, row] of rows.entries()) {
      const stamps = row.kind === "incident" ? stampsOfIncident(row.incident) : undefined;
      places.push({ at: skip + index, rows: 1, stamps, kind: "row" });
    }
    if (rows.length >= top) return;
    if (pages.at(-1)?.next === undefined) endsAt = Math.min(endsAt, skip + rows.length);
    else if (rows.length > 0) await read(skip + rows.length, top - rows.length);
    else throw new RetryableError("unreadable", "the source's pages lead on and hold nothing");
  }

  /** Two rows by themselves that fail, and none that does not: it is not the rows. */
  function isAway(): boolean {
    return !search.hasAnswer && places.filter((place) => place.kind === "unlistable").length > 1;
  }
}

/**
 * The source asks to wait, or enough was asked for: what is not read is kept as a window. A search cut shorter would never come to its end, so
 * it may overdraw the tenant's budget by this much; the polls after it wait until that is earned.
 */
function isSpent({ isThrottled, requests }: Search): boolean {
  return isThrottled || requests >= MOST_REQUESTS;
}

/** That, or no time: nothing is halved any more. */
export function isOver(search: Search): boolean {
  return isSpent(search) || search.run.deps.clock.now() >= search.until;
}

function byPlace(one: Place, other: Place): number {
  return one.at - other.at;
}

type Part = { readonly pages: readonly SourcePage[] } | { readonly failure: RetryableError };

/** As many rows as asked for, over more pages where the source cuts them short. Each is processed as it comes: one that fails after it takes nothing of it along. */
async function listed(search: Search, request: ListRequest): Promise<Part> {
  const pages: SourcePage[] = [];
  const wanted = request.top ?? INCIDENT_PAGE;
  let next: ListRequest | NextPage | undefined = request;
  while (next !== undefined && pages.length < MOST_PAGES && rowsOf(pages) < wanted) {
    const page: SourcePage | RetryableError = await listedPage(search, next);
    if (page instanceof RetryableError) return { failure: page };
    await search.process(page);
    pages.push(page);
    next = page.next === undefined ? undefined : { next: page.next };
  }
  return { pages };
}

async function listedPage(search: Search, request: ListRequest | NextPage): Promise<SourcePage | RetryableError> {
  const { run } = search;
  search.requests += 1;
  try {
    const page = await run.deps.source.listPage(request, run.signal);
    search.hasAnswer = true;
    search.servedAt ??= page.servedAt;
    search.isPartial ||= page.isPartial;
    return page;
  } catch (error) {
    if (!(error instanceof RetryableError) || run.signal.aborted) throw error;
    if (error.reason === "unauthorized" || (error.reason === "throttled" && !search.hasAnswer)) throw error;
    search.isThrottled ||= error.reason === "throttled";
    return error;
  }
}

function rowsOf(pages: readonly SourcePage[]): number {
  return pages.reduce((sum, page) => sum + page.rows.length, 0);
}
