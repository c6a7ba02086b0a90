import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { type Revision, momentOf, revisionFromMs } from "../../../../shared/incident/revision.ts";
import type { NextPage, Source, SourcePage, Window } from "../../../../shared/pipeline/ports/source.ts";
import { incidentKeyset } from "../../../../shared/pipeline/read/incident-keyset.ts";
import { readWindows } from "../../../../shared/pipeline/read/read-window.ts";
import { anIncident } from "../../../build.ts";

interface Stamped {
  readonly id: string;
  readonly updated: Revision;
  readonly created: Revision;
}

const NOW = Date.UTC(2026, 5, 1);

/** A source that pages by offset, refuses an offset past 500, and orders as told. */
function sourceOf(
  rows: readonly Stamped[],
  order: "updated" | "created" | "shuffled",
): { source: Source; calls: () => number } {
  let calls = 0;
  const queries = new Map<string, { window: Window; offset: number }>();
  const sorted = rows.toSorted((a, b) => compareBy(order, a, b));
  const listPage = (page: Window | NextPage): Promise<SourcePage> => {
    calls += 1;
    const { window, offset } = "next" in page ? queries.get(page.next)! : { window: page, offset: 0 };
    if (offset > 500) throw new Error("offset past 500");
    const matching = sorted.filter((row) => matches(row, window));
    const next = `${calls}`;
    queries.set(next, { window, offset: offset + 50 });
    return Promise.resolve({
      rows: matching.slice(offset, offset + 50).map((row) => ({
        kind: "incident",
        incident: anIncident({ id: row.id as IncidentId, revision: row.updated, createdAt: momentOf(row.created) }),
      })),
      ...(offset + 50 < matching.length ? { next } : {}),
      servedAt: NOW,
      isPartial: false,
    });
  };
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const rest = { get: unused, details: unused, tasks: unused, notification: unused, alertsPage: unused };
  return { source: { listPage, ...rest }, calls: () => calls };
}

function matches(row: Stamped, window: Window): boolean {
  const isCreatedInside =
    window.created === undefined || (row.created >= window.created.from && row.created <= window.created.to);
  return row.updated >= window.from && (window.to === undefined || row.updated <= window.to) && isCreatedInside;
}

function compareBy(order: "updated" | "created" | "shuffled", a: Stamped, b: Stamped): number {
  if (order === "updated") return Number(b.updated - a.updated);
  if (order === "created") return Number(b.created - a.created);
  return ((Number(a.id) * 7919) % 1009) - ((Number(b.id) * 7919) % 1009);
}

async function readAll(source: Source, window: Window): Promise<Set<string>> {
  const seen = new Set<string>();
  for await (const page of readWindows(incidentKeyset(source), [window], new AbortController().signal)) {
    for (const row of page.rows) if (row.kind === "incident") seen.add(row.incident.id);
  }
  return seen;
}

function rowsOf(count: number, updated: (index: number) => number): Stamped[] {
  return Array.from({ length: count }, (_unused, index) => ({
    id: `${index}`,
    updated: revisionFromMs(updated(index)),
    created: revisionFromMs(NOW - 1e9 + index * 1_000),
  }));
}

describe("readWindows", () => {
  const from = { from: revisionFromMs(NOW - 1e9) };

  it.each([0, 1, 49, 50, 51, 499, 500, 501, 1_000, 1_234])(
    "reads all of %d rows that come newest first, in few requests",
    async (count) => {
      const { source, calls } = sourceOf(
        rowsOf(count, (index) => NOW - 1e6 + index),
        "updated",
      );
      expect((await readAll(source, from)).size).toBe(count);
      expect(calls()).toBeLessThanOrEqual(Math.ceil(count / 50) + 1 + Math.floor(count / 500));
    },
  );

  it.each(["created", "shuffled"] as const)("reads all of 1,300 rows in %s order", async (order) => {
    const { source } = sourceOf(
      rowsOf(1_300, (index) => NOW - 1e6 + ((index * 7_919) % 100_000)),
      order,
    );
    expect((await readAll(source, from)).size).toBe(1_300);
  });

  it.each(["updated", "created", "shuffled"] as const)(
    "reads 1,200 rows of one update time (%s order)",
    async (order) => {
      const { source } = sourceOf(
        rowsOf(1_200, () => NOW - 1e6),
        order,
      );
      expect((await readAll(source, from)).size).toBe(1_200);
    },
  );

  it("can be broken off after any page and goes on from what it calls unread", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 1_400 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("updated" as const, "created" as const, "shuffled" as const),
        async (stamps, pagesAtOnce, order) => {
          const { source } = sourceOf(
            rowsOf(stamps.length, (index) => NOW - 1e6 + (stamps[index] ?? 0)),
            order,
          );
          const seen = new Set<string>();
          let unread: readonly Window[] = [from];
          for (let runs = 0; unread.length > 0 && runs < 3_000; runs += 1) {
            let pages = 0;
            const windows = unread;
            // Unordered windows are read whole: a run long enough for one window makes progress.
            const budget = order === "updated" ? pagesAtOnce : 30;
            for await (const page of readWindows(incidentKeyset(source), windows, new AbortController().signal)) {
              for (const row of page.rows) if (row.kind === "incident") seen.add(row.incident.id);
              unread = page.unread;
              pages += 1;
              if (pages >= Math.max(budget, 12)) break;
            }
          }
          expect(unread).toHaveLength(0);
          expect(seen.size).toBe(stamps.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("refuses to go round for ever where 501 rows share every stamp", async () => {
    const rows = rowsOf(501, () => NOW - 1e6).map((row) => ({ ...row, created: revisionFromMs(NOW - 2e6) }));
    const { source } = sourceOf(rows, "updated");
    await expect(readAll(source, from)).rejects.toThrow("more than 500 rows share");
  });
});
