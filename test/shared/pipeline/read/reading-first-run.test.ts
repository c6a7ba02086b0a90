import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../../shared/errors.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { detectChanges } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { readPollState } from "../../../../shared/pipeline/poll-state.ts";
import type { NextPage, SourcePage, Window } from "../../../../shared/pipeline/ports/source.ts";
import { TENANT } from "../../../build.ts";
import { mortalDeps } from "../../../mortal-deps.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const MINUTE = 60_000;
const signal = new AbortController().signal;

interface Served {
  readonly ids: Set<string>;
  pages: number;
}

/** A tenant of many incidents, one in ten of the experts', whose source takes 100 ms a page. */
function largeTenant(count = 5_000, requestsPerMinute = 1_000): { tenant: SourceTenant; served: Served } {
  const tenant = createTenant({ requestsPerMinute, experts: "only" });
  const { clock } = tenant;
  for (let id = 0; id < count; id += 1) {
    const revision = revisionFromMs(clock.now() - MINUTE - id * MINUTE);
    tenant.change(`${id}`, { revision, systemTags: id % 10 === 0 ? ["Defender Experts"] : [] });
  }
  const served: Served = { ids: new Set(), pages: 0 };
  const { listPage } = tenant.deps.source;
  Object.assign(tenant.deps.source, {
    async listPage(page: Window | NextPage, abort: AbortSignal): Promise<SourcePage> {
      await clock.advance(100);
      const answer = await listPage(page, abort);
      served.pages += 1;
      for (const row of answer.rows) if (row.kind === "incident") served.ids.add(row.incident.id);
      return answer;
    },
  });
  return { tenant, served };
}

/** Which of them no page ever held. */
function unserved(served: Served, count = 5_000): readonly string[] {
  return Array.from({ length: count }, (_unused, id) => `${id}`).filter((id) => !served.ids.has(id));
}

async function unreadOf(tenant: SourceTenant) {
  return (await readPollState(tenant.tables.control, TENANT))?.state.unread ?? [];
}

async function openIncidents(tenant: SourceTenant): Promise<number> {
  return (await tenant.tables.open.range(TENANT, { from: "incident:", to: "incident;" })).length;
}

describe("a first run on 5,000 incidents", () => {
  it("goes in bounded batches, newest first, while live changes come before all of it", async () => {
    const { tenant, served } = largeTenant();
    const startedAt = tenant.clock.now();
    expect(await tenant.poll()).toMatchObject({ outcome: "polled", streams: { list: 1 } });
    let polls = 1;
    while ((await unreadOf(tenant)).length > 0) {
      expect(tenant.clock.now() - startedAt).toBeLessThanOrEqual(polls * 2_500);
      polls += 1;
      tenant.deltas();
      tenant.change(`live-${polls}`);
      await tenant.poll();
      expect(tenant.deltas()[0]).toMatchObject({ incidentId: `live-${polls}` });
    }
    expect(polls).toBeGreaterThan(4);
    expect(polls).toBeLessThan(12);
    expect(unserved(served)).toEqual([]);
    expect(await openIncidents(tenant)).toBe(500 + polls - 1);
    // Pages of history share a row at their edge; one page of live changes a poll.
    expect(served.pages).toBeLessThanOrEqual(Math.ceil(5_000 / 49) + 1 + polls);
  });

  it("keeps to its budget, a page of history at each poll at the least", async () => {
    const { tenant, served } = largeTenant(2_500, 10);
    await tenant.poll();
    const reports = await pollFor(tenant, 10 * MINUTE);
    expect(served.pages).toBeLessThanOrEqual(11 * 10);
    const polled = reports.filter((report) => report.outcome === "polled");
    for (const report of polled) expect(report.streams["history"]).toBeGreaterThanOrEqual(1);
  });

  it("goes on where it was after each of 20 kills, and reads hardly a page twice", async () => {
    const { tenant, served } = largeTenant();
    for (let kill = 1; kill <= 20; kill += 1) {
      // Anywhere from the first call of a poll to the middle of its batch.
      const dying = mortalDeps(tenant.deps, { calls: 0, diesAt: 3 + ((kill * 7_919) % 400) });
      await expect(detectChanges(dying, [], signal)).rejects.toThrow("killed");
      await tenant.clock.advance(tenant.deps.leaseMs);
    }
    while ((await unreadOf(tenant)).length > 0 || (await openIncidents(tenant)) === 0) {
      await tenant.poll();
      await tenant.clock.advance(1_000);
    }
    expect(await openIncidents(tenant)).toBe(500);
    expect(unserved(served)).toEqual([]);
    expect(served.pages).toBeLessThanOrEqual(100 + 20 * 2 + 20);
    const published = new Set(tenant.deltas().map((delta) => delta.incidentId));
    expect(published.size).toBe(500);
  });
});

describe("a window of history that fails", () => {
  it("stops neither live changes nor the rest of history, and is tried less and less often until it can be read", async () => {
    const { tenant, served } = largeTenant(1_500);
    const failsIn = revisionFromMs(tenant.clock.now() - 1_000 * MINUTE);
    let isFailing = true;
    const triedAt: number[] = [];
    const { listPage } = tenant.deps.source;
    Object.assign(tenant.deps.source, {
      listPage(page: Window | NextPage, abort: AbortSignal): Promise<SourcePage> {
        const isIn = "from" in page && page.to !== undefined && page.from <= failsIn && page.to >= failsIn;
        // Only the page that would reach the bad moment: fifty rows, a minute apart.
        if (!isFailing || !isIn || (page.to ?? 0n) > failsIn + 50n * 600_000_000n) return listPage(page, abort);
        triedAt.push(tenant.clock.now());
        return Promise.reject(new RetryableError("unavailable", "503"));
      },
    });
    await tenant.poll();
    const reports = await pollFor(tenant, 6 * MINUTE);
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    tenant.deltas();
    tenant.change("live");
    await tenant.poll();
    expect(tenant.deltas()[0]).toMatchObject({ incidentId: "live" });
    expect(await unreadOf(tenant)).toMatchObject([{ stream: "history", tries: 3 }]);
    const pauses = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(pauses).toHaveLength(2);
    for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(MINUTE * 2 ** index);
    isFailing = false;
    await pollFor(tenant, 20 * MINUTE);
    expect(await unreadOf(tenant)).toEqual([]);
    expect(unserved(served, 1_500)).toEqual([]);
  });
});
