import { describe, expect, it } from "vitest";
import { type Health, healthOf } from "../../shared/pipeline/overview/health.ts";
import type { PollReport } from "../../shared/pipeline/detect/detect-changes.ts";
import { readGate } from "../../shared/pipeline/graph-gate.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import type { GraphTenant } from "../graph-tenant.ts";
import { pollFor } from "../poll-for.ts";
import { createMany, withNews } from "./news.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIST = "GET /v1.0/security/incidents";

/** Does this once, when the given page of a walk was put together. */
function onceAfterPage(tenant: GraphTenant, page: number, act: () => void): void {
  let pages = 0;
  tenant.graph.onPage(() => {
    pages += 1;
    if (pages === page) act();
  });
}

function outcomes(reports: readonly PollReport[]): ReadonlySet<string> {
  return new Set(reports.map((report) => report.outcome));
}

async function health(tenant: GraphTenant): Promise<Health> {
  const { id } = tenant.deps.tenant;
  const tenants = [{ id, name: "Contoso", portalUrl: "" }];
  const { tables, clock } = tenant.deps;
  return healthOf(
    await readOverview({ tables, clock, isDemo: false, pollIntervalMs: 15_000, tenants, connectors: [] }),
  );
}

describe("intake: poll, what the source answers", () => {
  it.each([
    { told: "in seconds", pauseMs: 40 * SECOND },
    { told: "as a date", pauseMs: 38 * SECOND },
    { told: "not at all", pauseMs: 5 * SECOND },
  ])(
    "row 1: 429 on the third page, its delay told $told, is waited for by every caller; the walk is resumed",
    async (each) => {
      const { tenant } = await withNews(180);
      onceAfterPage(tenant, 2, () => {
        const fault = { match: LIST, kind: "status", status: 429, times: 1 } as const;
        const date = new Date(tenant.clock.now() + 40 * SECOND).toUTCString();
        if (each.told === "not at all") tenant.graph.faults.add(fault);
        else tenant.graph.faults.add({ ...fault, retryAfter: each.told === "in seconds" ? 40 : date });
      });
      expect(await tenant.poll()).toMatchObject({ outcome: "failed", streams: { list: 3 } });
      // What was not reached is kept as a window: reading goes on at that page.
      const [rest] = (await tenant.state()).unread;
      const { notBefore } = await readGate(tenant.tables.control, tenant.deps.tenant.id);
      expect(notBefore - tenant.clock.now()).toBeGreaterThanOrEqual(each.pauseMs);
      const before = tenant.graph.requests.read().total;
      await pollFor(tenant, each.pauseMs - SECOND, SECOND);
      expect(tenant.graph.requests.read().total).toBe(before);
      expect((await tenant.state()).unread).toContainEqual(rest);
      const reports = await pollFor(tenant, 30 * SECOND);
      expect(reports.reduce((sum, { streams }) => sum + (streams["history"] ?? 0), 0)).toBeLessThanOrEqual(3);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it("row 2: 429 for an hour costs at most a request a minute, shows in health, and loses nothing", async () => {
    const { tenant } = await withNews(3);
    tenant.graph.faults.add({ kind: "status", status: 429 });
    await pollFor(tenant, 2 * MINUTE);
    const before = tenant.graph.requests.read().total;
    for (let minute = 0; minute < 60; minute += 1) {
      tenant.graph.incidents.create();
      await pollFor(tenant, MINUTE);
    }
    expect(tenant.graph.requests.read().total - before).toBeLessThanOrEqual(60);
    expect(await health(tenant)).toMatchObject({
      status: "failing",
      tenants: [{ problems: [/throttled/, /ago/].map((text) => expect.stringMatching(text) as unknown) }],
    });
    tenant.graph.faults.clear();
    await pollFor(tenant, 90 * SECOND);
    expect(await tenant.lost()).toEqual([]);
    expect(await health(tenant)).toMatchObject({ status: "ok" });
  });

  it.each([500, 502, 503, 504])(
    "row 3: %d on the third of five pages keeps what came and moves no watermark",
    async (status) => {
      const { tenant } = await withNews(230);
      const { cursor } = await tenant.state();
      onceAfterPage(tenant, 2, () => tenant.graph.faults.add({ match: LIST, kind: "status", status, times: 3 }));
      expect(outcomes([await tenant.poll(), ...(await pollFor(tenant, 30 * SECOND))])).toEqual(new Set(["failed"]));
      expect((await tenant.state()).cursor).toBe(cursor);
      expect(new Set(tenant.deltas().map((delta) => delta.incidentId)).size).toBe(100);
      await pollFor(tenant, 15 * SECOND);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it("row 4: an incident whose alerts fail for good, and one that no list can show, are set aside; the others flow", async () => {
    const { tenant, ids } = await withNews(50, { withAlerts: true });
    const [withoutAlerts = "", unlistable = ""] = [ids[10], ids[30]];
    for (const id of ids) tenant.graph.incidents.addAlert(id);
    tenant.graph.poisoned.add(withoutAlerts);
    tenant.graph.alertless.add(withoutAlerts);
    tenant.graph.unlistable.add(unlistable);
    await pollFor(tenant, 45 * SECOND);
    const [isolated] = await pollFor(tenant, 15 * SECOND);
    expect(isolated?.streams["list"]).toBeLessThanOrEqual(2 * Math.log2(50) + 3);
    await pollFor(tenant, MINUTE);
    expect(await tenant.lost()).toEqual([`${unlistable}: not read`]);
    expect(await tenant.tables.parked.range(tenant.deps.tenant.id)).toHaveLength(1);
    expect(await tenant.tables.open.get(tenant.deps.tenant.id, `wants:$${withoutAlerts}`)).toBeDefined();
    for (const id of ids.filter((other) => other !== withoutAlerts && other !== unlistable)) {
      expect((await tenant.snapshot(id))?.incident.alerts?.count).toBe(1);
    }
    tenant.graph.unlistable.clear();
    await pollFor(tenant, 70 * MINUTE, 5 * MINUTE);
    expect(await tenant.lost()).toEqual([]);
    expect(await tenant.tables.parked.range(tenant.deps.tenant.id)).toEqual([]);
  });

  it("row 5: 206 with a Warning is used, told, and read again: rows that were missing are found", async () => {
    const { tenant } = await withNews(5);
    tenant.graph.behaviour.answer = "partial";
    const held = tenant.graph.incidents.create({}, { visibleAfterMs: 4 * MINUTE }).id;
    await createMany(tenant, 60);
    await pollFor(tenant, 3 * MINUTE);
    expect(await tenant.lost()).toEqual([`${held}: not read`]);
    expect((await tenant.state()).lastError).toMatch(/in part/);
    await pollFor(tenant, MINUTE + 15 * SECOND);
    expect(await tenant.lost()).toEqual([]);
    tenant.graph.behaviour.answer = "normal";
    await pollFor(tenant, 15 * SECOND);
    expect((await tenant.state()).lastError).toBe("");
  });
});
