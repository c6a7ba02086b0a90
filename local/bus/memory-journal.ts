import type { Journal, JournalKey, JournalRow } from "./journal.ts";

/** For tests: two buses started one after the other on the same journal see what a restart would see. */
export function createMemoryJournal(): Journal & { readonly rows: ReadonlyMap<string, JournalRow> } {
  const rows = new Map<string, JournalRow>();
  return {
    rows,
    load: () => [...rows.values()],
    write(changes) {
      for (const change of changes) {
        if (change.kind === "put") rows.set(textOf(change.row), change.row);
        else rows.delete(textOf(change.key));
      }
      return Promise.resolve();
    },
  };
}

function textOf(key: JournalKey): string {
  return `${key.type} ${key.queue} ${key.id}`;
}
