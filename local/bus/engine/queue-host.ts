import type { JournalChange } from "../journal.ts";
import type { PropertyChanges } from "./message.ts";
import type { Timers } from "./timers.ts";

/** What a queue is given by the engine around it. */
export interface QueueHost {
  readonly timers: Timers;
  /** The time, after everything due by then has happened. */
  catchUp(): number;
  record(change: JournalChange): void;
  /** The payload with these application properties set. */
  amend(payload: Uint8Array, changes: PropertyChanges): Uint8Array;
}
