import type { Journal, JournalChange, JournalKey } from "./journal.ts";

export interface JournalWriter {
  record(change: JournalChange): void;
  /** Resolves when everything recorded so far is kept. Rejects for good once a write has failed. */
  kept(): Promise<void>;
}

/**
 * Collects changes while a write is under way and writes them as one batch after it, so that the cost of a write is
 * shared by all that happened meanwhile. Of several changes to one row only the last is written.
 */
export function createJournalWriter(journal: Journal, onFailure: (error: unknown) => void): JournalWriter {
  let waiting = new Map<string, JournalChange>();
  let following: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();

  return {
    record(change) {
      const key = change.kind === "put" ? change.row : change.key;
      const text = textOf(key);
      // Deleted first: the map then keeps the order of the last changes.
      waiting.delete(text);
      waiting.set(text, change);
      void startFollowing();
    },
    kept: () => (waiting.size > 0 ? startFollowing() : current),
  };

  function startFollowing(): Promise<void> {
    if (following === undefined) {
      following = current.then(nextTurn).then(writeWaiting);
      following.catch(onFailure);
    }
    return following;
  }

  function writeWaiting(): Promise<void> {
    const batch = [...waiting.values()];
    waiting = new Map();
    current = journal.write(batch);
    following = undefined;
    return current;
  }
}

/** One turn of the event loop later, so that all the frames of one read share a batch. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function textOf(key: JournalKey): string {
  return `${key.type} ${key.queue} ${key.id}`;
}
