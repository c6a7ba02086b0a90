import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { type Revision, momentOf, revisionFromMs } from "../../../../shared/incident/revision.ts";
import { incidentKeyset } from "../../../../shared/pipeline/read/incident-keyset.ts";
import type { ListRequest, NextPage, Source, SourcePage, Window } from "../../../../shared/pipeline/ports/source.ts";
import { readWindows } from "../../../../shared/pipeline/read/read-window.ts";
import { anIncident } from "../../../build.ts";

const NOW = Date.UTC(2026, 5, 1);
const signal = new AbortController().signal;

interface Stamped {
  readonly id: string;
  updated: Revision;
  readonly created: Revision;
}

interface SourceOptions {
  /** How rows of one stamp stand; "unsteady" is another way in each window. */
  readonly ties?: "byId" | "byCreation" | "unsteady";
  readonly isCounting?: boolean;
  /** What the source says there are more, or less. */
  readonly countedWrong?: number;
  /** What it answers to a request for the rest of a stamp. */
  readonly refusal?: Error;
  /** Before each answer. */
  readonly before?: (rows: Stamped[]) => void;
}

/** Newest first, pages of 50 by offset, no offset past 500; counts where asked. */
function sourceOf(rows: Stamped[], options: SourceOptions = {}) {
  const { ties = "byId", isCounting = true, countedWrong = 0 } = options;
  let calls = 0;
  const links = new Map<string, { readonly request: ListRequest; readonly offset: number }>();

  function tieOrder(request: ListRequest): (a: Stamped, b: Stamped) => number {
    if (ties === "byCreation") return (a, b) => Number(b.created - a.created);
    const salt = ties === "unsteady" ? Number(((request.to ?? 0n) % 97n) + (request.skip === undefined ? 0n : 5n)) : 0;
    return (a, b) => ((Number(a.id) * 7_919 + salt) % 1_009) - ((Number(b.id) * 7_919 + salt) % 1_009);
  }

  const listPage = (page: ListRequest | NextPage): Promise<SourcePage> => {
    calls += 1;
    options.before?.(rows);
    if (options.refusal !== undefined && "skip" in page) return Promise.reject(options.refusal);
    const { request, offset } = "next" in page ? links.get(page.next)! : { request: page, offset: page.skip ?? 0 };
    if (offset > 500) throw new Error("offset past 500");
    const byTie = tieOrder(request);
    const matching = rows
      .filter((row) => isWithin(request, row))
      .toSorted((a, b) => Number(b.updated - a.updated) || byTie(a, b));
    const next = `${calls}`;
    links.set(next, { request, offset: offset + 50 });
    return Promise.resolve({
      rows: matching.slice(offset, offset + 50).map((row) => ({
        kind: "incident",
        incident: anIncident({ id: row.id as IncidentId, revision: row.updated, createdAt: momentOf(row.created) }),
      })),
      ...(offset + 50 < matching.length ? { next } : {}),
      ...(isCounting && request.isCounted === true ? { count: matching.length + countedWrong } : {}),
      servedAt: NOW,
      isPartial: false,
    });
  };
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const source: Source = {
    listPage,
    get: unused,
    details: unused,
    tasks: unused,
    notification: unused,
    alertsPage: unused,
  };
  return { source, calls: () => calls };
}

function isWithin({ from, to, created }: Window, row: Stamped): boolean {
  if (row.updated < from || (to !== undefined && row.updated > to)) return false;
  return created === undefined || (row.created >= created.from && row.created <= created.to);
}

/** `same` rows of one stamp in the middle of `count`. */
function rowsOf(count: number, same: number): Stamped[] {
  const first = Math.floor((count - same) / 2);
  return Array.from({ length: count }, (_unused, index) => ({
    id: `${index}`,
    updated: revisionFromMs(NOW - 1e6 + (index < first || index >= first + same ? index : first)),
    created: revisionFromMs(NOW - 1e9 + ((index * 7_919) % 9_973) * 1_000),
  }));
}

const FROM = { from: revisionFromMs(NOW - 1e9) };

async function readAll(source: Source): Promise<Set<string>> {
  const seen = new Set<string>();
  for await (const page of readWindows(incidentKeyset(source), [FROM], signal)) {
    for (const row of page.rows) if (row.kind === "incident") seen.add(row.incident.id);
  }
  return seen;
}

describe("rows of one stamp, more than a page holds", () => {
  it.each([
    [10, 21],
    [50, 21],
    [51, 21],
    // The row that is read twice, to see that none has moved, may begin a page of its own.
    [100, 22],
    [200, 22],
  ])("cost no more than any others: %d of 1,000", async (same, most) => {
    const { source, calls } = sourceOf(rowsOf(1_000, same));
    expect((await readAll(source)).size).toBe(1_000);
    expect(calls()).toBeLessThanOrEqual(most);
  });

  it.each<[string, SourceOptions]>([
    ["stand otherwise in each window", { ties: "unsteady" }],
    ["are not counted", { isCounting: false }],
    ["cannot be asked for by themselves", { refusal: new PermanentError("rejected", "400") }],
    ["cannot be had by themselves now", { refusal: new RetryableError("unavailable", "503") }],
    ["are counted too few", { countedWrong: -100 }],
    ["are counted too many", { countedWrong: 3 }],
  ])("are read whole where they %s", async (_name, options) => {
    for (const same of [50, 130, 200, 480, 700]) {
      const { source } = sourceOf(rowsOf(1_000, same), options);
      expect([same, (await readAll(source)).size]).toEqual([same, 1_000]);
    }
  });

  it("end the poll where the source asks to wait in their midst", async () => {
    const { source } = sourceOf(rowsOf(1_000, 200), { refusal: new RetryableError("throttled", "429") });
    await expect(readAll(source)).rejects.toMatchObject({ reason: "throttled" });
  });

  it("are all read, but those that moved to the top meanwhile: the next poll begins below these", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 30, max: 560 }),
        fc.array(fc.record({ call: fc.nat(30), row: fc.nat(999) }), { maxLength: 12 }),
        fc.constantFrom("byId" as const, "byCreation" as const, "unsteady" as const),
        async (same, moves, ties) => {
          const rows = rowsOf(1_000, same);
          const moved = new Set<string>();
          let call = 0;
          const before = (): void => {
            for (const move of moves.filter((each) => each.call === call)) {
              const row = rows[move.row];
              if (row === undefined) continue;
              moved.add(row.id);
              row.updated = revisionFromMs(NOW + call * 1_000 + move.row);
            }
            call += 1;
          };
          const seen = await readAll(sourceOf(rows, { ties, before }).source);
          expect(rows.filter(({ id }) => !seen.has(id) && !moved.has(id))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("can be broken off in their midst, and go on from what is called unread", async () => {
    for (const pagesAtOnce of [11, 12, 13, 14]) {
      const { source } = sourceOf(rowsOf(1_000, 300));
      const seen = new Set<string>();
      let unread: readonly Window[] = [FROM];
      for (let runs = 0; unread.length > 0 && runs < 200; runs += 1) {
        let pages = 0;
        for await (const page of readWindows(incidentKeyset(source), unread, signal)) {
          for (const row of page.rows) if (row.kind === "incident") seen.add(row.incident.id);
          unread = page.unread;
          pages += 1;
          if (pages >= pagesAtOnce) break;
        }
      }
      expect([pagesAtOnce, unread.length, seen.size]).toEqual([pagesAtOnce, 0, 1_000]);
    }
  });
});
