import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { call, createManualClock, incidentsUrl, sentinelCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

/** The twin of a fresh incident, as the API shows it. */
async function twin(tenant: Tenant) {
  const { id } = tenant.graph.incidents.create({ displayName: "Password spray", severity: "high" });
  const name = tenant.sentinel.twinOf(id)?.name ?? "";
  return (await sentinelCall(tenant, `/${name}`)).json();
}

function put(tenant: Tenant, name: string, body: unknown) {
  return sentinelCall(tenant, `/${name}`, { method: "PUT", body });
}

describe("writing to Sentinel", () => {
  it("replaces everything writable and refuses a stale etag", async () => {
    const tenant = await tenantFor();
    const before = await twin(tenant);
    const properties = { ...before.properties, labels: [{ labelName: "dex:experts" }] };
    const first = await put(tenant, before.name, { etag: before.etag, properties });
    expect(first.status).toBe(200);
    expect(first.json().properties.labels).toEqual([{ labelName: "dex:experts", labelType: "User" }]);
    const stale = await put(tenant, before.name, { etag: before.etag, properties });
    expect(stale.status).toBe(409);
    expect(stale.json().error).toEqual({
      code: "Conflict",
      message: expect.stringMatching(/^New version of resource '.+' exists\. Data was not saved$/),
    });
    const bare = await put(tenant, before.name, { properties: { title: "t", severity: "Low", status: "Active" } });
    expect(bare.json().properties).toMatchObject({ labels: [], description: "", owner: { assignedTo: null } });
    expect(bare.json().properties.providerIncidentId).toBe(before.properties.providerIncidentId);
  });

  it.each([
    { severity: "High", status: "New" },
    { title: "t", status: "New" },
    { title: "t", severity: "High" },
    { title: "t", severity: "Severe", status: "New" },
    { title: "t", severity: "High", status: "Closed", classification: "Wrong" },
    { title: "t", severity: "High", status: "New", description: "x".repeat(5_001) },
    { title: "t", severity: "High", status: "New", labels: ["plain"] },
  ])("refuses %j with 400", async (properties) => {
    const tenant = await tenantFor();
    const before = await twin(tenant);
    expect((await put(tenant, before.name, { properties })).status).toBe(400);
    expect((await put(tenant, before.name, "{")).status).toBe(400);
    expect(tenant.sentinel.twinOf(before.properties.providerIncidentId)?.etag).toBe(before.etag);
  });

  it("makes a second incident when a PUT names one that is not there", async () => {
    const tenant = await tenantFor();
    const answer = await put(tenant, "8f7c3b0e-1111-4222-8333-444455556666", {
      properties: { title: "t", severity: "Low", status: "New" },
    });
    expect(answer.status).toBe(201);
    expect(answer.json().properties.providerName).toBe("Azure Sentinel");
  });

  it("keeps comments by the caller's id, up to 100 of 30,000 characters", async () => {
    const tenant = await tenantFor({ sentinel: { behaviour: { putLimit: 0 } } });
    const { name } = await twin(tenant);
    const comment = (id: string, message: string) =>
      sentinelCall(tenant, `/${name}/comments/${id}`, { method: "PUT", body: { properties: { message } } });
    expect((await comment("c-0", "hello")).status).toBe(201);
    expect((await comment("c-0", "hello")).status).toBe(200);
    expect((await sentinelCall(tenant, `/${name}/comments`)).json().value).toHaveLength(1);
    expect((await sentinelCall(tenant, `/${name}/comments/c-0`)).json().properties.message).toBe("hello");
    expect((await comment("c-1", "x".repeat(30_001))).status).toBe(400);
    expect((await comment("c-1", "")).status).toBe(400);
    for (let index = 1; index < 100; index += 1) expect((await comment(`c-${index}`, "x")).status).toBe(201);
    expect((await comment("c-100", "x")).status).toBe(400);
    expect((await comment("c-99", "again")).status).toBe(200);
    expect((await sentinelCall(tenant, `/${name}`)).json().properties.additionalData.commentsCount).toBe(100);
    expect((await sentinelCall(tenant, "/none/comments")).status).toBe(404);
  });

  it("keeps tasks by the caller's id", async () => {
    const tenant = await tenantFor();
    const { name } = await twin(tenant);
    const task = (properties: object) =>
      sentinelCall(tenant, `/${name}/tasks/t-1`, { method: "PUT", body: { properties } });
    expect((await task({ title: "Isolate ws-1", description: "d", status: "New" })).status).toBe(201);
    expect((await task({ title: "Isolate ws-1", status: "Completed" })).status).toBe(200);
    expect((await task({ title: "Isolate ws-1", status: "Done" })).status).toBe(400);
    expect((await task({ status: "New" })).status).toBe(400);
    expect((await sentinelCall(tenant, `/${name}/tasks`)).json().value).toMatchObject([
      { name: "t-1", properties: { status: "Completed" } },
    ]);
    expect((await sentinelCall(tenant, `/${name}/relations`)).json()).toEqual({ value: [] });
  });

  it("throttles after 75 writes in 5 minutes, incidents and comments apart", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const before = await twin(tenant);
    const body = { properties: before.properties };
    for (let turn = 0; turn < 75; turn += 1) expect((await put(tenant, before.name, body)).status).toBe(200);
    clock.advance(60_000);
    const throttled = await put(tenant, before.name, body);
    expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "240"]);
    const comment = { method: "PUT", body: { properties: { message: "m" } } };
    expect((await sentinelCall(tenant, `/${before.name}/comments/c`, comment)).status).toBe(201);
    clock.advance(240_000);
    expect((await put(tenant, before.name, body)).status).toBe(200);
  });

  it("wants a token, an api-version and the right workspace, and does not delete", async () => {
    const tenant = await tenantFor();
    const { name } = await twin(tenant);
    expect((await call(`${incidentsUrl(tenant)}?api-version=2025-09-01`, {}, {})).status).toBe(401);
    const token = { authorization: "Bearer simulated-arm-token" };
    expect((await call(incidentsUrl(tenant), token, {})).json().error.code).toBe("MissingApiVersionParameter");
    expect((await call(`${incidentsUrl(tenant)}?api-version=x`, token, {})).status).toBe(400);
    const other = incidentsUrl(tenant).replace("/workspaces/sentinel/", "/workspaces/other/");
    expect((await call(`${other}?api-version=2025-09-01`, token, {})).status).toBe(404);
    expect((await sentinelCall(tenant, `/${name}`, { method: "DELETE" })).status).toBe(403);
    tenant.sentinel.setTokens(["new"]);
    expect((await sentinelCall(tenant, `/${name}`)).status).toBe(401);
  });
});
