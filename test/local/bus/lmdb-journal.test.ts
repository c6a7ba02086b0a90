import { open } from "lmdb";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLmdbJournal, openLmdbJournal } from "../../../local/bus/lmdb-journal.ts";
import type { JournalRow } from "../../../local/bus/journal.ts";
import { temporaryFolder } from "./bus-fixture.ts";

const ROWS: readonly JournalRow[] = [
  {
    type: "message",
    queue: "q",
    id: 7,
    message: {
      payload: Buffer.from([0, 1, 255]),
      messageId: "m\u0000ä",
      sessionId: "s",
      enqueuedAt: 1_700_000_000_000,
      timeToLiveMs: 5,
      expiresAt: 1_700_000_000_005,
      deadLetterSource: "q",
      originalSequenceNumber: 2,
    },
  },
  { type: "message", queue: "q", id: 2 ** 40, message: { payload: Buffer.alloc(200_000, 1), enqueuedAt: 1 } },
  { type: "deliveries", queue: "q/$deadletterqueue", id: 7, count: 3 },
  { type: "seen", queue: "q", id: 7, messageId: "x".repeat(128), at: 1_700_000_000_000 },
  { type: "sequence", queue: "q", id: 0, reservedTo: 1_007 },
];

describe("the journal in LMDB", () => {
  it("has every kind of row again after it was closed, and none that was deleted", async () => {
    const folder = temporaryFolder();
    const first = openLmdbJournal(folder);
    await first.write(ROWS.map((row) => ({ kind: "put", row })));
    await first.write([{ kind: "delete", key: { type: "message", queue: "q", id: 2 ** 40 } }]);
    await first.close();
    const second = openLmdbJournal(folder);
    onTestFinished(() => second.close());
    expect(byText(second.load())).toEqual(byText(ROWS.filter((row) => row.id !== 2 ** 40)));
  });

  it("lives beside other databases in an environment that was handed in", async () => {
    const environment = open({ path: temporaryFolder(), maxDbs: 4 });
    onTestFinished(() => environment.close());
    await environment.openDB({ name: "other" }).put("key", "value");
    const journal = createLmdbJournal(environment);
    await journal.write(ROWS.map((row) => ({ kind: "put", row })));
    expect([...journal.load()].length).toBe(ROWS.length);
    expect(environment.openDB({ name: "other" }).get("key")).toBe("value");
  });

  it("refuses rows it does not understand, and says what to do", async () => {
    const environment = open({ path: temporaryFolder(), maxDbs: 4 });
    onTestFinished(() => environment.close());
    const journal = createLmdbJournal(environment);
    await environment.openDB({ name: "bus" }).put(["q", "message", 1], { payload: "text" });
    expect(() => [...journal.load()]).toThrow("row message 1 of 'q' cannot be read by this version");
  });
});

function byText(rows: Iterable<JournalRow>): Record<string, unknown> {
  return Object.fromEntries(
    [...rows].map((row) => [
      `${row.type} ${row.queue} ${row.id}`,
      row.type === "message"
        ? { ...row, message: { ...row.message, payload: Buffer.from(row.message.payload).toString("hex") } }
        : row,
    ]),
  );
}
