import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { createManualClock, graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const tenantFor = useTenant();

async function listIds(tenant: Tenant, query: string): Promise<readonly string[]> {
  const answer = await graphCall(tenant, `${PATH}?${query}`);
  return answer.json().value.map((row: { id: string }) => row.id);
}

describe("rows that come late, move, or share a stamp", () => {
  it("shows a change in lists only after its delay, with the stamp of the change", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, graph: { behaviour: { fractionDigits: "seven" } } });
    const { incidents } = tenant.graph;
    const early = incidents.create({ status: "active" });
    clock.advance(1_000);
    incidents.change(early.id, { status: "resolved" }, { visibleAfterMs: 60_000 });
    const late = incidents.create({}, { visibleAfterMs: 60_000 });
    clock.advance(30_000);
    const other = incidents.create();
    expect(await listIds(tenant, "")).toEqual([other.id, early.id]);
    const listed = (await graphCall(tenant, PATH)).json().value[1];
    expect(listed.status).toBe("active");
    expect((await graphCall(tenant, `${PATH}/${early.id}`)).json().status).toBe("resolved");
    clock.advance(31_000);
    expect(await listIds(tenant, "")).toEqual([other.id, late.id, early.id]);
    expect((await graphCall(tenant, PATH)).headers.get("date")).toBe(new Date(clock.now()).toUTCString());
  });

  it("does not let an old version overtake a newer one", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    incidents.change(id, { severity: "high" }, { visibleAfterMs: 10_000 });
    incidents.change(id, { severity: "low" });
    clock.advance(20_000);
    expect((await graphCall(tenant, PATH)).json().value[0].severity).toBe("low");
  });

  it("loses a row to a walk when rows move between its pages", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { fractionDigits: "seven" } } });
    const { incidents } = tenant.graph;
    const ids = Array.from({ length: 6 }, () => incidents.create().id);
    const first = await graphCall(tenant, `${PATH}?$top=3`);
    tenant.graph.onPage(({ skip }) => expect(skip).toBe(3));
    incidents.change(ids[0] ?? "", { severity: "high" });
    const second = await graphCall(tenant, first.json()["@odata.nextLink"]);
    const seen = [...first.json().value, ...second.json().value].map((row: { id: string }) => row.id);
    expect(seen).not.toContain(ids[0]);
    expect(new Set(seen).size).toBe(5);
  });

  it("gives one stamp to what happens together", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const ids = Array.from({ length: 51 }, () => incidents.create().id);
    incidents.changeTogether(ids, { status: "inProgress" });
    expect(new Set(ids.map((id) => incidents.get(id)?.updatedTicks)).size).toBe(1);
  });

  it("changes without moving the stamp, when told to", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { commentsMoveStamp: false, alertsMoveStamp: false } } });
    const { incidents } = tenant.graph;
    const { id, updatedTicks } = incidents.create();
    expect(incidents.comment(id, "Defender Experts", "hello").updatedTicks).toBe(updatedTicks);
    incidents.addAlert(id, { severity: "high" });
    expect(incidents.get(id)).toMatchObject({ updatedTicks, severity: "high" });
  });

  it("keeps a log of changes with their times", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const before = Date.now();
    const { id } = incidents.create();
    incidents.comment(id, "Defender Experts", "hello");
    const changes = incidents.log.since(0);
    expect(changes.map(({ kind, incidentId }) => [kind, incidentId])).toEqual([
      ["create", id],
      ["comment", id],
    ]);
    expect(changes[0]?.at).toBeGreaterThanOrEqual(before);
    expect(incidents.log.since(1)).toHaveLength(1);
    const outside = await (await fetch(`${tenant.graph.url}/simulator/changes?after=1`)).json();
    expect(outside).toEqual({ changes: incidents.log.since(1) });
  });
});
