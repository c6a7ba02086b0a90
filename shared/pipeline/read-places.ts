import { RetryableError } from "../errors.ts";
import { type Revision, revisionFromMs, revisionOf } from "../incident/revision.ts";
import { INCIDENT_PAGE } from "./incident-keyset.ts";
import type { PollRun } from "./poll-run.ts";
import type { ListRequest, NextPage, SourcePage, Window } from "./ports/source.ts";
import type { Stamps } from "./read-window.ts";

/** A place of a list: the row there, or that the source cannot list it. */
export interface Place {
  readonly at: number;
  /** Undefined where it cannot be listed, or is no incident. */
  readonly stamps: Stamps | undefined;
  readonly isUnlistable: boolean;
}

/** What one search has met so far. */
export interface Search {
  readonly run: PollRun;
  readonly process: (page: SourcePage) => Promise<void>;
  requests: number;
  servedAt: number | undefined;
  isPartial: boolean;
  /** Whether anything was answered, and rows that were not. */
  hasAnswer: boolean;
  failed: number;
}

export function startSearch(run: PollRun, process: Search["process"]): Search {
  return { run, process, requests: 0, servedAt: undefined, isPartial: false, hasAnswer: false, failed: 0 };
}

/** The source's clock, ours where it told none. */
export function presentOf({ run, servedAt }: Search): Revision {
  return revisionFromMs(servedAt ?? run.deps.clock.now());
}

/**
 * The first page of a window place by place, halved wherever it fails. Rows enter a window without an end at any place and push others
 * down, so it is read from the top; they only leave one with an end, and let others up, so that is read from the bottom: either way a row
 * may be read twice, and none is passed over.
 */
export async function readPlaces(
  search: Search,
  window: Window,
): Promise<{ readonly places: readonly Place[]; readonly isEnd: boolean }> {
  const places: Place[] = [];
  let endsAt = Number.POSITIVE_INFINITY;
  await read(0, INCIDENT_PAGE);
  const last = places.toSorted(byPlace).at(-1);
  // What lies under a row that cannot be listed tells where it lies.
  if (endsAt === Number.POSITIVE_INFINITY && last?.isUnlistable === true) await read(last.at + 1, 1);
  return { places: places.toSorted(byPlace), isEnd: endsAt !== Number.POSITIVE_INFINITY };

  async function read(skip: number, top: number): Promise<void> {
    if (skip >= endsAt) return;
    const part = await listed(search, { ...window, top, ...(skip === 0 ? {} : { skip }) });
    if (!("failure" in part)) {
      for (const page of part.pages) await search.process(page);
      const rows = part.pages.flatMap((page) => page.rows);
      for (const [index, row] of rows.entries()) {
        const stamps =
          row.kind === "incident"
            ? { at: row.incident.revision, second: revisionOf(row.incident.createdAt) }
            : undefined;
        places.push({ at: skip + index, stamps, isUnlistable: false });
      }
      if (rows.length >= top) return;
      if (part.pages.at(-1)?.next === undefined) endsAt = Math.min(endsAt, skip + rows.length);
      else if (rows.length > 0) await read(skip + rows.length, top - rows.length);
      else throw new RetryableError("unreadable", "the source's pages lead on and hold nothing");
      return;
    }
    if (top === 1) {
      search.failed += 1;
      if (!search.hasAnswer && search.failed > 1) throw part.failure;
      places.push({ at: skip, stamps: undefined, isUnlistable: true });
      return;
    }
    const half = Math.ceil(top / 2);
    const halves = [
      [skip, half],
      [skip + half, top - half],
    ] as const;
    for (const [from, size] of window.to === undefined ? halves : halves.toReversed()) await read(from, size);
  }
}

function byPlace(one: Place, other: Place): number {
  return one.at - other.at;
}

type Part = { readonly pages: readonly SourcePage[] } | { readonly failure: RetryableError };

/** As many rows as asked for, over more pages where the source cuts them short. */
async function listed(search: Search, request: ListRequest): Promise<Part> {
  const { run } = search;
  const pages: SourcePage[] = [];
  const wanted = request.top ?? INCIDENT_PAGE;
  let next: ListRequest | NextPage | undefined = request;
  try {
    while (next !== undefined && pages.length < MOST_PAGES && rowsOf(pages) < wanted) {
      search.requests += 1;
      const page: SourcePage = await run.deps.source.listPage(next, run.signal);
      search.hasAnswer = true;
      search.servedAt ??= page.servedAt;
      search.isPartial ||= page.isPartial;
      pages.push(page);
      next = page.next === undefined ? undefined : { next: page.next };
    }
    return { pages };
  } catch (error) {
    if (!(error instanceof RetryableError) || run.signal.aborted) throw error;
    if (error.reason === "throttled" || error.reason === "unauthorized") throw error;
    return { failure: error };
  }
}

const MOST_PAGES = 4;

function rowsOf(pages: readonly SourcePage[]): number {
  return pages.reduce((sum, page) => sum + page.rows.length, 0);
}
