import { beforeAll, describe, expect, it } from "vitest";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import type { PollReport } from "../../../../shared/pipeline/detect/detect-changes.ts";
import { readPollState } from "../../../../shared/pipeline/poll-state.ts";
import { TENANT } from "../../../build.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const MINUTE = 60_000;
const ENRICHMENT = ["alerts", "tasks", "notifications", "expertsAlerts"];

function requestsOf(reports: readonly PollReport[], streams?: readonly string[]): number {
  return reports
    .flatMap((report) => Object.entries(report.streams))
    .filter(([stream]) => streams === undefined || streams.includes(stream))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** Reports of four polls each: one minute. */
function byMinute(reports: readonly PollReport[]): readonly (readonly PollReport[])[] {
  return Array.from({ length: reports.length / 4 }, (_unused, minute) => reports.slice(minute * 4, minute * 4 + 4));
}

/** An hour in which each poll finds a stage change of an incident, wants its alerts, and has history to read besides. */
async function busyHour(requestsPerMinute: number) {
  const tenant = createTenant({ requestsPerMinute, experts: "only" });
  for (let id = 0; id < 500; id += 1) {
    const revision = revisionFromMs(tenant.clock.now() - 10 * MINUTE - id * 1_000);
    tenant.change(`old-${id}`, { revision, systemTags: id % 100 === 99 ? ["Defender Experts"] : [] });
  }
  let polls = 0;
  const poll = (): Promise<PollReport> => {
    polls += 1;
    for (let id = 0; id < 3; id += 1) tenant.change(`${id}`, { status: polls % 2 === 0 ? "active" : "inProgress" });
    return tenant.poll();
  };
  return { tenant, reports: await pollFor({ clock: tenant.clock, poll }, 60 * MINUTE) };
}

describe.each([2, 4, 12])("a budget of %d requests a minute, over a busy hour", (perMinute) => {
  let tenant: SourceTenant;
  let reports: readonly PollReport[];
  beforeAll(async () => {
    ({ tenant, reports } = await busyHour(perMinute));
  });

  it("is kept: on the average, and in any minute but for what one idle minute saved up", () => {
    expect(requestsOf(reports)).toBeLessThanOrEqual(60 * (perMinute + 1));
    const minutes = byMinute(reports).map((minute) => requestsOf(minute));
    // A poll that has begun reads a page of each kind, whatever is left: the next ones make up for it.
    expect(Math.max(...minutes)).toBeLessThanOrEqual(2 * perMinute + 3);
    for (let first = 0; first + 10 <= minutes.length; first += 1) {
      const ten = minutes.slice(first, first + 10).reduce((sum, count) => sum + count, 0);
      expect(ten).toBeLessThanOrEqual(11 * perMinute + 3);
    }
  });

  it("leaves at most 40 % to what is read beside the lists", () => {
    const spent = requestsOf(reports, ENRICHMENT);
    expect(spent).toBeGreaterThan(0.2 * 60 * perMinute);
    expect(spent).toBeLessThanOrEqual(0.4 * 61 * perMinute + 1);
  });

  it("skips polls when it is spent, and never fails one; each poll begins with the live changes", () => {
    expect(new Set(reports.map((report) => report.outcome)).has("failed")).toBe(false);
    const paused = reports.filter((report) => report.outcome === "paused");
    expect(requestsOf(paused)).toBe(0);
    expect(paused.length).toBeGreaterThan(perMinute < 12 ? 60 : -1);
    const polled = reports.filter((report) => report.outcome === "polled");
    for (const report of polled) expect(report.streams["list"]).toBeGreaterThan(0);
  });

  it("still lets history be read to its end, and the wider windows after it", async () => {
    expect((await readPollState(tenant.tables.control, TENANT))?.state.unread).toEqual([]);
    for (const id of ["old-99", "old-299", "old-499"]) expect(await tenant.snapshot(id)).toBeDefined();
    expect(requestsOf(reports, ["wide"])).toBeGreaterThanOrEqual(3);
  });
});

describe("a budget", () => {
  it("lets a tenant that was idle read a thousand changes at once, as far as a minute's worth was saved up", async () => {
    const tenant = createTenant({ requestsPerMinute: 25, experts: "only" });
    await tenant.poll();
    await pollFor(tenant, 10 * MINUTE);
    for (let id = 0; id < 1_000; id += 1) tenant.change(`${id}`, { systemTags: [] });
    await tenant.clock.advance(15_000);
    expect(requestsOf([await tenant.poll()])).toBeLessThanOrEqual(25);
    expect((await readPollState(tenant.tables.control, TENANT))?.state.unread).toEqual([]);
  });

  it("takes at most one request of each kind for live changes, history and alerts where only one is left", async () => {
    const tenant = createTenant({ requestsPerMinute: 4 });
    for (let id = 0; id < 400; id += 1) tenant.change(`${id}`);
    await tenant.poll();
    const reports = await pollFor(tenant, 5 * MINUTE);
    const polled = reports.filter((report) => report.outcome === "polled");
    expect(polled.length).toBeGreaterThan(3);
    for (const report of polled) expect(report.requests).toBeLessThanOrEqual(4);
  });
});
