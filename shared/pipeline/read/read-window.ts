import { RetryableError } from "../../errors.ts";
import { type Revision, revisionFromMs } from "../../incident/revision.ts";
import type { Keyset, ListPage, Stamps } from "./keyset.ts";
import type { Window } from "../ports/source.ts";
import { startTie } from "./read-tie.ts";

/** The source refuses `$skip` past 500: ten pages of 50 and no further in one window. */
export const PAGES_IN_A_WINDOW = 10;
/** Pages in a row that hold nothing; further ones are not believed. */
const EMPTY_PAGES = 20;
/** Nothing is older than the service. */
const SERVICE_BIRTH = revisionFromMs(Date.UTC(2017, 0, 1));
const FAR_FUTURE = revisionFromMs(Date.UTC(2100, 0, 1));

export type ReadPage<P, W extends Window> = P & {
  /** What is still unread once this page is processed, newest first; empty at the end. */
  readonly unread: readonly W[];
  /** The window this page belongs to, whole: read again where the page was answered in part. */
  readonly window: W;
};

/**
 * Reads windows page by page, newest first. The source's order is not trusted: only while rows come newest first are further pages
 * asked for, for then rows that move meanwhile move to the top, above where the next poll begins, and none is lost; after 500 rows a new
 * window begins below the oldest one. Where rows come otherwise, paging could miss some: the window is cut until each part is one page.
 * A link to the next page that leads where we were already, or that is missing after a full page, is not believed.
 */
export async function* readWindows<P extends ListPage, W extends Window>(
  keyset: Keyset<P>,
  windows: readonly W[],
  signal: AbortSignal,
): AsyncGenerator<ReadPage<P, W>, void, undefined> {
  const left = [...windows];
  for (let window = left.shift(); window !== undefined; window = left.shift()) {
    const followed = new Set<string>();
    let oldest: Revision | undefined;
    /** Rows of the oldest stamp, as far as they were met. */
    const tied = new Set<string>();
    let page: P | undefined;
    for (let pages = 1; ; pages += 1) {
      page = await keyset.list(page?.next === undefined ? window : { next: followOnce(page.next, followed) }, signal);
      const stamps = keyset.stampsOf(page);
      let isOrdered = true;
      for (const { at, id } of stamps) {
        if (oldest !== undefined && at > oldest) isOrdered = false;
        if (oldest === undefined || at < oldest) {
          oldest = at;
          tied.clear();
        }
        if (at === oldest) tied.add(id);
      }
      const isCutOff = page.next === undefined && keyset.sizeOf(page) >= keyset.pageSize;
      if (page.next === undefined && !isCutOff) {
        yield { ...page, window, unread: left };
        break;
      }
      if (stamps.length === 0 && !isCutOff) {
        if (pages >= EMPTY_PAGES) throw new RetryableError("unreadable", "the source's pages lead on and hold nothing");
        // An empty page, or one of rows that are none, says nothing of the end; that its links lead on is seen to above.
        yield { ...page, window, unread: [window, ...left] };
        continue;
      }
      const isDescending = isOrdered && window.created === undefined && keyset.isDescending();
      const hasShrunk = oldest !== undefined && (window.to === undefined || oldest < window.to);
      // A row that changes leaves a window with an upper end, and shifts the pages below it up: there each page is asked for anew.
      const isOpen = window.to === undefined;
      if (isDescending && oldest !== undefined && (hasShrunk || (isOpen && pages < PAGES_IN_A_WINDOW && !isCutOff))) {
        const below: W = { ...window, to: oldest };
        if (pages === PAGES_IN_A_WINDOW || isCutOff || (!isOpen && hasShrunk)) {
          const tie = startTie(keyset, oldest, tied);
          yield { ...page, window, unread: [below, ...left] };
          let rest: readonly W[] = [below];
          while (tie.mayGoOn()) {
            const more = await tie.next(signal);
            if (more === undefined) break;
            if (tie.isWhole()) rest = window.from < oldest ? [{ ...window, to: (oldest - 1n) as Revision }] : [];
            yield { ...more, window, unread: [...rest, ...left] };
          }
          left.unshift(...rest);
          break;
        }
        yield { ...page, window, unread: [below, ...left] };
        continue;
      }
      const parts = cut(window, stamps);
      if (parts !== undefined) {
        left.unshift(...parts);
        yield { ...page, window, unread: left };
        break;
      }
      // Rows that share both stamps to the tick can only be paged through.
      if (page.next !== undefined && pages >= PAGES_IN_A_WINDOW) {
        throw new RetryableError("unavailable", "more than 500 rows share their update and creation times to the tick");
      }
      yield { ...page, window, unread: page.next === undefined ? left : [window, ...left] };
      if (page.next === undefined) break;
    }
  }
}

function followOnce(next: string, followed: Set<string>): string {
  if (followed.has(next)) throw new RetryableError("unreadable", "the source's pages lead in a circle");
  followed.add(next);
  return next;
}

/** A window in two at the median of what one of its pages holds: by its stamp, and where that is one tick, by the second one; undefined where both are. */
export function cut<W extends Window>(window: W, stamps: readonly Stamps[]): readonly W[] | undefined {
  if (window.created === undefined) {
    const at = pivot(
      stamps.map((stamp) => stamp.at),
      window.from,
      window.to,
    );
    if (at !== undefined) {
      return [
        { ...window, from: (at + 1n) as Revision },
        { ...window, to: at },
      ];
    }
  }
  const created = window.created ?? { from: SERVICE_BIRTH, to: FAR_FUTURE };
  const at = pivot(
    stamps.flatMap((stamp) => stamp.second ?? []),
    created.from,
    created.to,
  );
  if (at === undefined) return undefined;
  return [
    { ...window, created: { from: (at + 1n) as Revision, to: created.to } },
    { ...window, created: { from: created.from, to: at } },
  ];
}

/** Where to cut [from, to] so that both parts are smaller; undefined where it is one tick. */
function pivot(stamps: readonly Revision[], from: Revision, to: Revision | undefined): Revision | undefined {
  const sorted = stamps.toSorted((a, b) => (a < b ? -1 : 1));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (median === undefined) return undefined;
  if (to === undefined || median < to) return median < from ? undefined : median;
  return from < to ? ((to - 1n) as Revision) : undefined;
}
