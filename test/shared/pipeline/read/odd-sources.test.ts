import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../../shared/errors.ts";
import { alertsPartOf } from "../../../../shared/graph/alerts-of-wire.ts";
import type { IncidentId } from "../../../../shared/incident/incident.ts";
import { type Revision, earlierBy, revisionFromMs } from "../../../../shared/incident/revision.ts";
import { sourceText } from "../../../../shared/incident/source-text.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import type { DetectDeps } from "../../../../shared/pipeline/detect/detect-deps.ts";
import { handlePollMessage } from "../../../../shared/pipeline/handle-poll-request.ts";
import { readPollState } from "../../../../shared/pipeline/poll-state.ts";
import type { PollRequest } from "../../../../shared/pipeline/schema.ts";
import type { Source, SourcePage, SourceRow } from "../../../../shared/pipeline/ports/source.ts";
import type { Table } from "../../../../shared/pipeline/ports/table.ts";
import { TENANT, anIncident } from "../../../build.ts";
import { faultyTable, once } from "../../../faulty-table.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const THROTTLED = new RetryableError("throttled", "the table answered 503");
const signal = new AbortController().signal;

function withOpen(tenant: SourceTenant, open: Table): DetectDeps {
  return { ...tenant.deps, tables: { ...tenant.deps.tables, open } };
}

function withSource(tenant: SourceTenant, source: Partial<Source>): DetectDeps {
  return { ...tenant.deps, source: { ...tenant.deps.source, ...source } };
}

function seenIn(tenant: SourceTenant): Set<string> {
  return new Set(tenant.deltas().map((delta) => delta.incidentId));
}

function tenantsOf(deps: DetectDeps): Parameters<typeof handlePollMessage>[0] {
  const unused = (): never => {
    throw new Error("not asked for");
  };
  return { ...deps, detectDeps: () => Promise.resolve(deps), subscriptionDeps: unused };
}

/** What a review proved of an earlier version of this code. */
describe("a table that stumbles once", () => {
  it("does not make a poll forget the incidents it was asked for by name", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    tenant.deltas();
    await tenant.clock.advance(5_000);
    tenant.change("2");
    const deps = withOpen(tenant, faultyTable(tenant.tables.open, "range", once(THROTTLED)));
    const tenants = tenantsOf(deps);
    const request: PollRequest = {
      v: 1,
      tenantId: TENANT,
      cause: "look-again",
      requestedAt: tenant.clock.now(),
      incidents: ["1", "2"],
    };
    await handlePollMessage(tenants, request, tenant.clock.now());
    // The one that is known needs no poll.
    expect(seenIn(tenant)).toEqual(new Set(["1"]));
    const [again] = tenant.bus.take("poll-requests");
    expect(again?.body).toMatchObject({ cause: "look-again", incidents: ["2"] });
    await tenant.clock.advance((again?.scheduledAt ?? 0) - tenant.clock.now());
    await handlePollMessage(tenants, again?.body, tenant.clock.now());
    expect(seenIn(tenant)).toEqual(new Set(["2"]));
    expect(tenant.bus.take("poll-requests")).toEqual([]);
  });

  it("leaves no mark owed for good where it was to forget that alerts were wanted", async () => {
    const tenant = createTenant();
    tenant.change("1");
    tenant.change("2");
    const isWant = (rows: readonly string[]): boolean => rows.some((row) => row === "wants:2");
    const deps = withOpen(tenant, faultyTable(tenant.tables.open, "delete", once(THROTTLED, isWant)));
    await detectChanges(deps, [], signal);
    // Both leave what polls re-read.
    await pollFor({ clock: tenant.clock, poll: () => tenant.poll() }, 20 * 60_000, 60_000);
    for (const id of ["1", "2"]) {
      expect((await tenant.snapshot(id))?.marks).toEqual([]);
      expect((await tenant.snapshot(id))?.incident.alerts).toMatchObject({ count: 1 });
    }
    expect(tenant.deltas().filter((delta) => delta.changed.join() === "alerts")).toHaveLength(2);
    expect((await tenant.tables.open.range(TENANT, { from: "wants:" })).map((row) => row.row)).toEqual([]);
  });

  it("does not lose the wish for alerts of what was just published", async () => {
    const tenant = createTenant();
    tenant.change("1");
    const isWant = (rows: readonly string[]): boolean => rows.some((row) => row.startsWith("wants:"));
    const deps = withOpen(tenant, faultyTable(tenant.tables.open, "batch", once(THROTTLED, isWant)));
    await detectChanges(deps, [], signal);
    await pollFor(tenant, 20 * 60_000, 60_000);
    expect((await tenant.snapshot("1"))?.incident.alerts).toMatchObject({ count: 1 });
  });
});

describe("alerts that cannot be read", () => {
  it("of ten incidents for good hold up neither the polls nor the eleventh's", async () => {
    const tenant = createTenant();
    for (let id = 1; id <= 11; id += 1) tenant.change(`${id}`);
    const { details } = tenant.deps.source;
    const asked: string[] = [];
    const deps = withSource(tenant, {
      details(id, abort) {
        asked.push(id);
        return id === "11" ? details(id, abort) : Promise.reject(new RetryableError("unavailable", "500"));
      },
    });
    const poll = () => detectChanges(deps, [], signal);
    const reports = [await poll(), ...(await pollFor({ clock: tenant.clock, poll }, 600_000))];
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    expect((await tenant.snapshot("11"))?.incident.alerts).toMatchObject({ count: 1 });
    // 0, 1, 3, 7 minutes: less and less often.
    expect(asked.filter((id) => id === "1")).toHaveLength(4);
    expect((await readPollState(tenant.tables.control, TENANT))?.state.lastOkAt).toBe(tenant.clock.now());
  });

  it("of one incident, with a Retry-After of an hour, pause nobody else", async () => {
    const tenant = createTenant();
    tenant.change("1");
    tenant.change("2");
    const { details } = tenant.deps.source;
    const away = new RetryableError("unavailable", "503", { retryAfterMs: 3_600_000 });
    const deps = withSource(tenant, {
      details: (id, abort) => (id === "1" ? Promise.reject(away) : details(id, abort)),
    });
    const poll = () => detectChanges(deps, [], signal);
    const reports = [await poll(), ...(await pollFor({ clock: tenant.clock, poll }, 60_000))];
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    expect((await tenant.snapshot("2"))?.incident.alerts).toMatchObject({ count: 1 });
  });
});

describe("a first page that says nothing of the end", () => {
  it.each<[string, readonly SourceRow[]]>([
    ["is empty", []],
    ["holds 50 rows that are none", Array.from({ length: 50 }, (_unused, index) => malformed(`m${index}`))],
  ])("and %s is followed to the next", async (_name, rows) => {
    const tenant = createTenant();
    tenant.change("1");
    const { listPage } = tenant.deps.source;
    const deps = withSource(tenant, {
      listPage: (page, abort): Promise<SourcePage> =>
        "next" in page
          ? listPage({ from: 0n as Revision }, abort)
          : Promise.resolve({ rows, next: "second", servedAt: tenant.clock.now(), isPartial: false }),
    });
    const poll = () => detectChanges(deps, [], signal);
    expect(await poll()).toMatchObject({ outcome: "polled" });
    expect(seenIn(tenant)).toEqual(new Set(["1"]));
    await tenant.clock.advance(15_000);
    tenant.change("2");
    expect(await poll()).toMatchObject({ outcome: "polled" });
    expect(seenIn(tenant)).toEqual(new Set(["2"]));
  });
});

function malformed(id: string): SourceRow {
  return { kind: "malformed", id, problem: "status: is missing", body: {} };
}

describe("a source", () => {
  it("that answers in part for good, oldest first, still has all of its changes read", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await tenant.clock.advance(2_000);
    for (let id = 0; id < 60; id += 1) tenant.change(`${id}`, { revision: revisionFromMs(tenant.clock.now() + id) });
    tenant.parts.listPage = (page) => {
      const offset = "next" in page ? Number(page.next) : 0;
      const from = "next" in page ? (0n as Revision) : page.from;
      const to = "next" in page ? undefined : page.to;
      const all = [...tenant.rows.values()]
        .filter((row) => row.revision >= from && (to === undefined || row.revision <= to))
        .toSorted((a, b) => (a.revision < b.revision ? -1 : 1));
      return Promise.resolve({
        rows: all.slice(offset, offset + 50).map((incident): SourceRow => ({ kind: "incident", incident })),
        ...(offset + 50 < all.length ? { next: `${offset + 50}` } : {}),
        servedAt: tenant.clock.now(),
        isPartial: true,
      });
    };
    await pollFor(tenant, 300_000);
    expect(seenIn(tenant).size).toBe(60);
  });

  it("that does not know fifty survivors starves neither live changes nor what else is owed", async () => {
    const tenant = createTenant({ requestsPerMinute: 25 });
    for (let id = 0; id < 50; id += 1) {
      tenant.change(`a${id}`, { status: "redirected", redirectIncidentId: `9${id}` });
    }
    await tenant.poll();
    await tenant.clock.advance(60_000);
    tenant.bus.refuse("incident-deltas-itsm", true);
    tenant.change("zz");
    await tenant.poll();
    tenant.bus.refuse("incident-deltas-itsm", false);
    const before = { ...tenant.requests };
    const publishedAt = new Map<string, number>();
    for (let polls = 0; polls < 40; polls += 1) {
      await tenant.clock.advance(15_000);
      tenant.change(`live-${polls}`);
      await tenant.poll();
      for (const id of seenIn(tenant)) if (!publishedAt.has(id)) publishedAt.set(id, polls);
    }
    expect(publishedAt.get("zz")).toBe(0);
    for (let polls = 0; polls < 40; polls += 1) expect(publishedAt.get(`live-${polls}`)).toBe(polls);
    expect(tenant.requests.get - before.get).toBeLessThanOrEqual(5 * 40);
    // They are asked for less and less often, and given up after a day.
    const { get } = tenant.requests;
    await pollFor(tenant, 30 * 3_600_000, 15 * 60_000);
    expect(tenant.requests.get - get).toBeLessThanOrEqual(50 * 32);
    expect(await tenant.tables.open.range(TENANT, { from: "owed:", to: "owed;" })).toEqual([]);
  });

  it("one of whose rows leaves a tick that fills pages, while its closed window is read, shows all of them in the end", async () => {
    const tenant = createTenant();
    const tick = earlierBy(revisionFromMs(tenant.clock.now()), 20 * 60_000);
    const ids = Array.from({ length: 60 }, (_unused, index) => `tick-${index}`);
    for (const id of ids) tenant.change(id, { revision: tick });
    // A first page of newer rows: what lies below is read as a window with an end.
    for (let id = 0; id < 50; id += 1) tenant.change(`newer-${id}`);
    const { listPage } = tenant.deps.source;
    let hasLeft = false;
    const deps = withSource(tenant, {
      listPage(page, abort) {
        const isSecondOfTick = "next" in page && page.next.includes(`${tick}`);
        if (isSecondOfTick && !hasLeft) {
          hasLeft = true;
          tenant.change("tick-0");
        }
        return listPage(page, abort);
      },
    });
    const poll = () => detectChanges(deps, [], signal);
    await poll();
    await pollFor({ clock: tenant.clock, poll }, 16 * 60_000);
    expect(hasLeft).toBe(true);
    const unseen = [];
    for (const id of ids) if ((await tenant.snapshot(id)) === undefined) unseen.push(id);
    expect(unseen).toEqual([]);
  });
});

describe("alerts", () => {
  it("in another order are no change", () => {
    const alert = (id: string) => ({ wire: { id, createdDateTime: "2026-01-01T00:00:00Z" }, evidence: [] });
    const textOf = (...ids: readonly string[]): string => {
      const alerts = alertsPartOf({ alerts: ids.map(alert), count: 2, isCut: false, readAt: ids.length });
      return sourceText(anIncident({ id: "1" as IncidentId, alerts }));
    };
    expect(textOf("a", "b")).toBe(textOf("b", "a"));
  });
});
