import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { type Answer, deskCall, useTenant } from "../with-tenant.ts";

const TABLE = "/api/now/table/sn_si_incident";
const tenantFor = useTenant();

async function create(tenant: Tenant, body: object = {}): Promise<string> {
  return (await deskCall(tenant, TABLE, { method: "POST", body })).json().result.sys_id;
}

function patch(tenant: Tenant, sysId: string, body: object): Promise<Answer> {
  return deskCall(tenant, `${TABLE}/${sysId}`, { method: "PATCH", body });
}

describe("rules of sn_si_incident", () => {
  it("begins as Draft under a number of its own, and is no incident", async () => {
    const tenant = await tenantFor();
    const made = (await deskCall(tenant, TABLE, { method: "POST", body: { hold_reason: "1" } })).json().result;
    expect(made).toMatchObject({ state: "10", number: expect.stringMatching(/^SIR\d{7}$/), active: "true" });
    expect(made).not.toHaveProperty("hold_reason");
    expect((await deskCall(tenant, `/api/now/table/incident/${made.sys_id}`)).status).toBe(404);
  });

  it("wants a close code of its own and notes to close, and may take it back", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant, { state: "16" });
    expect((await patch(tenant, id, { state: "3" })).json().error.detail).toContain("mandatory: Close code, Close");
    const foreign = await patch(tenant, id, { state: "3", close_code: "Solution provided", close_notes: "n" });
    expect(foreign.json().error.detail).toContain("not a choice");
    const closed = await patch(tenant, id, { state: "3", close_code: "Threat mitigated", close_notes: "n" });
    expect(closed.json().result).toMatchObject({ state: "3", active: "false" });
    expect((await patch(tenant, id, { state: "16" })).status).toBe(200);
  });

  it("may refuse to leave out a state, and to change what is closed", async () => {
    const tenant = await tenantFor();
    tenant.serviceNow.behaviour.securityJumps = "refused";
    tenant.serviceNow.behaviour.securityClosedIsFinal = true;
    const id = await create(tenant);
    expect((await patch(tenant, id, { state: "18" })).status).toBe(403);
    for (const state of ["16", "18", "16"]) expect((await patch(tenant, id, { state })).status).toBe(200);
    tenant.serviceNow.changeAsAdmin(id, { state: "3" });
    expect((await patch(tenant, id, { work_notes: "n" })).status).toBe(403);
  });
});

describe("what an instance decides for itself", () => {
  it("its choices: an inactive one is refused, and says so in sys_choice", async () => {
    const tenant = await tenantFor();
    tenant.serviceNow.choices.deactivate("incident", "close_code", "Duplicate");
    const id = (await deskCall(tenant, "/api/now/table/incident", { method: "POST", body: {} })).json().result.sys_id;
    const resolved = await deskCall(tenant, `/api/now/table/incident/${id}`, {
      method: "PATCH",
      body: { state: "6", close_code: "Duplicate", close_notes: "n" },
    });
    expect(resolved.status).toBe(403);
    const rows = await deskCall(
      tenant,
      "/api/now/table/sys_choice?sysparm_query=name=incident^element=close_code^value=Duplicate",
    );
    expect(rows.json().result).toMatchObject([{ inactive: "true" }]);
  });

  it("what must not be blank, who reads groups, and whether the key can be read", async () => {
    const tenant = await tenantFor();
    const { behaviour } = tenant.serviceNow;
    await create(tenant, { correlation_id: "mdx:a:1" });
    behaviour.mandatoryColumns = "business_criticality";
    const refused = await deskCall(tenant, TABLE, { method: "POST", body: {} });
    expect(refused.json().error.detail).toBe("Data Policy Exception: mandatory: business_criticality");
    behaviour.groupsReadable = false;
    expect((await deskCall(tenant, "/api/now/table/sys_user_group")).status).toBe(403);
    behaviour.keyReadable = false;
    const found = await deskCall(tenant, `${TABLE}?sysparm_query=correlation_id=mdx:a:2`);
    expect(found.json().result).toHaveLength(1);
    expect(found.json().result[0]).not.toHaveProperty("correlation_id");
  });
});

describe("attachments", () => {
  it("are put on a record as often as they are sent, and found by their name", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant);
    const place = `table_name=sn_si_incident&table_sys_id=${id}&file_name=a.csv`;
    const attach = (query: string): Promise<Answer> =>
      deskCall(tenant, `/api/now/attachment/file?${query}`, { method: "POST", body: { any: "file" } });
    expect((await attach(place)).status).toBe(201);
    expect((await attach(place)).status).toBe(201);
    expect((await attach("table_name=sn_si_incident")).status).toBe(400);
    expect((await attach(place.replace(id, "0".repeat(32)))).status).toBe(404);
    const listed = await deskCall(
      tenant,
      `/api/now/attachment?sysparm_query=table_sys_id=${id}^file_name=a.csv^nonsense`,
    );
    expect(listed.json().result).toHaveLength(2);
    const file = await deskCall(tenant, `/api/now/attachment/${listed.json().result[0].sys_id}/file`);
    expect(file.json()).toEqual({ any: "file" });
    tenant.serviceNow.behaviour.attachmentsWritable = false;
    expect((await attach(place)).status).toBe(403);
  });
});
