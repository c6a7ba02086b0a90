import { describe, expect, it } from "vitest";
import { askBackfill } from "../../../../shared/pipeline/detect/backfill.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import { type PollReport, detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { changePollState } from "../../../../shared/pipeline/poll-state.ts";
import type { Tables } from "../../../../shared/pipeline/ports/table.ts";
import { type Revision, revisionOf } from "../../../../shared/incident/revision.ts";
import { faultyTable } from "../../../faulty-table.ts";
import { type GraphTenant, type GraphTenantOptions, startGraphTenant } from "../../../graph-tenant.ts";
import { pollFor } from "../../../poll-for.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const BUSY = new RetryableError("throttled", "the store is busy");
/** 1 page that fails, two halves of it at each level, and one row beneath. */
const MOST_REQUESTS = 2 * Math.log2(50) + 3;

async function parkedRows(tenant: GraphTenant): Promise<readonly string[]> {
  return (await tenant.tables.parked.range(tenant.deps.tenant.id)).map((row) => row.row);
}

/** New incidents, a second apart. */
async function createMany(tenant: GraphTenant, count: number, apartMs = SECOND): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    await tenant.clock.advance(apartMs);
    ids.push(tenant.graph.incidents.create().id);
  }
  return ids;
}

/** A tenant that was read before, with new incidents since; those at these places (0 is the oldest) break every list that holds them. */
async function withUnlistable(count: number, at: readonly number[], options: GraphTenantOptions = {}) {
  const tenant = await startGraphTenant(options);
  tenant.graph.incidents.create();
  await tenant.poll();
  const ids = await createMany(tenant, count);
  const poison = at.map((index) => ids[index] ?? "");
  for (const id of poison) tenant.graph.unlistable.add(id);
  return { tenant, poison, ids };
}

/** A poll whose store fails in part. */
function pollWith(tenant: GraphTenant, tables: Partial<Tables>): Promise<PollReport> {
  const deps = { ...tenant.deps, tables: { ...tenant.tables, ...tables } };
  return detectChanges(deps, [], new AbortController().signal);
}

function notRead(ids: readonly string[]): readonly string[] {
  return ids.map((id) => `${id}: not read`);
}

function outcomesOf(reports: readonly PollReport[]): ReadonlySet<string> {
  return new Set(reports.map((report) => report.outcome));
}

/** Three polls that fail on the live window, and the fourth, which looks for the row. */
async function pollUntilIsolated(tenant: GraphTenant): Promise<PollReport> {
  expect(outcomesOf(await pollFor(tenant, 45 * SECOND))).toEqual(new Set(["failed"]));
  const [isolated] = await pollFor(tenant, 15 * SECOND);
  expect(isolated).toMatchObject({ outcome: "polled" });
  return isolated as PollReport;
}

/** Live is as before: a request a poll (two for an overlap of more than a page), and what changes is found at once. */
async function expectLiveAsBefore(tenant: GraphTenant): Promise<void> {
  for (let polls = 0; polls < 5; polls += 1) {
    const { id } = tenant.graph.incidents.create();
    const [report] = await pollFor(tenant, 15 * SECOND);
    expect(report).toMatchObject({ outcome: "polled" });
    expect(report?.streams["list"]).toBeLessThanOrEqual(2);
    expect(await tenant.snapshot(id)).toBeDefined();
  }
}

describe("an incident that the source cannot list", () => {
  it.each([
    { name: "the newest of 50", count: 50, at: 49 },
    { name: "the oldest of 50", count: 50, at: 0 },
    { name: "on the second page of 80", count: 80, at: 10 },
    { name: "at the edge of a page of 80", count: 80, at: 30 },
    { name: "the only one", count: 1, at: 0 },
  ])(
    "($name) is stepped over: the others flow, it is parked, tried every hour and found when it heals",
    async (each) => {
      const { tenant, poison } = await withUnlistable(each.count, [each.at]);
      const isolated = await pollUntilIsolated(tenant);
      expect(isolated.streams["list"]).toBeLessThanOrEqual(MOST_REQUESTS);
      expect(await tenant.lost()).toEqual(notRead(poison));
      expect(await parkedRows(tenant)).toEqual([expect.stringMatching(/^unlistable-.+:source$/)]);
      await expectLiveAsBefore(tenant);

      const reports = await pollFor(tenant, 130 * MINUTE, 10 * MINUTE);
      expect(outcomesOf(reports)).toEqual(new Set(["polled"]));
      const tried = reports.filter((report) => report.streams["unlistable"]);
      expect(tried.length).toBeGreaterThanOrEqual(2);
      // The wider windows meet it as well, and may draw its bounds otherwise.
      expect(tried.length).toBeLessThanOrEqual(6);
      expect(await tenant.lost()).toEqual(notRead(poison));

      tenant.graph.unlistable.clear();
      await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
      expect(await tenant.lost()).toEqual([]);
      expect(await parkedRows(tenant)).toEqual([]);
    },
  );

  it("is found at once where a change moves it", async () => {
    const { tenant, poison } = await withUnlistable(20, [7]);
    await pollUntilIsolated(tenant);
    tenant.graph.unlistable.clear();
    tenant.graph.incidents.change(poison[0] ?? "", { status: "inProgress" });
    await pollFor(tenant, 15 * SECOND);
    expect(await tenant.lost()).toEqual([]);
  });

  it("may be several, next to each other and apart", async () => {
    const { tenant, poison } = await withUnlistable(70, [3, 30, 31, 32, 69]);
    await pollUntilIsolated(tenant);
    // One search asks for so much and no more; what it did not reach fails by itself before it is searched in turn.
    await pollFor(tenant, 15 * MINUTE);
    expect(await tenant.lost()).toEqual(notRead(poison));
    await expectLiveAsBefore(tenant);
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });

  it.each([5, 60])("that shares its moment with %d others holds up none of them", async (count) => {
    const { tenant, ids, poison } = await withUnlistable(count + 1, [2]);
    await tenant.clock.advance(SECOND);
    tenant.graph.incidents.changeTogether(ids, { severity: "high" });
    await pollFor(tenant, 20 * MINUTE);
    expect(await tenant.lost()).toEqual(notRead(poison));
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 90 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
  });

  it.each([
    ["created-desc", 40],
    ["created-desc", 90],
    ["random", 90],
  ] as const)("in a list in %s order holds up none of %d others", async (order, count) => {
    const { tenant, ids, poison } = await withUnlistable(count, [count - 10], { graph: { behaviour: { order } } });
    for (const id of ids.toReversed()) {
      await tenant.clock.advance(100);
      tenant.graph.incidents.change(id, { severity: "high" });
    }
    await pollFor(tenant, 20 * MINUTE, 30 * SECOND);
    expect(await tenant.lost()).toEqual(notRead(poison));
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 90 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
  });

  it("in the history of a first run holds up neither what lies below nor live changes", async () => {
    const tenant = await startGraphTenant();
    const ids = await createMany(tenant, 130, 5 * SECOND);
    tenant.graph.unlistable.add(ids[40] ?? "");
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
    await expectLiveAsBefore(tenant);
    await pollFor(tenant, 10 * MINUTE, 30 * SECOND);
    expect(await tenant.lost()).toEqual(notRead([ids[40] ?? ""]));
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
  });
});

describe("in a backfill it", () => {
  async function backfilled(isDryRun: boolean): Promise<{ readonly tenant: GraphTenant; readonly poison: string }> {
    const tenant = await startGraphTenant();
    await tenant.poll();
    const ids = Array.from({ length: 70 }, (_unused, day) => {
      const stamp = new Date(Date.UTC(2025, 0, 1 + day)).toISOString();
      return tenant.graph.incidents.create({}, { stamp }).id;
    });
    const poison = ids[33] ?? "";
    tenant.graph.unlistable.add(poison);
    await askBackfill(tenant.deps, tenant.deps.tenant.id, { since: "2025-01-01", until: "2025-12-31", isDryRun });
    await pollFor(tenant, 12 * MINUTE, 30 * SECOND);
    return { tenant, poison };
  }

  it("holds up none of the others, which are taken whatever their age as it is once it heals, and ends with it", async () => {
    const { tenant, poison } = await backfilled(false);
    expect(await tenant.lost()).toEqual(notRead([poison]));
    const { backfill } = await tenant.state();
    expect(backfill).toMatchObject({ created: 69, changed: 0 });
    expect(backfill?.finishedAt).not.toBeNull();
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });

  it("is not taken when it heals where the backfill was to count only", async () => {
    const { tenant } = await backfilled(true);
    const { backfill, unread } = await tenant.state();
    expect(backfill).toMatchObject({ isDryRun: true });
    expect(backfill?.finishedAt).not.toBeNull();
    expect(unread.filter(({ stream }) => stream === "unlistable")).toEqual([]);
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
    expect(tenant.deltas()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });
});

describe("looking for it", () => {
  it.each(["open", "closed"])("passes over no row that moves meanwhile (a window that is %s)", async (kind) => {
    const tenant = await startGraphTenant();
    if (kind === "open") await tenant.poll();
    const ids = await createMany(tenant, kind === "open" ? 48 : 98);
    tenant.graph.unlistable.add(ids[20] ?? "");
    let changes = 0;
    tenant.graph.onPage(() => {
      // With each page that is answered one of its rows is changed, and goes to the top of the list.
      changes += 1;
      tenant.graph.incidents.change(ids[(changes * 5) % 45 === 20 ? 21 : (changes * 5) % 45] ?? "", {
        description: `${changes}`,
      });
    });
    await pollFor(tenant, 10 * MINUTE, 30 * SECOND);
    tenant.graph.onPage(() => undefined);
    await pollFor(tenant, 30 * SECOND);
    expect(await tenant.lost()).toEqual(notRead([ids[20] ?? ""]));
  });

  it.each([
    { seconds: 9, at: 59 },
    { seconds: 20, at: 20 },
    { seconds: 20, at: 59 },
  ])(
    "comes to its end though the source takes $seconds s to fail (row $at of 60), from one time to the next",
    async (each) => {
      const { tenant, poison } = await withUnlistable(60, [each.at]);
      const { listPage } = tenant.deps.source;
      Object.assign(tenant.deps.source, {
        async listPage(...args: Parameters<typeof listPage>): ReturnType<typeof listPage> {
          try {
            return await listPage(...args);
          } catch (error) {
            await tenant.clock.advance(each.seconds * SECOND);
            throw error;
          }
        },
      });
      let failed = 0;
      while ((await tenant.lost()).length > 30 && failed < 200) {
        const [report] = await pollFor(tenant, 15 * SECOND);
        if (report?.outcome === "failed") failed += 1;
      }
      // Half a minute to a minute each: half an hour at the most.
      expect(failed).toBeLessThan(70);
      await expectLiveAsBefore(tenant);
      await pollFor(tenant, 60 * MINUTE, 2 * MINUTE);
      expect(await tenant.lost()).toEqual(notRead(poison));
      expect(await parkedRows(tenant)).not.toEqual([]);
      Object.assign(tenant.deps.source, { listPage });
      tenant.graph.unlistable.clear();
      await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
      expect(await tenant.lost()).toEqual([]);
      expect(await parkedRows(tenant)).toEqual([]);
    },
  );

  it("that nobody kept is told of by no row either: it would stay for ever", async () => {
    const { tenant } = await withUnlistable(20, [7]);
    expect(outcomesOf(await pollFor(tenant, 45 * SECOND))).toEqual(new Set(["failed"]));
    await tenant.clock.advance(15 * SECOND);
    let writes = 0;
    const control = faultyTable(tenant.tables.control, "put", () => {
      writes += 1;
      return writes > 1 ? BUSY : undefined;
    });
    await expect(pollWith(tenant, { control })).rejects.toThrow(BUSY);
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 5 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });

  it("takes nothing along of a page that came before one that failed", async () => {
    const { tenant, ids } = await withUnlistable(20, [3]);
    expect(outcomesOf(await pollFor(tenant, 45 * SECOND))).toEqual(new Set(["failed"]));
    const { listPage } = tenant.deps.source;
    let answers = 0;
    Object.assign(tenant.deps.source, {
      // The newest five come; whatever is asked for after them is not answered.
      async listPage(...[request, signal]: Parameters<typeof listPage>): ReturnType<typeof listPage> {
        if ("next" in request || answers > 0) throw new RetryableError("unavailable", "503");
        answers += 1;
        return { ...(await listPage({ ...request, top: 5 }, signal)), next: "the rest" };
      },
    });
    await pollFor(tenant, 15 * SECOND);
    expect(answers).toBe(1);
    for (const id of ids.slice(-5)) expect(await tenant.snapshot(id)).toBeDefined();
    // What was not reached is no row that cannot be listed.
    expect(await parkedRows(tenant)).toEqual([]);
    Object.assign(tenant.deps.source, { listPage });
    await pollFor(tenant, 3 * MINUTE);
    expect(await tenant.lost()).toEqual([`${ids[3]}: not read`]);
    expect(await parkedRows(tenant)).toHaveLength(1);
  });

  it("that is joined to hundreds of other windows leaves no row behind", async () => {
    const { tenant, poison } = await withUnlistable(20, [7]);
    await pollUntilIsolated(tenant);
    expect(await parkedRows(tenant)).toHaveLength(1);
    const notBefore = tenant.clock.now() + 30 * MINUTE;
    await changePollState(tenant.tables.control, tenant.deps.tenant.id, (state) => ({
      ...state,
      unread: [
        ...Array.from({ length: 250 }, (_, index) => {
          const from = revisionOf(new Date(Date.UTC(2020, 0, 1, 0, index)).toISOString());
          return { stream: "history", from: from as Revision, to: from as Revision, notBefore } as const;
        }),
        ...state.unread.map((window) => ({ ...window, notBefore })),
      ],
    }));
    // Whatever is read next keeps all windows anew.
    await pollFor(tenant, 20 * MINUTE, MINUTE);
    expect(await parkedRows(tenant)).toEqual([]);
    expect(await tenant.lost()).toEqual(notRead(poison));
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 4 * 60 * MINUTE, 5 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });

  it("whose row was not written when it was kept is told of at the next try", async () => {
    const { tenant } = await withUnlistable(20, [7]);
    expect(outcomesOf(await pollFor(tenant, 45 * SECOND))).toEqual(new Set(["failed"]));
    await tenant.clock.advance(15 * SECOND);
    const parked = faultyTable(tenant.tables.parked, "put", () => BUSY);
    expect(await pollWith(tenant, { parked })).toMatchObject({ outcome: "failed" });
    expect(await parkedRows(tenant)).toEqual([]);
    await pollFor(tenant, 65 * MINUTE, MINUTE);
    expect(await parkedRows(tenant)).toEqual([expect.stringMatching(/^unlistable-.+:source$/)]);
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 10 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await parkedRows(tenant)).toEqual([]);
  });

  it("marks nothing where the source comes back in the middle of it", async () => {
    const { tenant } = await withUnlistable(60, []);
    tenant.graph.faults.add({ match: "GET /v1.0/security/incidents", kind: "status", status: 500 });
    await pollFor(tenant, 75 * SECOND);
    for (let more = 1; more < 6; more += 1) {
      tenant.graph.faults.clear();
      await tenant.clock.advance(5 * MINUTE);
      tenant.graph.faults.add({ match: "GET /v1.0/security/incidents", kind: "status", status: 500, times: more });
      await pollFor(tenant, 15 * SECOND);
    }
    tenant.graph.faults.clear();
    await pollFor(tenant, 5 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
  });

  it("moves nothing, and parks nothing, where the source is simply away", async () => {
    const { tenant } = await withUnlistable(60, []);
    tenant.graph.faults.add({ match: "GET /v1.0/security/incidents", kind: "status", status: 500 });
    const { cursor } = await tenant.state();
    const reports = await pollFor(tenant, 10 * MINUTE);
    expect(outcomesOf(reports)).toEqual(new Set(["failed"]));
    expect(Math.max(...reports.map((report) => report.requests))).toBeLessThanOrEqual(10);
    expect(await tenant.state()).toMatchObject({ cursor, unread: [] });
    expect(await parkedRows(tenant)).toEqual([]);
    tenant.graph.faults.clear();
    await pollFor(tenant, 5 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
  });
});
