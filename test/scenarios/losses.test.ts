import { afterEach, describe, expect, it } from "vitest";
import { createMemoryTables } from "../../local/store/memory-tables.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import { handleDelta } from "../../shared/pipeline/lane/handle-delta.ts";
import { operateReconcile } from "../../shared/pipeline/operate/operate-reconcile.ts";
import type { DetectDeps } from "../../shared/pipeline/detect/detect-deps.ts";
import type { ReconcileStep } from "../../shared/pipeline/repair/reconcile.ts";
import { readWalk, walkLinks } from "../../shared/pipeline/repair/walk-links.ts";
import { type InProcess, startInProcess } from "../in-process.ts";

const HOUR = 3_600_000;
const LANES = ["itsm", "sentinel"] as ConnectorId[];

let rig: InProcess | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

function tenantIdOf(running: InProcess): TenantId {
  return running.tenant.graph.tenantId as TenantId;
}

/** As things look an hour later; what is sent then is delivered at once. */
async function anHourLater(running: InProcess): Promise<DetectDeps> {
  const deps = await running.composition.detectDeps(tenantIdOf(running));
  return {
    ...deps,
    clock: { ...deps.clock, now: () => Date.now() + HOUR },
    bus: {
      send: (queue, messages) =>
        running.bus.send(
          queue,
          messages.map(({ scheduledAt: _scheduledAt, ...message }) => message),
        ),
    },
  };
}

async function walk(running: InProcess): Promise<number> {
  const deps = await anHourLater(running);
  let found = 0;
  do found += (await walkLinks(deps)).length;
  while ((await readWalk(running.tables.control, tenantIdOf(running))).state.at !== undefined);
  await running.bus.idle();
  return found;
}

async function compare(running: InProcess): Promise<ReconcileStep> {
  const order = { tenant: tenantIdOf(running), since: "2020-01-01T00:00:00Z", reason: "a test" };
  const { status, body } = await operateReconcile(running.composition, JSON.stringify(order));
  expect(status).toBe(200);
  return body as ReconcileStep;
}

function loseBus(running: InProcess): void {
  for (const id of LANES) running.bus.on(`incident-deltas-${id}`, () => Promise.resolve());
}

function mendBus(running: InProcess): void {
  for (const id of LANES) {
    running.bus.on(`incident-deltas-${id}`, (body) => handleDelta(running.composition, id, body, Date.now()));
  }
}

describe("the whole bus is lost", () => {
  it("and the walk over the links mends it, without one duplicate ticket", async () => {
    rig = await startInProcess();
    const { incidents } = rig.tenant.graph;
    const shown = incidents.create({ status: "active" });
    await rig.poll();
    loseBus(rig);
    incidents.change(shown.id, { status: "inProgress", assignedTo: "Defender Experts" });
    const unseen = incidents.create({ status: "active" });
    incidents.comment(shown.id, "Defender Experts", "said while the bus was away");
    await rig.poll();
    expect(rig.records(unseen.id)).toEqual([]);
    mendBus(rig);

    expect(await walk(rig)).toBe(4);
    for (const { id } of [shown, unseen]) expect(rig.records(id)).toHaveLength(1);
    expect(rig.records(shown.id)[0]).toMatchObject({ state: "2" });
    expect(rig.workNotes(shown.id).split("said while the bus was away")).toHaveLength(2);
    expect(rig.twinTags(shown.id)).toContain("dex:stage=inProgress");
    expect((await compare(rig)).differences).toEqual([]);
  }, 60_000);
});

describe("the whole state is lost", () => {
  it("and the next poll finds every ticket again: no duplicate, every comment once", async () => {
    rig = await startInProcess();
    const { incidents } = rig.tenant.graph;
    const ids = [incidents.create({ status: "active" }).id, incidents.create({ status: "inProgress" }).id];
    for (const id of ids) {
      incidents.comment(id, "Defender Experts", `a remark on ${id}`);
    }
    await rig.poll();
    const before = ids.map((id) => rig?.records(id).map((record) => record["sys_id"]));
    const empty = createMemoryTables();
    for (const name of ["incident", "open", "report", "parked", "control"] as const) {
      Object.assign(rig.tables[name], empty[name]);
    }
    incidents.change(ids[0] ?? "", { status: "resolved", classification: "truePositive", determination: "malware" });
    await rig.poll();
    expect(ids.map((id) => rig?.records(id).map((record) => record["sys_id"]))).toEqual(before);
    expect(rig.records(ids[0] ?? "")[0]).toMatchObject({ state: "6" });
    for (const id of ids) expect(rig.workNotes(id).split(`a remark on ${id}`)).toHaveLength(2);
    expect((await compare(rig)).differences).toEqual([]);
  }, 60_000);
});

describe("a comparison of tickets", () => {
  it("tells missing, extra and drifted ones apart, and changes none of them", async () => {
    rig = await startInProcess();
    const { graph, serviceNow } = rig.tenant;
    const ids = ["gone", "doubled", "edited", "fine"].map((displayName) => graph.incidents.create({ displayName }).id);
    await rig.poll();
    const [gone = "", doubled = "", edited = ""] = ids;
    const sysIdOf = (id: string): string => rig?.records(id)[0]?.["sys_id"] ?? "";
    serviceNow.changeAsAdmin(sysIdOf(gone), { correlation_id: "" });
    serviceNow.changeAsAdmin(sysIdOf(edited), { short_description: "in my own words" });
    const copy = rig.records(ids[3] ?? "")[0];
    expect(copy).toBeDefined();
    const other = graph.incidents.create({ displayName: "whose ticket gets another's key" });
    await rig.poll();
    serviceNow.changeAsAdmin(sysIdOf(other.id), { correlation_id: `mdx:${graph.tenantId}:${doubled}` });

    const { differences, checked } = await compare(rig);
    expect(checked).toBe(5);
    const told = differences.map(({ kind, incidentId, ...rest }) => [
      kind,
      incidentId,
      "detail" in rest ? rest.detail : "",
    ]);
    expect(told).toContainEqual(["missing", gone, expect.stringMatching(/^INC/)]);
    expect(told).toContainEqual(["extra", doubled, expect.stringMatching(/^INC/)]);
    expect(told).toContainEqual(["drifted", edited, "short_description"]);
    expect(told.filter(([, id]) => id === ids[3])).toEqual([]);
    expect(rig.records(edited)[0]).toMatchObject({ short_description: "in my own words" });
  }, 60_000);
});
