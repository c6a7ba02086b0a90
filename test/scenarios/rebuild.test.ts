import { afterEach, describe, expect, it } from "vitest";
import type { ConnectorId, TicketConnector } from "../../shared/connectors/connector.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import { handleDelta } from "../../shared/pipeline/lane/handle-delta.ts";
import { handlePollMessage } from "../../shared/pipeline/handle-poll-request.ts";
import { operateRebuild, tellRebuild } from "../../shared/pipeline/operate/operate-rebuild.ts";
import { dropParked, listParked } from "../../shared/pipeline/park/parked-work.ts";
import { OPERATIONS } from "../../shared/pipeline/operate/operate.ts";
import { readRebuild, requestLostRebuilds } from "../../shared/pipeline/repair/rebuild.ts";
import { rebuildStep } from "../../shared/pipeline/repair/rebuild-step.ts";
import { type InProcess, configOf, startInProcess } from "../in-process.ts";
import { ticketsOf } from "../tickets-of.ts";

const ITSM = "itsm" as ConnectorId;
const SINCE = "2020-01-01";

let rig: InProcess | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

function tenantOf(running: InProcess): TenantId {
  return running.tenant.graph.tenantId as TenantId;
}

async function order(running: InProcess, changes: object = {}) {
  const text = JSON.stringify({ connector: "itsm", since: SINCE, reason: "a test", ...changes });
  const { status, body } = await operateRebuild(running.composition, text);
  return { status, body: body as Record<string, unknown> };
}

/** A rebuild from its beginning to its end, with all that it sends. */
async function rebuilt(running: InProcess, changes: object = {}) {
  expect(await order(running, changes)).toMatchObject({ status: 202 });
  for (let looks = 0; looks < 60; looks += 1) {
    await running.bus.idle(1_500);
    const { rebuilds } = await tellRebuild(running.composition, { connector: "itsm" });
    if (rebuilds[0]?.rebuild.finishedAt !== null) return rebuilds[0]?.rebuild.counts;
  }
  throw new Error("the rebuild does not end");
}

/** Steps a minute apart, with nothing but what they send. */
async function stepped(running: InProcess, steps: number): Promise<void> {
  running.bus.on("poll-requests", () => Promise.resolve());
  const deps = await running.composition.detectDeps(tenantOf(running));
  for (let step = 1; step <= steps; step += 1) {
    await rebuildStep({ ...deps, clock: { ...deps.clock, now: () => Date.now() + step * 65_000 } }, ITSM);
    await running.bus.idle(0);
  }
}

/** Another configuration of the mapping from now on, as after a restart. */
async function changeMapping(running: InProcess): Promise<void> {
  const connector = await ticketsOf(running.composition, ITSM);
  const { wanted } = { ...connector } satisfies TicketConnector;
  Object.assign(connector, {
    wanted: (...args: Parameters<TicketConnector["wanted"]>) => {
      const before = wanted(...args);
      return { ...before, fields: { ...before.fields, values: { ...before.fields.values, category: "security" } } };
    },
  });
}

/** Writes at the tool so far. */
function writes({ tenant }: InProcess): number {
  return Object.entries(tenant.serviceNow.requests.read().byKind)
    .filter(([kind]) => /create|change/.test(kind))
    .reduce((sum, [, count]) => sum + count, 0);
}

describe("a rebuild", { timeout: 120_000 }, () => {
  it("rolls a changed mapping out to one connector alone, and writes nothing the second time", async () => {
    const running = (rig = await startInProcess());
    const { incidents } = running.tenant.graph;
    const ids = Array.from({ length: 3 }, () => incidents.create({ status: "inProgress" }).id);
    incidents.comment(ids[0] ?? "", "Defender Experts", "once is enough");
    await running.poll();
    await changeMapping(running);
    const before = writes(running);
    const sentinel = running.tenant.sentinel.requests.read().total;
    expect(before).toBeGreaterThan(0);

    const dry = await order(running, { dryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { checked: 3, tenants: [tenantOf(running)] } });
    expect(dry.body["incidents"]).toHaveLength(3);
    expect(JSON.stringify(dry.body)).toContain('"field":"category"');
    expect(writes(running)).toBe(before);

    expect(await rebuilt(running)).toEqual({ sent: 3, done: 3, parked: 0, unrouted: 0 });
    expect(writes(running)).toBe(before + 3);
    for (const id of ids) expect(running.records(id)).toMatchObject([{ category: "security" }]);
    expect(running.tenant.sentinel.requests.read().total).toBe(sentinel);

    expect(await rebuilt(running)).toEqual({ sent: 3, done: 3, parked: 0, unrouted: 0 });
    expect(writes(running)).toBe(before + 3);
    expect(running.workNotes(ids[0] ?? "").split("once is enough")).toHaveLength(2);
    expect((await order(running, { dryRun: true })).body["incidents"]).toEqual([]);
    const kept = await running.tables.control.range(OPERATIONS, {});
    expect(kept.map(({ value }) => value)).toMatchObject([
      { operation: "rebuild", order: { reason: "a test" } },
      { operation: "rebuild" },
    ]);
  });

  it("fills a new tool with what changed since, but not what its route does not want", async () => {
    const running = (rig = await startInProcess((tenant) => {
      const connectors = configOf(tenant)["connectors"] as readonly object[];
      return {
        connectors: connectors.map((one, at) => (at === 0 ? { ...one, route: { severities: ["high"] } } : one)),
      };
    }));
    const { incidents } = running.tenant.graph;
    running.bus.on("incident-deltas-itsm", () => Promise.resolve());
    const wanted = incidents.create({ severity: "high", status: "resolved", classification: "falsePositive" });
    const other = incidents.create({ severity: "low" });
    await running.poll();
    expect(running.records(wanted.id)).toEqual([]);
    running.bus.on("incident-deltas-itsm", (body) => handleDelta(running.composition, ITSM, body, Date.now()));
    expect(await rebuilt(running, { since: "2999-01-01" })).toEqual({ sent: 0, done: 0, parked: 0, unrouted: 0 });
    expect(await rebuilt(running)).toEqual({ sent: 1, done: 1, parked: 0, unrouted: 1 });
    expect(running.records(wanted.id)).toMatchObject([{ state: "6" }]);
    expect(running.records(other.id)).toEqual([]);
  });

  it("waits while the tool is away, and what has to wait is still compared anew", async () => {
    const running = (rig = await startInProcess());
    const { id } = running.tenant.graph.incidents.create({ status: "inProgress" });
    await running.poll();
    await changeMapping(running);
    running.tenant.serviceNow.faults.add({ match: "/", kind: "status", status: 429, times: 2 });
    expect(await order(running)).toMatchObject({ status: 202 });
    await running.bus.idle(0);
    await expect.poll(() => running.link(id, "itsm")).toMatchObject({ pending: expect.anything() });
    expect(await order(running, { since: "2021-01-01" })).toMatchObject({ status: 409 });
    await running.bus.idle(12_000);
    await running.bus.idle(12_000);
    expect(running.records(id)).toMatchObject([{ category: "security" }]);
    const { rebuilds } = await tellRebuild(running.composition, {});
    expect(rebuilds).toMatchObject([{ rebuild: { onTheirWay: 0, counts: { sent: 1, done: 1 } } }]);
  });

  it("sends no more before what it sent has arrived, and goes on after a kill where it was", async () => {
    const running = (rig = await startInProcess());
    const { incidents } = running.tenant.graph;
    for (let at = 0; at < 120; at += 1) incidents.create({ status: "inProgress" });
    await running.poll();
    await running.poll();
    await changeMapping(running);
    const before = writes(running);
    const held: unknown[] = [];
    running.bus.on("incident-deltas-itsm", (body) => Promise.resolve(void held.push(body)));
    running.bus.on("poll-requests", () => Promise.resolve());
    expect(await order(running)).toMatchObject({ status: 202 });
    const deps = await running.composition.detectDeps(tenantOf(running));
    let shiftMs = 0;
    const later = { ...deps, clock: { ...deps.clock, now: () => Date.now() + shiftMs } };
    for (let step = 0; step < 5; step += 1) {
      await rebuildStep(later, ITSM);
      await running.bus.idle(0);
      shiftMs += 1_100;
    }
    expect(held).toHaveLength(50);
    // The process dies in the middle of a step: nothing is asked for until the timer looks.
    const state = await readRebuild(running.tables.control, tenantOf(running), ITSM);
    expect(state?.state).toMatchObject({ batch: expect.any(Array), counts: { sent: 50, done: 0 } });
    running.bus.on("incident-deltas-itsm", (body) => handleDelta(running.composition, ITSM, body, Date.now()));
    for (const body of held) await handleDelta(running.composition, ITSM, body, Date.now());
    running.bus.on("poll-requests", (body) => handlePollMessage(running.composition, body, Date.now()));
    const { clock, random, bus, tables } = running.composition;
    const timer = { tables, bus, random, tenants: [tenantOf(running)] };
    await requestLostRebuilds({ ...timer, clock });
    await requestLostRebuilds({ ...timer, clock: { ...clock, now: () => Date.now() + 120_000 } });
    for (let looks = 0; looks < 60; looks += 1) {
      await running.bus.idle(7_000);
      const { rebuilds } = await tellRebuild(running.composition, {});
      if (rebuilds[0]?.rebuild.finishedAt !== null) break;
    }
    expect((await tellRebuild(running.composition, {})).rebuilds).toMatchObject([
      { rebuild: { counts: { sent: 120, done: 120, parked: 0 } } },
    ]);
    expect(writes(running)).toBe(before + 120);
  });

  it.each(["let be", "dropped"])("ends where a ticket was deleted and its work is %s", async (decision) => {
    const running = (rig = await startInProcess());
    const { incidents } = running.tenant.graph;
    const { id } = incidents.create({ status: "inProgress" });
    incidents.create({ status: "inProgress" });
    await running.poll();
    running.tenant.serviceNow.tickets.delete(running.records(id)[0]?.["sys_id"] ?? "");
    incidents.change(id, { severity: "low" });
    await running.poll();
    expect(await running.link(id, "itsm")).toMatchObject({ detached: expect.anything() });
    if (decision === "dropped") {
      const [work] = await listParked(running.composition, {});
      if (work !== undefined) await dropParked(running.composition, work, "not wanted");
    }
    expect(await order(running)).toMatchObject({ status: 202 });
    await stepped(running, 4);
    expect((await tellRebuild(running.composition, {})).rebuilds).toMatchObject([
      { rebuild: { finishedAt: expect.any(Number), counts: { sent: 2, done: 1, parked: 1 } } },
    ]);
    expect(running.records(id)).toEqual([]);
    expect(await order(running, { since: "2021-01-01" })).toMatchObject({ status: 202 });
  });

  it.each([
    ["link:itsm", { sent: 3, done: 2, parked: 1, unrouted: 0 }],
    ["link:sentinel", { sent: 3, done: 3, parked: 0, unrouted: 0 }],
    ["snapshot", { sent: 2, done: 2, parked: 1, unrouted: 0 }],
  ])("ends where the row %s of an incident cannot be read", async (row, counts) => {
    const running = (rig = await startInProcess());
    const ids = Array.from({ length: 3 }, () => running.tenant.graph.incidents.create({ status: "inProgress" }).id);
    await running.poll();
    await running.tables.incident.put(`${tenantOf(running)}:${ids[1] ?? ""}`, row, { v: 99 }, "any");
    const { body } = await order(running, { dryRun: true });
    expect(JSON.stringify(body).includes("another version")).toBe(row !== "link:sentinel");
    expect(await order(running)).toMatchObject({ status: 202 });
    await stepped(running, 4);
    expect((await tellRebuild(running.composition, {})).rebuilds).toMatchObject([
      { rebuild: { finishedAt: expect.any(Number), counts } },
    ]);
    const parked = await listParked(running.composition, { connector: "itsm" });
    expect(parked.map(({ incidentId }) => incidentId)).toEqual(row === "link:itsm" ? [ids[1]] : []);
  });

  it("ends where an incident on its way is forgotten meanwhile", async () => {
    const running = (rig = await startInProcess());
    const { id } = running.tenant.graph.incidents.create({ status: "inProgress" });
    await running.poll();
    running.bus.on("incident-deltas-itsm", () => Promise.resolve());
    expect(await order(running)).toMatchObject({ status: 202 });
    await stepped(running, 1);
    const partition = `${tenantOf(running)}:${id}`;
    for (const { row } of await running.tables.incident.range(partition, {}))
      await running.tables.incident.delete(partition, row, "any");
    await stepped(running, 3);
    expect((await tellRebuild(running.composition, {})).rebuilds).toMatchObject([
      { rebuild: { finishedAt: expect.any(Number), counts: { sent: 1, done: 0, unrouted: 1 } } },
    ]);
  });

  it.each([
    [{ connector: "nobody" }, 'connector: there is no connector "nobody"'],
    [{ since: "soon" }, "since: must be a moment"],
    [{ tenant: "nobody" }, 'tenant: "itsm" gets nothing of a tenant "nobody"'],
    [{ reason: " " }, "reason"],
  ])("refuses %j", async (changes, expected) => {
    const running = (rig = await startInProcess());
    const { status, body } = await order(running, changes);
    expect(status).toBe(400);
    expect((body["problems"] as string[]).join()).toContain(expected);
    expect(await running.tables.control.range(OPERATIONS, {})).toEqual([]);
  });
});
