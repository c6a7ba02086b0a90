import { describe, expect, it } from "vitest";
import { graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const tenantFor = useTenant();

describe("incidents that break what would show them", () => {
  it("fails every page that would hold an unlistable incident, with or without alerts; not the others, not a read by id", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { fractionDigits: "seven" } } });
    const { incidents, unlistable } = tenant.graph;
    const [old, bad] = [incidents.create().id, incidents.create().id];
    incidents.create();
    unlistable.add(bad);
    const status = async (path: string) => (await graphCall(tenant, path)).status;
    expect(await status(PATH)).toBe(500);
    expect(await status(`${PATH}?$expand=alerts`)).toBe(500);
    expect(await status(`${PATH}?$top=1`)).toBe(200);
    expect(await status(`${PATH}?$top=1&$skip=1`)).toBe(500);
    expect(await status(`${PATH}?$top=1&$skip=2`)).toBe(200);
    expect(await status(`${PATH}/${bad}`)).toBe(200);
    expect(await status(`${PATH}/${bad}?$expand=alerts`)).toBe(200);
    expect(await status(`${PATH}/${old}`)).toBe(200);
    unlistable.delete(bad);
    expect(await status(PATH)).toBe(200);
  });

  it("fails the alerts of an alertless incident, and only them", async () => {
    const tenant = await tenantFor();
    const { incidents, alertless } = tenant.graph;
    const [bad, good] = [incidents.create().id, incidents.create().id];
    alertless.add(bad);
    expect((await graphCall(tenant, `${PATH}/${bad}/alerts`)).status).toBe(500);
    expect((await graphCall(tenant, `${PATH}/${good}/alerts`)).status).toBe(200);
    expect((await graphCall(tenant, `${PATH}/${bad}?$expand=alerts`)).status).toBe(200);
  });
});

describe("parts that a tenant has not opened", () => {
  it("forbids one incident on beta, and leaves v1.0 alone", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { betaIncidents: "forbidden" } } });
    const { id } = tenant.graph.incidents.create();
    expect((await graphCall(tenant, `beta/security/incidents/${id}`)).status).toBe(403);
    expect((await graphCall(tenant, `${PATH}/${id}`)).status).toBe(200);
  });

  it("forbids the list of alerts, and leaves those of an incident alone", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { alertsList: "forbidden" } } });
    const { id } = tenant.graph.incidents.create();
    expect((await graphCall(tenant, "v1.0/security/alerts_v2")).status).toBe(403);
    expect((await graphCall(tenant, `${PATH}/${id}/alerts`)).status).toBe(200);
  });

  it.each([
    ["forbidden", 403],
    ["absent", 404],
  ] as const)("answers for incident tasks that are %s with %i", async (incidentTasks, status) => {
    const tenant = await tenantFor({ graph: { behaviour: { incidentTasks } } });
    const task = tenant.graph.tasks.add("1001");
    expect((await graphCall(tenant, "beta/security/incidentTasks")).status).toBe(status);
    expect((await graphCall(tenant, `beta/security/incidentTasks/${task.id}`)).status).toBe(status);
  });
});
