import { afterEach, describe, expect, it } from "vitest";
import type { TenantId } from "../../shared/incident/incident.ts";
import { healthOf } from "../../shared/pipeline/overview/health.ts";
import { operateReconcile } from "../../shared/pipeline/operate/operate-reconcile.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { readWalk, walkLinks } from "../../shared/pipeline/repair/walk-links.ts";
import { type InProcess, configOf, startInProcess } from "../in-process.ts";

const HOUR = 3_600_000;

let rig: InProcess | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

/** ServiceNow gets what this route wants; Sentinel everything. */
async function startRouted(route: object): Promise<InProcess> {
  rig = await startInProcess((tenant) => {
    const connectors = configOf(tenant)["connectors"] as readonly object[];
    return { connectors: connectors.map((connector, index) => (index === 0 ? { ...connector, route } : connector)) };
  });
  return rig;
}

function ticketOf(overview: Awaited<ReturnType<typeof readOverview>>, id: string) {
  return overview.incidents
    .find(({ incidentId }) => incidentId === id)
    ?.tickets.find(({ connector }) => connector === "itsm");
}

/** What a walk over all links finds an hour later. */
async function walk(running: InProcess): Promise<number> {
  const tenantId = running.tenant.graph.tenantId as TenantId;
  const deps = await running.composition.detectDeps(tenantId);
  const later = { ...deps, clock: { ...deps.clock, now: () => Date.now() + HOUR } };
  let found = 0;
  do found += (await walkLinks(later)).length;
  while ((await readWalk(running.tables.control, tenantId)).state.at !== undefined);
  return found;
}

async function differences(running: InProcess): Promise<readonly unknown[]> {
  const order = { tenant: running.tenant.graph.tenantId, since: "2020-01-01T00:00:00Z", reason: "a test" };
  const { body } = await operateReconcile(running.composition, JSON.stringify(order));
  return "differences" in body ? body.differences : [body];
}

describe("a connector with a route", { timeout: 60_000 }, () => {
  it("gets no ticket of what it does not want: nothing is sent, nothing is late, nothing is missing", async () => {
    const running = await startRouted({ severities: ["high"] });
    const { id } = running.tenant.graph.incidents.create({ severity: "low" });
    const wanted = running.tenant.graph.incidents.create({ severity: "high" });
    await running.poll();
    expect(running.records(wanted.id)).toHaveLength(1);
    expect(running.records(id)).toEqual([]);
    expect(await running.link(id, "itsm")).toBeUndefined();
    expect(running.lines).not.toContainEqual(
      expect.objectContaining({
        message: "ticket synced",
        fields: expect.objectContaining({ incidentId: id, connector: "itsm" }),
      }),
    );
    expect(running.twinTags(id)).toContain("dex:stage=active");

    const overview = await readOverview(running.composition.overviewDeps());
    expect(ticketOf(overview, id)).toMatchObject({ state: "unrouted", problem: "" });
    const health = healthOf({ ...overview, generatedAt: Date.now() + HOUR });
    expect(health.connectors.find((part) => part.id === "itsm")).toMatchObject({
      unrouted: 1,
      behind: 0,
      problems: [],
    });
    expect(await walk(running)).toBe(0);
    expect(await differences(running)).toEqual([]);
  });

  it("keeps the ticket up to date once there is one, though the incident no longer fits", async () => {
    const running = await startRouted({ severities: ["high"] });
    const { incidents } = running.tenant.graph;
    const { id } = incidents.create({ severity: "high", status: "active" });
    await running.poll();
    incidents.change(id, { severity: "low", status: "resolved", classification: "truePositive" });
    await running.poll();
    expect(running.records(id)[0]).toMatchObject({ state: "6" });
    expect(await walk(running)).toBe(0);
  });

  it("makes the ticket when the incident comes to fit", async () => {
    const running = await startRouted({ tags: ["vip"] });
    const { incidents } = running.tenant.graph;
    const { id } = incidents.create({ customTags: [] });
    incidents.comment(id, "Defender Experts", "said before it was wanted");
    await running.poll();
    expect(running.records(id)).toEqual([]);
    incidents.change(id, { customTags: ["VIP"] });
    await running.poll();
    expect(running.records(id)).toHaveLength(1);
    expect(running.workNotes(id)).toContain("said before it was wanted");
  });

  it("makes the ticket by category as soon as the alerts were read", async () => {
    const running = await startRouted({ categories: ["Ransomware"] });
    const { incidents } = running.tenant.graph;
    const fits = incidents.create({ displayName: "fits" });
    const other = incidents.create({ displayName: "does not" });
    incidents.addAlert(fits.id, { category: "Ransomware" });
    incidents.addAlert(other.id, { category: "Malware" });
    await running.poll();
    await running.poll();
    expect(running.records(fits.id)).toHaveLength(1);
    expect(running.records(other.id)).toEqual([]);
  });

  it("makes no ticket of what waited for the tool and stopped fitting meanwhile", async () => {
    const running = await startRouted({ severities: ["high"] });
    const { graph, serviceNow } = running.tenant;
    serviceNow.faults.add({ match: "/", kind: "status", status: 503 });
    const { id } = graph.incidents.create({ severity: "high" });
    await running.poll(0);
    expect(await running.link(id, "itsm")).toMatchObject({ pending: expect.anything() });
    graph.incidents.change(id, { severity: "low" });
    await running.poll(0);
    serviceNow.faults.clear();
    await running.bus.idle(5_000);
    expect(running.records(id)).toEqual([]);
    const link = await running.link(id, "itsm");
    expect(link?.pending).toBeUndefined();
    expect(link?.lastError).toBeUndefined();
    expect(await walk(running)).toBe(0);
  });

  it("gets the ticket of the incident that one of its own was merged into", async () => {
    const running = await startRouted({ tags: ["vip"] });
    const { incidents } = running.tenant.graph;
    const survivor = incidents.create({ customTags: [] });
    const loser = incidents.create({ customTags: ["vip"] });
    await running.poll();
    expect(running.records(survivor.id)).toEqual([]);
    incidents.change(loser.id, { status: "redirected", redirectIncidentId: survivor.id });
    await running.poll();
    expect(running.records(survivor.id)).toHaveLength(1);
    expect(await walk(running)).toBe(0);
  });
});
