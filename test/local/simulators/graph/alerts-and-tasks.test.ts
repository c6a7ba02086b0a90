import { describe, expect, it } from "vitest";
import { createManualClock, graphCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

describe("alerts", () => {
  it("fails a whole list with $expand=alerts for one poisoned incident, and only then", async () => {
    const tenant = await tenantFor();
    const { incidents, poisoned } = tenant.graph;
    const ids = [incidents.create().id, incidents.create().id];
    for (const id of ids) incidents.addAlert(id);
    const whole = await graphCall(tenant, "v1.0/security/incidents?$expand=alerts");
    expect(whole.json().value.map(({ alerts }: { alerts: unknown[] }) => alerts.length)).toEqual([1, 1]);
    poisoned.add(ids[0] ?? "");
    expect((await graphCall(tenant, "v1.0/security/incidents?$expand=alerts")).status).toBe(500);
    expect((await graphCall(tenant, "v1.0/security/incidents")).status).toBe(200);
    expect((await graphCall(tenant, `v1.0/security/incidents/${ids[0]}?$expand=alerts`)).status).toBe(500);
    expect((await graphCall(tenant, `v1.0/security/incidents/${ids[1]}?$expand=alerts`)).status).toBe(200);
  });

  it("lists alerts_v2, newest first, filtered; not by detection source", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    const old = incidents.addAlert(id, { severity: "low" }, { stamp: "2026-11-24T09:00:00Z" });
    const hunted = incidents.addAlert(id, { severity: "high", detectionSource: "microsoftThreatExperts" });
    const list = async (query: string) => graphCall(tenant, `v1.0/security/alerts_v2?${query}`);
    const ids = async (query: string) => (await list(query)).json().value.map((row: { id: string }) => row.id);
    expect(await ids("")).toEqual([hunted.id, old.id]);
    expect(await ids("$filter=severity eq 'high'")).toEqual([hunted.id]);
    expect(await ids("$filter=lastUpdateDateTime ge 2026-11-24T09:00:00.1Z")).toEqual([hunted.id]);
    const page = (await list("$top=1&$count=true")).json();
    expect(page["@odata.count"]).toBe(2);
    expect((await graphCall(tenant, page["@odata.nextLink"])).json().value[0].id).toBe(old.id);
    expect((await list("$filter=detectionSource eq 'microsoftThreatExperts'")).status).toBe(400);
    const one = (await graphCall(tenant, `v1.0/security/alerts_v2/${hunted.id}`)).json();
    expect(one).toMatchObject({ incidentId: id, detectionSource: "microsoftThreatExperts" });
    expect((await graphCall(tenant, "v1.0/security/alerts_v2/none")).status).toBe(404);
  });
});

describe("incident tasks", () => {
  it("are on beta: listed, read, completed; the status is all that can be written", async () => {
    const tenant = await tenantFor();
    const { id: incidentId } = tenant.graph.incidents.create();
    const task = tenant.graph.tasks.add(incidentId, { actionType: "isolateDevice", identifierValue: "02851525" });
    tenant.graph.tasks.add("1", { displayName: "of another incident" });
    const list = await graphCall(
      tenant,
      `beta/security/incidentTasks?$filter=incidentId eq '${incidentId}' and status eq 'open'`,
    );
    expect(list.json().value).toMatchObject([
      {
        id: task.id,
        incident: { id: incidentId },
        responseAction: { identifierValue: "02851525", isolationType: "full" },
      },
    ]);
    const path = `beta/security/incidentTasks/${task.id}`;
    const patch = (body: unknown) => graphCall(tenant, path, { method: "PATCH", body });
    expect((await patch({ status: "completed" })).json().status).toBe("completed");
    expect((await patch({ displayName: "x" })).status).toBe(400);
    expect((await patch({ status: "done" })).status).toBe(400);
    expect((await graphCall(tenant, "beta/security/incidentTasks?$top=501")).status).toBe(400);
    expect((await graphCall(tenant, "beta/security/incidentTasks/none")).status).toBe(404);
  });

  it("sets off an action with 204, again if asked again, and only kinds that can be executed", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, graph: { behaviour: { actionDurationMs: 5_000 } } });
    const task = tenant.graph.tasks.add("1001", { actionType: "isolateDevice" });
    const manual = tenant.graph.tasks.add("1001", { actionType: "disableUser" });
    const execute = (id: string) =>
      graphCall(tenant, `beta/security/incidentTasks/${id}/executeResponseAction`, { method: "POST" });
    expect((await execute(task.id)).status).toBe(204);
    expect((await execute(task.id)).status).toBe(204);
    expect((await execute(manual.id)).status).toBe(400);
    expect(tenant.graph.tasks.get(task.id)).toMatchObject({ actionStatus: "inProgress", executions: 2 });
    clock.advance(5_000);
    const shown = (await graphCall(tenant, `beta/security/incidentTasks/${task.id}`)).json();
    expect(shown).toMatchObject({ actionStatus: "completed", status: "completed" });
  });
});
