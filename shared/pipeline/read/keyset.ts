import type { Revision } from "../../incident/revision.ts";
import type { ListRequest, NextPage } from "../ports/source.ts";

/** A list that can be asked for the rows of a window, and what is known of a page of it. */
export interface Keyset<P extends ListPage> {
  readonly list: (page: ListRequest | NextPage, signal: AbortSignal) => Promise<P>;
  readonly stampsOf: (page: P) => readonly Stamps[];
  /** Rows of the page, those that cannot be read included. */
  readonly sizeOf: (page: P) => number;
  /** A page of so many rows may be cut off even without a link to the next. */
  readonly pageSize: number;
  /** False where rows are known to come otherwise than newest first. */
  readonly isDescending: () => boolean;
  /** False where the source does not tell how many rows a window has. */
  readonly isCountable: () => boolean;
}

export interface ListPage {
  readonly next?: string;
  readonly count?: number;
}

export interface Stamps {
  readonly id: string;
  /** What windows run over. */
  readonly at: Revision;
  /** What a window is cut by where too many rows share one `at`. */
  readonly second: Revision | undefined;
}
