import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../../shared/errors.ts";
import { pendingApprovals } from "../../../../shared/incident/pending.ts";
import { TENANT } from "../../../build.ts";
import { type GraphTenant, startGraphTenant } from "../../../graph-tenant.ts";
import { pollFor } from "../../../poll-for.ts";
import { createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WAITING = { evidence: [{ kind: "device", name: "pc-1", remediation: "pendingApproval" }] } as const;
const DONE = { evidence: [{ kind: "device", name: "pc-1", remediation: "remediated" }] } as const;

async function approvalsOf(tenant: GraphTenant, id: string): Promise<number> {
  const incident = (await tenant.snapshot(id))?.incident;
  return incident === undefined ? Number.NaN : pendingApprovals(incident).length;
}

function detailsAsked(tenant: GraphTenant): number {
  return tenant.graph.requests.of("get incident");
}

describe("approvals, which change without a stamp of the incident", () => {
  it("are read again every five minutes while it is the customer's turn, once more when it ends, then no more", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    const alert = incidents.addAlert(id, WAITING);
    incidents.change(id, { status: "awaitingAction" });
    await tenant.poll();
    expect(await approvalsOf(tenant, id)).toBe(1);
    tenant.deltas();

    incidents.changeAlert(alert.id, DONE, { keepsStamp: true });
    const before = detailsAsked(tenant);
    await pollFor(tenant, 5 * MINUTE + 15 * SECOND);
    expect(detailsAsked(tenant) - before).toBe(1);
    expect(await approvalsOf(tenant, id)).toBe(0);
    expect(tenant.deltas()).toMatchObject([{ incidentId: id, changed: ["alerts"] }]);
    await pollFor(tenant, 30 * MINUTE, 30 * SECOND);
    expect(detailsAsked(tenant) - before).toBe(7);
    expect(tenant.deltas()).toEqual([]);

    incidents.changeAlert(alert.id, WAITING, { keepsStamp: true });
    incidents.change(id, { status: "resolved" });
    await pollFor(tenant, MINUTE);
    expect(await approvalsOf(tenant, id)).toBe(1);
    await pollFor(tenant, 6 * MINUTE);
    const ended = detailsAsked(tenant);
    await pollFor(tenant, 20 * MINUTE, MINUTE);
    expect(detailsAsked(tenant)).toBe(ended);
  });

  it("are not read again where it is nobody's turn", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ status: "inProgress" });
    const alert = incidents.addAlert(id, WAITING);
    await tenant.poll();
    incidents.changeAlert(alert.id, DONE, { keepsStamp: true });
    await pollFor(tenant, 30 * MINUTE, MINUTE);
    expect(detailsAsked(tenant)).toBe(1);
    // A touch may be a new alert: within five minutes of the last reading it waits.
    incidents.addAlert(id, WAITING);
    await pollFor(tenant, 15 * SECOND);
    expect(detailsAsked(tenant)).toBe(2);
    incidents.addAlert(id, WAITING);
    await pollFor(tenant, 4 * MINUTE);
    expect(detailsAsked(tenant)).toBe(2);
    await pollFor(tenant, 2 * MINUTE);
    expect((await tenant.snapshot(id))?.incident.alerts?.count).toBe(3);
  });
});

describe("alerts that cannot be had", () => {
  it("with their incident are read alone; where that fails too, less and less often, and the others' at once", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents, poisoned, alertless } = tenant.graph;
    const [good, alone, never] = [incidents.create().id, incidents.create().id, incidents.create().id];
    for (const id of [good, alone, never]) incidents.addAlert(id, WAITING);
    poisoned.add(alone).add(never);
    alertless.add(never);
    await tenant.poll();
    expect(await approvalsOf(tenant, good)).toBe(1);
    expect(await approvalsOf(tenant, alone)).toBe(1);
    await pollFor(tenant, 2 * HOUR, MINUTE);
    // 0, 1, 3, 7, 15, 31, 63 minutes.
    expect(tenant.graph.requests.of("alerts of incident")).toBe(1 + 7);
    expect(
      tenant.log.of("warn").filter((line) => line.message === "alerts of an incident cannot be read"),
    ).toHaveLength(7);
    expect(await tenant.lost()).toEqual([]);
    alertless.clear();
    await pollFor(tenant, HOUR, MINUTE);
    expect(await approvalsOf(tenant, never)).toBe(1);
  });

  it("for want of a permission are asked for once a day, said once a day, and hold up nothing", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    tenant.graph.faults.add({ match: "GET /v1.0/security/incidents/", kind: "status", status: 403 });
    const refusals = () => tenant.log.of("warn").filter((line) => line.fields["capability"] === "alerts").length;
    for (let hour = 0; hour < 24; hour += 1) {
      tenant.graph.incidents.create();
      const reports = await pollFor(tenant, HOUR, 15 * MINUTE);
      expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    }
    expect(refusals()).toBe(1);
    expect(tenant.graph.requests.read().byStatus["403"]).toBe(2);
    expect((await tenant.state()).refused).toMatchObject({ alerts: { status: 403 } });
    tenant.graph.faults.clear();
    await pollFor(tenant, HOUR, 15 * MINUTE);
    expect((await tenant.state()).refused).toEqual({});
    for (const { id } of tenant.graph.incidents.all()) {
      expect((await tenant.snapshot(id))?.incident.alerts).toMatchObject({ count: 0 });
    }
  });

  it("keep their last value meanwhile: not read is never none", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents, poisoned, alertless } = tenant.graph;
    const { id } = incidents.create();
    incidents.addAlert(id, WAITING);
    await tenant.poll();
    poisoned.add(id);
    alertless.add(id);
    await pollFor(tenant, 10 * MINUTE);
    incidents.change(id, { status: "resolved" });
    await pollFor(tenant, MINUTE);
    expect(await approvalsOf(tenant, id)).toBe(1);
    expect(await tenant.lost()).toEqual([]);
  });
});

describe("alerts of incidents that did not come by the list", () => {
  it.each([
    ["the survivor of a merge", ["1"]],
    ["one asked for by name", []],
  ])("(%s) are read as well", async (_name, losers) => {
    const tenant = createTenant({ experts: "only" });
    tenant.change("9", { systemTags: [], title: "Anything" });
    await tenant.poll();
    expect(await tenant.snapshot("9")).toBeUndefined();
    await tenant.clock.advance(10 * MINUTE);
    for (const id of losers) tenant.change(id, { status: "redirected", redirectIncidentId: "9" });
    await tenant.poll(losers.length === 0 ? ["9"] : []);
    await pollFor(tenant, 15 * SECOND);
    expect((await tenant.snapshot("9"))?.incident.alerts).toMatchObject({ count: 1 });
  });
});

describe("a read of alerts that lasts", () => {
  it("does not keep the next poll waiting: what is not read in a second and a half waits its turn", async () => {
    const tenant = createTenant();
    for (let id = 0; id < 12; id += 1) tenant.change(`${id}`);
    tenant.parts.details = async () => {
      await tenant.clock.advance(600);
      return {
        incident: undefined,
        alerts: { readAt: tenant.clock.now(), count: 0, rows: [], assets: [], evidence: [] },
        requests: 1,
      };
    };
    const perPoll = [await tenant.poll(), ...(await pollFor(tenant, MINUTE))].map(
      (report) => report.streams["alerts"] ?? 0,
    );
    expect(perPoll).toEqual([3, 3, 3, 3, 0]);
  });

  it("fails the poll where it meets 429, and nothing is lost by that", async () => {
    const tenant = createTenant();
    tenant.change("1");
    let isThrottled = true;
    tenant.parts.details = () => {
      if (isThrottled) return Promise.reject(new RetryableError("throttled", "429", { retryAfterMs: MINUTE }));
      const alerts = { readAt: tenant.clock.now(), count: 0, rows: [], assets: [], evidence: [] };
      return Promise.resolve({ incident: undefined, alerts, requests: 1 });
    };
    expect(await tenant.poll()).toMatchObject({ outcome: "failed" });
    expect(tenant.deltas()).toMatchObject([{ incidentId: "1" }]);
    isThrottled = false;
    await pollFor(tenant, 2 * MINUTE);
    expect((await tenant.snapshot("1"))?.incident.alerts).toBeDefined();
  });
});
void DAY;

describe("alerts of many incidents at once", () => {
  it("of a new incident are read before those of a first run's thousands", async () => {
    const tenant = createTenant({ requestsPerMinute: 25 });
    for (let id = 100; id < 700; id += 1) tenant.change(`${id}`);
    await tenant.poll();
    await pollFor({ clock: tenant.clock, poll: () => tenant.poll() }, MINUTE);
    // Its name comes after all others'.
    tenant.change("999", { createdAt: new Date(tenant.clock.now()).toISOString() });
    await pollFor({ clock: tenant.clock, poll: () => tenant.poll() }, MINUTE);
    expect((await tenant.snapshot("999"))?.incident.alerts).toMatchObject({ count: 1 });
    expect((await tenant.snapshot("699"))?.incident.alerts).toBeUndefined();
  });

  it("of a handover are read before those of hundreds of new incidents", async () => {
    const tenant = createTenant({ requestsPerMinute: 25 });
    const createdAt = new Date(tenant.clock.now()).toISOString();
    for (let id = 100; id < 800; id += 1) {
      tenant.change(`${id}`, { createdAt });
      await tenant.clock.advance(10);
    }
    await tenant.poll();
    await tenant.clock.advance(MINUTE);
    tenant.change("999", { createdAt, status: "awaitingAction" });
    await pollFor({ clock: tenant.clock, poll: () => tenant.poll() }, 30 * SECOND);
    expect((await tenant.snapshot("999"))?.incident.alerts).toMatchObject({ count: 1 });
  });

  it("of a handover are wanted no later for being touched", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "awaitingAction" });
    await tenant.poll();
    const dueAt = tenant.clock.now() + MINUTE;
    await tenant.tables.open.put(TENANT, "wants:!1", { incidentId: "1", dueAt, tries: 2 }, "any");
    await tenant.clock.advance(15 * SECOND);
    tenant.change("1");
    await tenant.poll();
    expect((await tenant.tables.open.get(TENANT, "wants:!1"))?.value).toMatchObject({ dueAt, tries: 2 });
  });

  it("are read although the first five hundred by name cannot be had for now", async () => {
    const tenant = createTenant({ requestsPerMinute: 10_000 });
    const dueAt = tenant.clock.now() + HOUR;
    for (let id = 100; id < 700; id += 1) {
      const incidentId = `${id}`;
      await tenant.tables.open.put(TENANT, `wants:${incidentId}`, { incidentId, dueAt, tries: 3 }, "any");
    }
    tenant.change("999");
    await tenant.poll();
    expect((await tenant.snapshot("999"))?.incident.alerts).toMatchObject({ count: 1 });
  });
});
