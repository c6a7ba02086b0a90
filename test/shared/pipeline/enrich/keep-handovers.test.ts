import { describe, expect, it } from "vitest";
import type { IncidentId, Task } from "../../../../shared/incident/incident.ts";
import { pendingApprovals } from "../../../../shared/incident/pending.ts";
import { changePollState } from "../../../../shared/pipeline/poll-state.ts";
import { type GraphTenant, startGraphTenant } from "../../../graph-tenant.ts";
import { pollFor } from "../../../poll-for.ts";
import { type SourceTenant, createTenant } from "../../../source-tenant.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function lists(tenant: GraphTenant): number {
  return tenant.graph.requests.of("list tasks");
}

async function tasksOf(
  tenant: GraphTenant | SourceTenant,
  id: string,
): Promise<readonly (readonly [string, string])[]> {
  const rows = (await tenant.snapshot(id))?.incident.tasks?.rows ?? [];
  return rows.map(({ title, status }) => [title, status] as const);
}

/** A tenant with a handover that was read. */
async function withHandover() {
  const tenant = await startGraphTenant({ withAlerts: true });
  const { id } = tenant.graph.incidents.create({ status: "awaitingAction" });
  const task = tenant.graph.tasks.add(id, { displayName: "Isolate pc-1" });
  await tenant.poll();
  await pollFor(tenant, MINUTE);
  expect(await tasksOf(tenant, id)).toEqual([["Isolate pc-1", "open"]]);
  tenant.deltas();
  return { tenant, id, task };
}

describe("the experts' tasks", () => {
  it("are listed once a minute while it is the customer's turn anywhere, in one request for all, and not otherwise", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents, tasks } = tenant.graph;
    const ids = Array.from({ length: 5 }, () => incidents.create().id);
    for (const id of ids) tasks.add(id, { displayName: `of ${id}` });
    await tenant.poll();
    await pollFor(tenant, 5 * MINUTE);
    expect(lists(tenant)).toBe(0);
    for (const id of ids.slice(0, 3)) incidents.change(id, { status: "awaitingAction" });
    await pollFor(tenant, 10 * MINUTE);
    expect(lists(tenant)).toBeGreaterThanOrEqual(10);
    expect(lists(tenant)).toBeLessThanOrEqual(11);
    for (const id of ids.slice(0, 3)) expect(await tasksOf(tenant, id)).toEqual([[`of ${id}`, "open"]]);
    expect((await tenant.snapshot(ids[4] ?? ""))?.incident.tasks).toBeUndefined();
  });

  it("are compared on our side: only the one that changed is published", async () => {
    const { tenant, id, task } = await withHandover();
    const other = tenant.graph.incidents.create({ status: "awaitingAction" }).id;
    tenant.graph.tasks.add(other);
    await pollFor(tenant, 2 * MINUTE);
    tenant.deltas();
    tenant.graph.tasks.setStatus(task.id, "completed", "kai@contoso.com");
    await pollFor(tenant, 10 * MINUTE);
    expect(tenant.deltas()).toMatchObject([{ incidentId: id, changed: ["tasks"] }]);
    expect(await tasksOf(tenant, id)).toEqual([["Isolate pc-1", "completed"]]);
  });

  it("are compared once more after the handover has ended, then no more", async () => {
    const { tenant, id, task } = await withHandover();
    tenant.graph.tasks.setStatus(task.id, "completed", "kai@contoso.com");
    tenant.graph.incidents.change(id, { status: "inProgress" });
    await pollFor(tenant, 2 * MINUTE);
    expect(await tasksOf(tenant, id)).toEqual([["Isolate pc-1", "completed"]]);
    const before = lists(tenant);
    await pollFor(tenant, 20 * MINUTE, MINUTE);
    expect(lists(tenant)).toBe(before);
    expect(await tenant.tables.open.get(tenant.deps.tenant.id, `handover:${id}`)).toBeUndefined();
  });

  it.each(["no request to spare", "a list that failed"])(
    "are compared after the end also with %s at first",
    async (trouble) => {
      const { tenant, id, task } = await withHandover();
      const { control } = tenant.tables;
      tenant.graph.tasks.setStatus(task.id, "completed", "kai@contoso.com");
      tenant.graph.incidents.change(id, { status: "resolved" });
      for (let minutes = 0; minutes < 3; minutes += 1) {
        if (trouble === "a list that failed") {
          tenant.graph.faults.add({ match: "GET /beta", kind: "status", status: 500, times: 1 });
        } else {
          await changePollState(control, tenant.deps.tenant.id, (state) => ({
            ...state,
            enrichment: { left: -1_000, at: tenant.clock.now() + MINUTE },
          }));
        }
        await pollFor(tenant, MINUTE);
      }
      expect(await tasksOf(tenant, id)).toEqual([["Isolate pc-1", "open"]]);
      await pollFor(tenant, 4 * MINUTE);
      expect(await tasksOf(tenant, id)).toEqual([["Isolate pc-1", "completed"]]);
      expect(await tenant.lost()).toEqual([]);
    },
  );

  it("that cannot be listed hold up neither polls nor approvals", async () => {
    const tenant = await startGraphTenant({ withAlerts: true });
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ status: "awaitingAction" });
    const waiting = { evidence: [{ kind: "device", name: "pc-1", remediation: "pendingApproval" }] } as const;
    const alert = incidents.addAlert(id, { evidence: [] });
    tenant.graph.faults.add({ match: "GET /beta/security/incidentTasks", kind: "status", status: 500 });
    const reports = [await tenant.poll(), ...(await pollFor(tenant, 10 * MINUTE))];
    expect(new Set(reports.map((report) => report.outcome))).toEqual(new Set(["polled"]));
    incidents.changeAlert(alert.id, waiting, { keepsStamp: true });
    await pollFor(tenant, 6 * MINUTE);
    const incident = (await tenant.snapshot(id))?.incident;
    expect(pendingApprovals(incident ?? {})).toHaveLength(1);
    tenant.graph.faults.clear();
    tenant.graph.tasks.add(id, { displayName: "now" });
    await pollFor(tenant, 2 * MINUTE);
    expect(await tasksOf(tenant, id)).toEqual([["now", "open"]]);
  });

  it.each([
    ["403", "forbidden", 0],
    ["404", "absent", 0],
    ["400", "open", 400],
  ] as const)(
    "are off where the answer is %s: said once, asked for once a day",
    async (_name, incidentTasks, fault) => {
      const tenant = await startGraphTenant({ withAlerts: true });
      tenant.graph.behaviour.incidentTasks = incidentTasks;
      if (fault !== 0)
        tenant.graph.faults.add({ match: "GET /beta/security/incidentTasks", kind: "status", status: fault });
      const { id } = tenant.graph.incidents.create({ status: "awaitingAction" });
      tenant.graph.tasks.add(id);
      await tenant.poll();
      await pollFor(tenant, 23 * HOUR, HOUR);
      // A refused order is tried without one, once.
      expect(lists(tenant)).toBe(fault === 400 ? 2 : 1);
      expect(tenant.log.of("warn").filter((line) => line.fields["capability"] === "tasks")).toHaveLength(1);
      tenant.graph.behaviour.incidentTasks = "open";
      tenant.graph.faults.clear();
      await pollFor(tenant, 2 * HOUR, HOUR);
      expect(await tasksOf(tenant, id)).toHaveLength(1);
      expect((await tenant.state()).refused).toEqual({});
    },
  );
});

describe("a task that is missing from a list", () => {
  const task = (id: string, fields: Partial<Task> = {}): Task => ({
    id,
    title: id,
    description: "",
    status: "open",
    actionStatus: "",
    actionType: "",
    source: "",
    target: "",
    createdAt: `2026-06-01T00:00:0${id}Z`,
    updatedAt: "",
    updatedBy: "",
    ...fields,
  });

  it.each([
    [
      "that is not all of them keeps its last state",
      false,
      [
        ["1", "inProgress"],
        ["2", "completed"],
      ],
    ],
    ["of all of them is gone", true, [["2", "completed"]]],
  ] as const)("%s", async (_name, isComplete, expected) => {
    const tenant = createTenant();
    tenant.change("7", { status: "awaitingAction" });
    const list = (...tasks: readonly Task[]) => tasks.map((item) => ({ incidentId: "7" as IncidentId, task: item }));
    let rows = list(task("1", { status: "inProgress" }), task("2"));
    tenant.parts.tasks = () => Promise.resolve({ readAt: tenant.clock.now(), rows, isComplete });
    await tenant.poll();
    rows = list(task("2", { status: "completed" }));
    await pollFor(tenant, 2 * MINUTE);
    expect(await tasksOf(tenant, "7")).toEqual(expected);
  });

  it("is one of fifty at the most, their descriptions cut to what a row holds", async () => {
    const tenant = createTenant();
    tenant.change("7", { status: "awaitingAction" });
    const rows = Array.from({ length: 80 }, (_unused, index) => ({
      incidentId: "7" as IncidentId,
      task: task(`${index}`, { description: "x".repeat(2_000), createdAt: `2026-06-01T00:00:${index + 10}Z` }),
    }));
    tenant.parts.tasks = () => Promise.resolve({ readAt: tenant.clock.now(), rows, isComplete: true });
    await tenant.poll();
    const kept = (await tenant.snapshot("7"))?.incident.tasks?.rows ?? [];
    expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_unused, index) => `${index + 30}`));
    expect(kept.reduce((sum, { description }) => sum + description.length, 0)).toBe(40_000);
  });
});
