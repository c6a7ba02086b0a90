import { describe, expect, it } from "vitest";
import { graphCall, PREFER, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

describe("writing to an incident", () => {
  it("takes the writable fields, PascalCase too, and replaces all custom tags", async () => {
    const tenant = await tenantFor();
    const { id, updatedTicks } = tenant.graph.incidents.create({ customTags: ["analyst's own"] });
    const body = {
      status: "Resolved",
      classification: "TruePositive",
      determination: "MultiStagedAttack",
      customTags: ["Demo"],
      assignedTo: null,
      displayName: "new title",
      description: "d",
      severity: "High",
      resolvingComment: "r",
      summary: "s",
    };
    const answer = await graphCall(tenant, `v1.0/security/incidents/${id}`, { method: "PATCH", body });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      ...body,
      status: "resolved",
      classification: "truePositive",
      determination: "multiStagedAttack",
      severity: "high",
      lastModifiedBy: "API-App:SOC ticket sync",
    });
    expect(tenant.graph.incidents.get(id)?.updatedTicks).toBeGreaterThan(updatedTicks);
    expect(tenant.graph.incidents.log.since(1)[0]?.via).toBe("api");
  });

  it.each([
    { status: "awaitingAction" },
    { status: "redirected" },
    { status: "nonsense" },
    { systemTags: [] },
    { comments: [] },
    { redirectIncidentId: "1" },
    { priorityScore: 3 },
    { severity: 3 },
    { customTags: "Demo" },
    { displayName: { a: 1 } },
  ])("refuses %j with 400 and changes nothing", async (body) => {
    const tenant = await tenantFor();
    const before = tenant.graph.incidents.create();
    const answer = await graphCall(tenant, `v1.0/security/incidents/${before.id}`, { method: "PATCH", body });
    expect(answer.status).toBe(400);
    expect(tenant.graph.incidents.get(before.id)).toBe(before);
  });

  it("refuses a body that is not JSON, an incident that is not there, and inProgress when told to", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { inProgressWritable: false, pairsEnforced: true } } });
    const { id } = tenant.graph.incidents.create();
    const path = `v1.0/security/incidents/${id}`;
    const patch = (body: unknown) => graphCall(tenant, path, { method: "PATCH", body });
    expect((await patch("{")).status).toBe(400);
    expect((await patch({ status: "inProgress" })).status).toBe(400);
    expect((await patch({ classification: "falsePositive", determination: "malware" })).status).toBe(400);
    expect((await patch({ classification: "falsePositive", determination: "notMalicious" })).status).toBe(200);
    expect((await graphCall(tenant, "v1.0/security/incidents/77", { method: "PATCH", body: {} })).status).toBe(404);
  });

  it("answers a comment with all comments, and posts a comment twice when asked twice", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({ status: "awaitingAction" });
    tenant.graph.incidents.comment(id, "Defender Experts", "first");
    const post = {
      method: "POST",
      body: { "@odata.type": "microsoft.graph.security.alertComment", comment: "second" },
    };
    await graphCall(tenant, `v1.0/security/incidents/${id}/comments`, post);
    const answer = await graphCall(tenant, `v1.0/security/incidents/${id}/comments`, post);
    expect(answer.status).toBe(200);
    expect(answer.json().value.map(({ comment }: { comment: string }) => comment)).toEqual([
      "first",
      "second",
      "second",
    ]);
    expect(answer.json().value[1].createdByDisplayName).toBe("API-App:SOC ticket sync");
    const empty = await graphCall(tenant, `v1.0/security/incidents/${id}/comments`, {
      method: "POST",
      body: { comment: " " },
    });
    expect(empty.status).toBe(400);
  });

  it("turns the loser of a merge into a stub; alerts and tags go over, comments stay", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const loser = incidents.create({ customTags: ["Identity"], severity: "high" });
    const survivor = incidents.create({ customTags: ["Endpoint"], severity: "low" });
    const alert = incidents.addAlert(loser.id, { severity: "high" });
    incidents.comment(loser.id, "Defender Experts", "stays here");
    incidents.merge(loser.id, survivor.id);
    const stub = (await graphCall(tenant, `v1.0/security/incidents/${loser.id}?$expand=alerts`)).json();
    expect(stub).toMatchObject({
      status: "redirected",
      redirectIncidentId: survivor.id,
      customTags: [],
      systemTags: ["Redirected"],
      alerts: [],
    });
    expect(stub.comments).toHaveLength(1);
    const rest = (await graphCall(tenant, `v1.0/security/incidents/${survivor.id}?$expand=alerts`)).json();
    expect(rest).toMatchObject({
      status: "active",
      severity: "high",
      customTags: ["Endpoint", "Identity"],
      comments: [],
    });
    expect(rest.alerts).toMatchObject([{ id: alert.id, incidentId: survivor.id }]);
    const patch = { method: "PATCH", body: { status: "active" } };
    expect((await graphCall(tenant, `v1.0/security/incidents/${loser.id}`, patch)).status).toBe(400);
    expect(() => incidents.merge(survivor.id, survivor.id)).toThrow("into itself");
  });

  it("reopens, and forgets what is dropped", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ status: "resolved" });
    tenant.graph.tasks.add(id);
    incidents.change(id, { status: "active" });
    expect((await graphCall(tenant, `v1.0/security/incidents/${id}`, { headers: PREFER })).json().status).toBe(
      "active",
    );
    incidents.drop(id);
    expect((await graphCall(tenant, `v1.0/security/incidents/${id}`)).status).toBe(404);
    expect((await graphCall(tenant, "v1.0/security/incidents")).json().value).toEqual([]);
    expect(tenant.graph.tasks.all()).toEqual([]);
    expect(() => incidents.change(id, {})).toThrow(`no incident ${id}`);
  });
});
