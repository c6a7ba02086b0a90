import { describe, expect, it } from "vitest";
import type { Journal, JournalChange, JournalRow } from "../../../local/bus/journal.ts";
import { createJournalWriter } from "../../../local/bus/journal-writer.ts";

describe("the journal's writer", () => {
  it("writes what was recorded together as one batch, of each row the last", async () => {
    const journal = createSlowJournal();
    const writer = createJournalWriter(journal, fail);
    writer.record(put(1, 1));
    writer.record(put(2, 1));
    writer.record(put(1, 2));
    writer.record(remove(2));
    const kept = writer.kept();
    await journal.started(1);
    journal.finish();
    await kept;
    expect(journal.batches).toEqual([[put(1, 2), remove(2)]]);
  });

  it("collects while a write is under way, and answers only when it is over", async () => {
    const journal = createSlowJournal();
    const writer = createJournalWriter(journal, fail);
    const answered: string[] = [];
    writer.record(put(1, 1));
    const first = writer.kept().then(() => answered.push("first"));
    await journal.started(1);
    writer.record(put(2, 1));
    writer.record(put(3, 1));
    const second = writer.kept().then(() => answered.push("second"));
    expect(answered).toEqual([]);
    journal.finish();
    await first;
    await journal.started(2);
    expect(answered).toEqual(["first"]);
    journal.finish();
    await second;
    expect(journal.batches.map((batch) => batch.length)).toEqual([1, 2]);
  });

  it("has nothing to wait for when nothing was recorded, and waits for what is being written", async () => {
    const journal = createSlowJournal();
    const writer = createJournalWriter(journal, fail);
    await writer.kept();
    writer.record(put(1, 1));
    await journal.started(1);
    let isKept = false;
    const kept = writer.kept().then(() => (isKept = true));
    await Promise.resolve();
    expect(isKept).toBe(false);
    journal.finish();
    await kept;
  });

  it("never answers again once a write has failed", async () => {
    const failures: unknown[] = [];
    const journal: Journal = { load: () => [], write: () => Promise.reject(new Error("disk full")) };
    const writer = createJournalWriter(journal, (error) => failures.push(error));
    writer.record(put(1, 1));
    await expect(writer.kept()).rejects.toThrow("disk full");
    writer.record(put(2, 1));
    await expect(writer.kept()).rejects.toThrow("disk full");
    expect(failures[0]).toMatchObject({ message: "disk full" });
  });
});

function put(id: number, count: number): JournalChange {
  const row: JournalRow = { type: "deliveries", queue: "q", id, count };
  return { kind: "put", row };
}

function remove(id: number): JournalChange {
  return { kind: "delete", key: { type: "deliveries", queue: "q", id } };
}

function fail(error: unknown): void {
  throw error;
}

interface SlowJournal extends Journal {
  readonly batches: (readonly JournalChange[])[];
  started(count: number): Promise<void>;
  finish(): void;
}

/** Each write lasts until `finish`. */
function createSlowJournal(): SlowJournal {
  const batches: (readonly JournalChange[])[] = [];
  let end: () => void = () => undefined;
  return {
    batches,
    load: () => [],
    write(changes) {
      batches.push(changes);
      return new Promise((resolve) => {
        end = resolve;
      });
    },
    async started(count) {
      await expect.poll(() => batches.length, { interval: 1 }).toBe(count);
    },
    finish: () => end(),
  };
}
