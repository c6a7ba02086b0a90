import { PermanentError, RetryableError, type RetryableReason } from "../../errors.ts";
import type { Revision } from "../../incident/revision.ts";
import type { Keyset, ListPage } from "./keyset.ts";

/** Fewer rows of one stamp are cheaper read once more with what lies below them. */
const WORTH_A_REQUEST = 12;
/** The source refuses a `$skip` past this. */
const MOST_SKIPPED = 500;
const OF_THE_PAGE: ReadonlySet<RetryableReason> = new Set(["unavailable", "timeout", "unreadable"]);

/** Rows that share the stamp at which a window was left, the rest of them. */
export interface Tie<P> {
  /** True while another page is worth its request. */
  mayGoOn(): boolean;
  /** Undefined where the source refuses it, or fails: it was to save requests, and is done without. */
  next(signal: AbortSignal): Promise<P | undefined>;
  /** True once all rows of the stamp were met: the window below begins under it. */
  isWhole(): boolean;
}

/**
 * Reads on in one stamp from where a window was left, instead of all of it anew: the page begins with the row met last, or rows have
 * moved; and only as many different rows as the source counts prove that none was passed over. What is not proven is read in the usual way.
 */
export function startTie<P extends ListPage>(keyset: Keyset<P>, stamp: Revision, met: Set<string>): Tie<P> {
  const first = met.size - 1;
  const last = [...met].at(-1);
  let pages = 0;
  let link: string | undefined;
  let total: number | undefined;
  let isDoubtful = false;

  function isOver(): boolean {
    return pages > 0 && link === undefined;
  }

  return {
    mayGoOn() {
      if (isDoubtful || isOver() || first < WORTH_A_REQUEST || !keyset.isCountable()) return false;
      return first + pages * keyset.pageSize <= MOST_SKIPPED;
    },
    async next(signal) {
      const one = { from: stamp, to: stamp, skip: first, isCounted: true } as const;
      const page = await orNothing(() => keyset.list(link === undefined ? one : { next: link }, signal));
      if (page === undefined) {
        isDoubtful = true;
        return undefined;
      }
      const ids = keyset.stampsOf(page).map(({ id }) => id);
      total ??= page.count;
      if (pages === 0) isDoubtful = ids[0] !== last || total === undefined || isTooMany(total);
      for (const id of ids) met.add(id);
      pages += 1;
      link = page.next;
      const { count: _count, ...rest } = page;
      // A count of the stamp alone says nothing of the window.
      return rest as P;
    },
    isWhole: () => isOver() && !isDoubtful && total !== undefined && met.size >= total,
  };

  function isTooMany(count: number): boolean {
    return count > MOST_SKIPPED + keyset.pageSize;
  }
}

/** Asked to wait, or refused the credential, nothing else is asked either. */
async function orNothing<P>(list: () => Promise<P>): Promise<P | undefined> {
  try {
    return await list();
  } catch (error) {
    if (error instanceof PermanentError) return undefined;
    if (error instanceof RetryableError && OF_THE_PAGE.has(error.reason)) return undefined;
    throw error;
  }
}
