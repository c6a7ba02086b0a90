import type { RetryableError } from "../errors.ts";
import { type Revision, maxRevision } from "../incident/revision.ts";
import { digestOf } from "./digest.ts";
import { newestRevision } from "./incident-keyset.ts";
import { park } from "./park.ts";
import { type PollRun, renewLease } from "./poll-run.ts";
import type { Stream, UnreadWindow } from "./poll-state.ts";
import type { SourcePage, Window } from "./ports/source.ts";
import { type Place, type Search, presentOf, readPlaces, startSearch } from "./read-places.ts";
import { cut } from "./read-window.ts";

/** What reading around a poisonous row led to. */
export interface Isolated {
  readonly newest: Revision | undefined;
  readonly servedAt: number | undefined;
  /** Windows that hold what cannot be listed, to be tried again later; and what was not reached, or was answered in part. */
  readonly left: readonly (Window & { readonly stream: Stream; readonly notBefore?: number })[];
}

/** A page is begun while fewer requests were spent; what is not reached is kept as a window. */
const ENOUGH_REQUESTS = 40;
export const UNLISTABLE_RETRY_MS = 60 * 60_000;
const PARTIAL_RETRY_MS = 60_000;

/**
 * Reads a window that fails as a whole because the source cannot list one incident of it: the page that fails is halved down to the row, and
 * what lies around that row is kept as a window of its own, tried again every hour, parked for a person to see. Where no row at all can be
 * read, the source is simply away: its error is thrown, and nothing has moved.
 */
export async function isolate(
  run: PollRun,
  window: Window,
  process: (page: SourcePage) => Promise<void>,
): Promise<Isolated> {
  let newest: Revision | undefined;
  const search = startSearch(run, async (page) => {
    await process(page);
    await renewLease(run);
    const newestHere = newestRevision(page);
    if (newestHere !== undefined) newest = maxRevision(newest ?? newestHere, newestHere);
  });
  const unlistable: Window[] = [];
  const left: Window[] = [];
  let rest: Window | undefined = window;
  while (rest !== undefined && search.requests < ENOUGH_REQUESTS) {
    const asked: Window = rest;
    const { places, isEnd } = await readPlaces(search, asked);
    const readable = places.filter((place) => place.stamps !== undefined);
    const lowest = readable.at(-1)?.stamps?.at;
    const isDescending = asked.created === undefined && isOrdered(readable);
    const isBelow = lowest !== undefined && (asked.to === undefined || lowest < asked.to);
    rest = undefined;
    if (isEnd || (isDescending && isBelow)) {
      unlistable.push(...windowsAround(search, asked, places, isDescending));
      if (!isEnd) rest = { ...asked, to: lowest as Revision };
    } else {
      // Rows in no order, or of one moment, can only be told apart by smaller windows.
      const whole = closed(search, asked);
      const parts = cut(
        whole,
        readable.flatMap((place) => place.stamps ?? []),
      );
      if (parts === undefined) unlistable.push(whole);
      else left.push(...parts);
    }
  }
  if (rest !== undefined) left.push(rest);
  const kept = unlistable.filter((one, index) => unlistable.findIndex((other) => isSame(one, other)) === index);
  for (const { to } of [...kept, ...left]) if (to !== undefined) newest = maxRevision(newest ?? to, to);
  if (kept.length > 0) await tell(run, kept);
  const now = run.deps.clock.now();
  return {
    newest,
    servedAt: search.servedAt,
    left: [
      ...kept.map((one) => ({ ...one, stream: "unlistable" as const, notBefore: now + UNLISTABLE_RETRY_MS })),
      ...left.map((one) => ({ ...one, stream: "history" as const })),
      ...(search.isPartial
        ? [{ ...closed(search, window), stream: "history" as const, notBefore: now + PARTIAL_RETRY_MS }]
        : []),
    ],
  };
}

/** As narrow as its neighbours allow: from the row beneath to the one above, or to the window's ends. */
function windowsAround(
  search: Search,
  asked: Window,
  places: readonly Place[],
  isDescending: boolean,
): readonly Window[] {
  const { from, to } = closed(search, asked);
  return places.flatMap((place, index) => {
    if (!place.isUnlistable) return [];
    if (!isDescending) return [closed(search, asked)];
    const above = places.slice(0, index).findLast(({ stamps }) => stamps !== undefined)?.stamps?.at;
    const beneath = places.slice(index).find(({ stamps }) => stamps !== undefined)?.stamps?.at;
    return [{ ...asked, from: beneath ?? from, to: above ?? to }];
  });
}

function isOrdered(places: readonly Place[]): boolean {
  return places.every((place, index) => {
    const above = places[index - 1]?.stamps?.at;
    return above === undefined || place.stamps === undefined || place.stamps.at <= above;
  });
}

/** A window without an end ends at the source's present. */
function closed(search: Search, window: Window): Window & { readonly to: Revision } {
  return { ...window, to: window.to ?? maxRevision(window.from, presentOf(search)) };
}

/** What is left, but what is tried again every hour already. */
export function notKnown<W extends Window & { readonly stream: Stream }>(
  left: readonly W[],
  unread: readonly UnreadWindow[],
): readonly W[] {
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

async function tell(run: PollRun, poisoned: readonly Window[]): Promise<void> {
  const { deps } = run;
  deps.log.error("an incident that the source cannot list was stepped over; it is tried again every hour", {
    tenantId: deps.tenant.id,
    windows: poisoned.length,
  });
  for (const { from, to } of poisoned) {
    await park(deps, deps.tenant.id, {
      incidentId: unlistableId(from),
      what: "source",
      reason: "unavailable" satisfies RetryableError["reason"],
      message: "the source fails to list an incident that was updated in this window",
      mend: "find it in the Defender portal by its time of update; the window is tried again every hour, and this row goes when it can be read",
      parkedAt: deps.clock.now(),
      body: { from: from.toString(), to: to?.toString() ?? "" },
    });
  }
}

/** The row that tells of such a window. */
export function unlistableId(from: Revision): string {
  return `unlistable-${digestOf([from.toString()], 16)}`;
}
