import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../../shared/errors.ts";
import { momentOf, revisionFromMs } from "../../../../shared/incident/revision.ts";
import { askBackfill } from "../../../../shared/pipeline/detect/backfill.ts";
import { type Reading, judgeReading } from "../../../../shared/pipeline/detect/judge-reading.ts";
import { acquirePollLease, readPollState } from "../../../../shared/pipeline/poll-state.ts";
import type { StoredSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import { TENANT, anIncident } from "../../../build.ts";
import { startGraphTenant } from "../../../graph-tenant.ts";
import { pollFor } from "../../../poll-for.ts";
import { createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Tenant = ReturnType<typeof createTenant>;

async function notRead(tenant: Tenant): Promise<readonly string[]> {
  const ids = [...tenant.rows.keys()];
  const known = await Promise.all(ids.map((id) => tenant.snapshot(id)));
  return ids.filter((_id, index) => known[index] === undefined);
}

describe("a source that lists newest creation first", () => {
  it("hides no incident though its pages come newest update first as well", async () => {
    const tenant = createTenant({ createdAfter: "2020-01-01T00:00:00Z" });
    tenant.parts.listPage = (page) => {
      const { window, offset } =
        "next" in page
          ? (JSON.parse(page.next, (_key, value: unknown) =>
              typeof value === "string" && value.startsWith("ticks:") ? BigInt(value.slice(6)) : value,
            ) as { window: { from: bigint; to?: bigint; top?: number }; offset: number })
          : { window: page, offset: 0 };
      const matching = [...tenant.rows.values()]
        .filter((row) => row.revision >= window.from && (window.to === undefined || row.revision <= window.to))
        .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      const size = window.top ?? 50;
      const next = JSON.stringify({ window, offset: offset + size }, (_key, value: unknown) =>
        typeof value === "bigint" ? `ticks:${value}` : value,
      );
      return Promise.resolve({
        rows: matching.slice(offset, offset + size).map((incident) => ({ kind: "incident", incident })),
        ...(offset + size < matching.length ? { next } : {}),
        count: matching.length,
        servedAt: Math.floor(tenant.clock.now() / 1_000) * 1_000,
        isPartial: false,
      });
    };
    const base = tenant.clock.now() - 30 * DAY;
    for (let index = 0; index < 300; index += 1) {
      const createdMs = base + index * HOUR;
      const revision = revisionFromMs(createdMs + 10 * MINUTE);
      tenant.change(`${1_000 + index}`, { createdAt: momentOf(revisionFromMs(createdMs)), revision });
    }
    // Created long before the others, updated in between.
    const between = revisionFromMs(base + 200 * HOUR + 30 * MINUTE);
    tenant.change("7", { createdAt: momentOf(revisionFromMs(base - DAY)), revision: between });
    await pollFor(tenant, 2 * HOUR, MINUTE);
    expect(await notRead(tenant)).toEqual([]);
  });
});

describe("a backfill that reaches into the future", () => {
  it("hides nothing of what is still to come, though its newest row cannot be listed", async () => {
    const tenant = await startGraphTenant();
    await tenant.poll();
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      await tenant.clock.advance(SECOND);
      ids.push(tenant.graph.incidents.create().id);
    }
    await tenant.poll();
    await tenant.clock.advance(20 * MINUTE);
    await tenant.poll();
    const poison = ids[9] ?? "";
    tenant.graph.unlistable.add(poison);
    const order = { since: "2026-01-01", until: "2030-01-01", isDryRun: false };
    await askBackfill(tenant.deps, tenant.deps.tenant.id, order);
    await pollFor(tenant, 30 * MINUTE, MINUTE);
    for (let index = 0; index < 5; index += 1) {
      await tenant.clock.advance(SECOND);
      tenant.graph.incidents.create();
    }
    await pollFor(tenant, 2 * MINUTE);
    expect((await tenant.lost()).filter((line) => !line.startsWith(`${poison}:`))).toEqual([]);
  });
});

describe("several rows that cannot be listed, under a narrow quota", () => {
  it("are searched for within the budget, and the others flow", async () => {
    const tenant = await startGraphTenant({ requestsPerMinute: 25, graph: { behaviour: { quotaPerMinute: 50 } } });
    tenant.graph.incidents.create();
    await tenant.poll();
    const ids: string[] = [];
    for (let index = 0; index < 50; index += 1) {
      await tenant.clock.advance(SECOND);
      ids.push(tenant.graph.incidents.create().id);
    }
    const poison = ids.filter((_id, index) => index % 7 === 3);
    for (const id of poison) tenant.graph.unlistable.add(id);
    const reports = await pollFor(tenant, 2 * HOUR, 15 * SECOND);
    expect(Math.max(...reports.map((report) => report.requests))).toBeLessThanOrEqual(50);
    expect(reports.slice(3).filter((report) => report.outcome === "failed")).toEqual([]);
    const lost = await tenant.lost();
    expect(lost.filter((line) => !poison.some((id) => line.startsWith(`${id}:`)))).toEqual([]);
  });
});

describe("429 in the middle of every walk", () => {
  it("goes on from there each time, until all is read", async () => {
    const tenant = createTenant({ requestsPerMinute: 1_000 });
    tenant.change("1");
    await tenant.poll();
    for (let index = 0; index < 400; index += 1) {
      await tenant.clock.advance(10);
      tenant.change(`${1_000 + index}`);
    }
    const list = tenant.deps.source.listPage.bind(tenant.deps.source);
    let minute = 0;
    let asked = 0;
    Object.assign(tenant.deps.source, {
      listPage: (...args: Parameters<typeof list>) => {
        const now = Math.floor(tenant.clock.now() / MINUTE);
        asked = now === minute ? asked + 1 : 1;
        minute = now;
        const retryAfterMs = MINUTE - (tenant.clock.now() % MINUTE);
        return asked > 4 ? Promise.reject(new RetryableError("throttled", "429", { retryAfterMs })) : list(...args);
      },
    });
    await pollFor(tenant, 30 * MINUTE);
    expect(await notRead(tenant)).toEqual([]);
  });
});

describe("206 that does not end", () => {
  it("lets a first run come to its end", async () => {
    const tenant = createTenant({ requestsPerMinute: 25, createdAfter: "2020-01-01T00:00:00Z" });
    for (let index = 0; index < 1_000; index += 1) {
      tenant.change(`${10_000 + index}`, { revision: revisionFromMs(tenant.clock.now() - 10 * DAY + index * SECOND) });
    }
    tenant.partial(true);
    await pollFor(tenant, HOUR, 30 * SECOND);
    expect(await notRead(tenant)).toEqual([]);
  });
});

describe("a row of lower revision", () => {
  it("is not believed where the newer one was seen again in between", () => {
    const now = Date.UTC(2026, 5, 1);
    const at = (revisionMs: number, status: string, fence: number, seenAt: number): Reading => ({
      incident: anIncident({ status, revision: revisionFromMs(revisionMs) }),
      order: { fence, counter: 1 },
      now: seenAt,
      marks: [],
    });
    let snapshot: StoredSnapshot | undefined;
    const read = (reading: Reading): void => {
      const judgement = judgeReading(snapshot, reading);
      if (judgement.kind !== "unchanged") snapshot = judgement.snapshot;
    };
    read(at(now, "awaitingAction", 1, now));
    read(at(now - 5_000, "active", 2, now + 1_000));
    read(at(now, "awaitingAction", 3, now + 30_000));
    read(at(now - 5_000, "active", 4, now + 62_000));
    expect(snapshot?.incident.status).toBe("awaitingAction");
    read(at(now - 5_000, "active", 5, now + 130_000));
    expect(snapshot?.incident.status).toBe("active");
  });
});

describe("a lease from a clock that ran ahead", () => {
  it("holds up nobody", async () => {
    const tenant = createTenant();
    await tenant.poll();
    await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now() + 10 * MINUTE, 32_000);
    expect(await tenant.poll()).toMatchObject({ outcome: "polled" });
    expect((await readPollState(tenant.tables.control, TENANT))?.state.heldUntil).toBe(0);
  });
});
