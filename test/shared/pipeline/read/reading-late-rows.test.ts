import { describe, expect, it } from "vitest";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import type { PollReport } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A tenant in which something changes before every poll, so that its cursor keeps up with the time; what changes is out of scope. */
function lively(): SourceTenant {
  const tenant = createTenant({ experts: "only" });
  const { poll } = tenant;
  tenant.poll = (ids) => {
    tenant.change("lively", { systemTags: [] });
    return poll(ids);
  };
  return tenant;
}

/** How long after a row became visible it was found; "never" where it was not within twice the time it should take. */
async function foundAfter(
  tenant: SourceTenant,
  stampAt: number,
  within: { readonly ms: number; readonly everyMs: number },
): Promise<number | "never"> {
  const from = tenant.clock.now();
  tenant.change("late", { revision: revisionFromMs(stampAt) });
  while (tenant.clock.now() - from < 2 * within.ms) {
    await pollFor(tenant, within.everyMs, within.everyMs);
    if ((await tenant.snapshot("late")) !== undefined) return tenant.clock.now() - from;
  }
  return "never";
}

function pagesOf(stream: string, reports: readonly PollReport[]): number {
  return reports.reduce((sum, report) => sum + (report.streams[stream] ?? 0), 0);
}

describe("a row that appears late", () => {
  it.each([
    { late: "5 seconds", lateMs: 5 * SECOND, withinMs: MINUTE },
    { late: "2 minutes (the overlap)", lateMs: 119 * SECOND, withinMs: MINUTE },
    { late: "10 minutes", lateMs: 10 * MINUTE, withinMs: 15 * MINUTE },
    { late: "29 minutes", lateMs: 29 * MINUTE, withinMs: 15 * MINUTE },
  ])("by $late is found in time, whenever it appears", async ({ lateMs, withinMs }) => {
    for (let moment = 0; moment < 8; moment += 2) {
      const tenant = lively();
      await tenant.poll();
      await pollFor(tenant, 14 * MINUTE + moment * 15 * SECOND);
      const after = await foundAfter(tenant, tenant.clock.now() - lateMs, { ms: withinMs, everyMs: 15 * SECOND });
      expect({ moment, after }).toEqual({ moment, after: expect.any(Number) as unknown });
      expect(after).toBeLessThanOrEqual(withinMs + 15 * SECOND);
    }
  });

  it.each([1, 12, 23.9])("by %d hours is found within a day, whenever it appears", async (lateHours) => {
    for (const moment of [0.2, 12, 23]) {
      const tenant = lively();
      await tenant.poll();
      await pollFor(tenant, DAY + moment * HOUR, 12 * MINUTE);
      const stampAt = tenant.clock.now() - lateHours * HOUR;
      const after = await foundAfter(tenant, stampAt, { ms: DAY, everyMs: 12 * MINUTE });
      expect({ moment, after }).toEqual({ moment, after: expect.any(Number) as unknown });
      expect(after).toBeLessThanOrEqual(DAY + 12 * MINUTE);
    }
  });

  it("behind a cursor that stands still, for nothing else happens, is found all the same", async () => {
    const tenant = createTenant();
    tenant.change("only");
    await tenant.poll();
    await pollFor(tenant, 5 * HOUR, 5 * MINUTE);
    const after = await foundAfter(tenant, tenant.clock.now() - 2 * HOUR, { ms: MINUTE, everyMs: 15 * SECOND });
    expect(after).toBe(15 * SECOND);
  });

  it("while nothing ran, by half an hour, is found a quarter of an hour after the start at the latest", async () => {
    const tenant = lively();
    await tenant.poll();
    await pollFor(tenant, 20 * MINUTE);
    const stampAt = tenant.clock.now() - 25 * MINUTE;
    await tenant.clock.advance(3 * HOUR);
    const after = await foundAfter(tenant, stampAt, { ms: 15 * MINUTE, everyMs: 15 * SECOND });
    expect(after).toBeLessThanOrEqual(15 * MINUTE);
  });

  it("is published once, however often its window is read again", async () => {
    const tenant = lively();
    await tenant.poll();
    await pollFor(tenant, 20 * MINUTE);
    await foundAfter(tenant, tenant.clock.now() - 5 * MINUTE, { ms: 15 * MINUTE, everyMs: 15 * SECOND });
    await pollFor(tenant, HOUR, MINUTE);
    expect(tenant.deltas().map((delta) => delta.changed.includes("status"))).toEqual([true, false]);
  });
});

describe("what is read again", () => {
  it("costs an idle tenant one request a poll, and four more an hour", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    const reports = await pollFor(tenant, HOUR);
    expect(reports.map((report) => report.streams["list"])).toEqual(reports.map(() => 1));
    expect(pagesOf("wide", reports)).toBe(4);
    expect(reports.reduce((sum, report) => sum + report.requests, 0)).toBe(reports.length + 4);
  });

  it("reaches behind the cursor once a minute", async () => {
    const tenant = createTenant();
    tenant.change("1");
    await tenant.poll();
    const cursor = tenant.clock.now();
    const behind: boolean[] = [];
    const { listPage } = tenant.deps.source;
    Object.assign(tenant.deps.source, {
      listPage: (...args: Parameters<typeof listPage>) => {
        const [page] = args;
        if ("from" in page && page.to === undefined) behind.push(page.from < revisionFromMs(cursor));
        return listPage(...args);
      },
    });
    await pollFor(tenant, 5 * MINUTE);
    // Two minutes of overlap and a minute between looks: then nothing newer came, and the live window covers it by itself.
    expect(behind.filter((isBehind) => isBehind)).toHaveLength(3);
    expect(behind).toHaveLength(20);
  });

  it("is a day once a day, in pages beside the live ones", async () => {
    const tenant = lively();
    for (let id = 0; id < 120; id += 1) {
      tenant.change(`old-${id}`, { systemTags: [], revision: revisionFromMs(tenant.clock.now() - id * MINUTE) });
    }
    await tenant.poll();
    const days = [
      await pollFor(tenant, DAY - HOUR, 10 * MINUTE),
      await pollFor(tenant, 2 * HOUR, 10 * MINUTE),
      await pollFor(tenant, 22 * HOUR, 10 * MINUTE),
      await pollFor(tenant, 2 * HOUR, 10 * MINUTE),
    ];
    expect(days.map((reports) => pagesOf("day", reports))).toEqual([0, 3, 0, 1]);
    const late = days[1]?.filter((report) => report.streams["list"] !== 1);
    expect(late).toEqual([]);
  });
});
