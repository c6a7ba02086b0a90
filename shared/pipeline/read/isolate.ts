import { type Revision, maxRevision } from "../../incident/revision.ts";
import { INCIDENT_PAGE, newestRevision } from "./incident-keyset.ts";
import { type PollRun, renewLease } from "../detect/poll-run.ts";
import type { UnreadWindow } from "../poll-state.ts";
import type { SourcePage, Window } from "../ports/source.ts";
import {
  type Place,
  type Search,
  type SearchFailure,
  isOver,
  presentOf,
  readPlaces,
  startSearch,
} from "./read-places.ts";
import { cut } from "./read-window.ts";

/** What reading around a poisonous row led to. */
export interface Isolated {
  readonly newest: Revision | undefined;
  readonly servedAt: number | undefined;
  /** Windows that hold what cannot be listed, to be tried again later; and what was not reached, or was answered in part. */
  readonly left: readonly UnreadWindow[];
}

/** A page is begun while fewer requests were spent; what is not reached is kept as a window. */
const ENOUGH_REQUESTS = 20;
/** The same for time: a source may take long to say that it fails. */
const ENOUGH_MS = 20_000;
export const UNLISTABLE_RETRY_MS = 60 * 60_000;
const PARTIAL_RETRY_MS = 60_000;

/**
 * Reads a window that fails as a whole because the source cannot list one incident of it: the page that fails is halved down to the row, and
 * what lies around that row is left as a window of its own, tried again every hour, for a person to see (`tellUnlistable`). Where no row at all can be
 * read nothing has moved: the source is away, or takes so long to fail that the search goes on another time.
 */
export async function isolate(
  run: PollRun,
  window: Window & { readonly poisonedRows?: number },
  process: (page: SourcePage) => Promise<void>,
): Promise<Isolated | SearchFailure> {
  const { clock } = run.deps;
  let newest: Revision | undefined;
  const search = startSearch(run, clock.now() + ENOUGH_MS, async (page) => {
    await process(page);
    await renewLease(run);
    const newestHere = newestRevision(page);
    if (newestHere !== undefined) newest = maxRevision(newest ?? newestHere, newestHere);
  });
  const { poisonedRows, ...whole } = window;
  const unlistable: Window[] = [];
  const left: UnreadWindow[] = [];
  let rest: UnreadWindow | undefined = unread(whole, poisonedRows);
  while (rest !== undefined && search.requests < ENOUGH_REQUESTS && !isOver(search)) {
    const read: PageRead | SearchFailure = await readPage(search, rest);
    if ("failure" in read) return read;
    unlistable.push(...read.unlistable);
    left.push(...read.left);
    rest = read.rest;
  }
  if (rest !== undefined) left.push(rest);
  const kept = unlistable.filter((one, index) => unlistable.findIndex((other) => isSame(one, other)) === index);
  for (const { to } of [...kept, ...left]) if (to !== undefined) newest = maxRevision(newest ?? to, to);
  const now = clock.now();
  return {
    newest,
    servedAt: search.servedAt,
    left: [
      ...kept.map((one): UnreadWindow => ({ ...one, stream: "unlistable", notBefore: now + UNLISTABLE_RETRY_MS })),
      ...left,
      ...(search.isPartial ? [{ ...unread(closed(search, whole)), notBefore: now + PARTIAL_RETRY_MS }] : []),
    ],
  };
}

function unread(window: Window, poisonedRows?: number): UnreadWindow {
  const { from, to, created } = window;
  return {
    stream: "history",
    from,
    ...(to === undefined ? {} : { to }),
    ...(created === undefined ? {} : { created }),
    ...(poisonedRows === undefined ? {} : { poisonedRows }),
  };
}

interface PageRead {
  readonly unlistable: readonly Window[];
  /** Smaller windows, in which it is still to be found. */
  readonly left: readonly UnreadWindow[];
  readonly rest: UnreadWindow | undefined;
}

/** The first page of a window, and what is left of the window beneath it. */
async function readPage(search: Search, asked: UnreadWindow): Promise<PageRead | SearchFailure> {
  const read = await readPlaces(search, asked, asked.poisonedRows);
  if ("failure" in read) return read;
  const { places, isEnd } = read;
  const readable = places.filter((place) => place.stamps !== undefined);
  const lowest = readable.at(-1)?.stamps?.at;
  const isDescending = asked.created === undefined && isOrdered(readable);
  const isBelow = lowest !== undefined && (asked.to === undefined || lowest < asked.to);
  if (isEnd || (isDescending && isBelow)) {
    const around = (kind: Place["kind"]): readonly UnreadWindow[] =>
      places.flatMap((place, index) =>
        place.kind === kind ? windowAround(search, asked, { places, index, isDescending, isEnd }) : [],
      );
    // What could not be listed at the end of the page comes again after the row above it.
    const last = places.at(-1);
    const rows = last === undefined || last.kind === "row" ? undefined : last.rows + 1;
    return {
      unlistable: around("unlistable"),
      left: around("unread"),
      rest: isEnd || lowest === undefined ? undefined : unread({ ...asked, to: lowest }, rows),
    };
  }
  const whole = closed(search, asked);
  // Nothing of the page came and time was over: that is no row that cannot be listed. The search goes on from there.
  const isCutOff = places.every(({ kind }) => kind !== "row") && places.some(({ kind }) => kind === "unread");
  if (isCutOff) return { unlistable: [], left: [unread(whole, places[0]?.rows)], rest: undefined };
  // Rows in no order, or of one moment, can only be told apart by smaller windows.
  const stamps = readable.flatMap((place) => place.stamps ?? []);
  const parts = cut<Window>(whole, stamps);
  return {
    unlistable: parts === undefined ? [whole] : [],
    left: (parts ?? []).map((part) => unread(part, INCIDENT_PAGE)),
    rest: undefined,
  };
}

/** As narrow as its neighbours allow: from the row beneath to the one above, or to the window's ends. None where it comes again in the next page. */
function windowAround(
  search: Search,
  asked: Window,
  at: {
    readonly places: readonly Place[];
    readonly index: number;
    readonly isDescending: boolean;
    readonly isEnd: boolean;
  },
): readonly UnreadWindow[] {
  const whole = closed(search, asked);
  const rows = at.places[at.index]?.rows ?? INCIDENT_PAGE;
  if (!at.isDescending) return [unread(whole, rows)];
  const above = at.places.slice(0, at.index).findLast(({ stamps }) => stamps !== undefined)?.stamps?.at;
  const beneath = at.places.slice(at.index).find(({ stamps }) => stamps !== undefined)?.stamps?.at;
  if (beneath === undefined && !at.isEnd) return [];
  // The row above lies at its edge, and is listed with it.
  const around = { ...whole, from: beneath ?? whole.from, to: above ?? whole.to };
  return [unread(around, above === undefined ? rows : rows + 1)];
}

function isOrdered(places: readonly Place[]): boolean {
  return places.every((place, index) => {
    const above = places[index - 1]?.stamps?.at;
    return above === undefined || place.stamps === undefined || place.stamps.at <= above;
  });
}

/** A window without an end ends before the source's present second: what changes from now on, stamped to the second or finer, lies above. */
function closed(search: Search, window: Window): Window & { readonly to: Revision } {
  return { ...window, to: window.to ?? maxRevision(window.from, (presentOf(search) - 1n) as Revision) };
}

/** What is left, but what is tried again every hour already. */
export function notKnown(left: readonly UnreadWindow[], unread: readonly UnreadWindow[]): readonly UnreadWindow[] {
  const known = unread.filter((window) => window.stream === "unlistable");
  return left.filter((one) => one.stream !== "unlistable" || !known.some((other) => isSame(one, other)));
}

export function isSame(one: Window, other: Window): boolean {
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.created?.from === other.created?.from &&
    one.created?.to === other.created?.to
  );
}
