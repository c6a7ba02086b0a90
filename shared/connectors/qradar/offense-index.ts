import { PAGE_SIZE, type QRadarClient } from "./client.ts";
import type { WireOffense } from "./schema.ts";

/** Offenses by what they were raised for. QRadar filters by neither source nor description, so they are listed and matched here. */
export interface OffenseIndex {
  /** Those of any of these sources, newest first. */
  of(sources: readonly string[], signal: AbortSignal): Promise<readonly WireOffense[]>;
  /** One that turned out to be gone: a list of what changed does not tell. */
  forget(id: string): void;
}

interface Listing {
  readonly at: number;
  readonly done: Promise<void>;
  /** Of whoever began it. */
  readonly signal: AbortSignal;
}

/** Of the newest so many pages are looked through at first; afterwards only what changed. */
const PAGES_MAX = 20;
/** Many incidents may wait for their offense at once: one list serves all who ask meanwhile. */
const FRESH_MS = 1_000;
/** Offenses are seen a little later than they are stamped. */
const OVERLAP_MS = 60_000;

export function createOffenseIndex(options: {
  readonly client: Pick<QRadarClient, "offenses">;
  readonly clock: { now(): number };
  /** Whether an offense was raised for an event of ours. */
  readonly isOurs: (offense: WireOffense) => boolean;
}): OffenseIndex {
  const { client, clock } = options;
  let known = new Map<number, WireOffense>();
  let newest = 0;
  let isFilterTaken = true;
  let listing: Listing | undefined;

  return {
    async of(sources, signal) {
      await upToDate(signal);
      return [...known.values()]
        .filter(({ offense_source: source }) => typeof source === "string" && sources.includes(source))
        .toSorted((a, b) => b.id - a.id);
    },
    forget: (id) => void known.delete(Number(id)),
  };

  async function upToDate(signal: AbortSignal): Promise<void> {
    const theirs = listing;
    if (theirs === undefined || clock.now() - theirs.at >= FRESH_MS) return begin(signal);
    try {
      await theirs.done;
    } catch (error) {
      // Whoever began it may have run out of time, which is nobody else's failure.
      if (signal.aborted || !theirs.signal.aborted) throw error;
      await upToDate(signal);
    }
  }

  function begin(signal: AbortSignal): Promise<void> {
    const mine: Listing = { at: clock.now(), done: list(signal), signal };
    listing = mine;
    mine.done.catch(() => {
      if (listing === mine) listing = undefined;
    });
    return mine.done;
  }

  async function list(signal: AbortSignal): Promise<void> {
    const isFirst = newest === 0 || !isFilterTaken;
    const filter = isFirst ? undefined : `last_persisted_time > ${newest - OVERLAP_MS}`;
    const rows: WireOffense[] = [];
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answered = await client.offenses(filter, page * PAGE_SIZE, signal);
      if (answered === undefined) {
        isFilterTaken = false;
        return list(signal);
      }
      rows.push(...answered);
      if (answered.length < PAGE_SIZE) break;
    }
    const kept = isFirst ? new Map<number, WireOffense>() : new Map(known);
    for (const row of rows) if (options.isOurs(row)) kept.set(row.id, row);
    known = kept;
    for (const row of rows) newest = Math.max(newest, row.last_persisted_time ?? 0);
  }
}
