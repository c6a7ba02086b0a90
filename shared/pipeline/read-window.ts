import { RetryableError } from "../errors.ts";
import type { Incident } from "../incident/incident.ts";
import { type Revision, revisionFromMs, revisionOf } from "../incident/revision.ts";
import type { Source, SourcePage, Window } from "./ports/source.ts";

/** The source refuses `$skip` past 500: ten pages of 50 and no further in one window. */
const PAGES_IN_A_WINDOW = 10;
/** No incident is older than the service. */
const SERVICE_BIRTH = revisionFromMs(Date.UTC(2017, 0, 1));
const FAR_FUTURE = revisionFromMs(Date.UTC(2100, 0, 1));

export interface ReadPage extends SourcePage {
  /** What is still unread once this page is processed, newest first; empty at the end. */
  readonly unread: readonly Window[];
  /** The window this page belongs to, whole: read again where the page was answered in part. */
  readonly window: Window;
}

/**
 * Reads windows page by page, newest first. The source's order is not trusted: only while rows come newest update first are further pages
 * asked for, for then rows that move meanwhile move to the top, above where the next poll begins, and none is lost; after 500 rows a new
 * window begins below the oldest one. Where rows come otherwise, paging could miss some: the window is cut until each part is one page.
 */
export async function* readWindows(
  source: Source,
  windows: readonly Window[],
  signal: AbortSignal,
): AsyncGenerator<ReadPage, void, undefined> {
  const left = [...windows];
  for (let window = left.shift(); window !== undefined; window = left.shift()) {
    let oldest: Revision | undefined;
    let page: SourcePage | undefined;
    for (let pages = 1; ; pages += 1) {
      page = await source.listPage(page?.next === undefined ? window : { next: page.next }, signal);
      const incidents = page.rows.flatMap((row) => (row.kind === "incident" ? [row.incident] : []));
      let isOrdered = true;
      for (const { revision } of incidents) {
        if (oldest !== undefined && revision > oldest) isOrdered = false;
        if (oldest === undefined || revision < oldest) oldest = revision;
      }
      if (page.next === undefined) {
        yield { ...page, window, unread: left };
        break;
      }
      const isDescending = isOrdered && window.created === undefined;
      const hasShrunk = oldest !== undefined && (window.to === undefined || oldest < window.to);
      if (isDescending && oldest !== undefined && (pages < PAGES_IN_A_WINDOW || hasShrunk)) {
        const below: Window = { from: window.from, to: oldest };
        // A row that changes leaves a window with an upper end, and shifts the pages below it up: each page is asked for anew.
        const isOpen = window.to === undefined;
        if (pages === PAGES_IN_A_WINDOW || (!isOpen && hasShrunk)) {
          left.unshift(below);
          yield { ...page, window, unread: left };
          break;
        }
        yield { ...page, window, unread: [below, ...left] };
        continue;
      }
      left.unshift(...cut(window, incidents));
      yield { ...page, window, unread: left };
      break;
    }
  }
}

/** A window in two at the median of what one of its pages holds: by time of update, and where that is one tick, by time of creation. */
function cut(window: Window, incidents: readonly Incident[]): readonly Window[] {
  if (window.created === undefined) {
    const at = pivot(
      incidents.map((incident) => incident.revision),
      window.from,
      window.to,
    );
    if (at !== undefined) {
      const upper = { from: (at + 1n) as Revision, ...(window.to === undefined ? {} : { to: window.to }) };
      return [upper, { from: window.from, to: at }];
    }
  }
  const created = window.created ?? { from: SERVICE_BIRTH, to: FAR_FUTURE };
  const stamps = incidents.flatMap((incident) => revisionOf(incident.createdAt) ?? []);
  const at = pivot(stamps, created.from, created.to);
  if (at === undefined) {
    throw new RetryableError("unavailable", "a page of incidents shares its update and creation times to the tick");
  }
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
