import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { type Answer, deskCall, useTenant } from "../with-tenant.ts";

const TABLE = "/api/now/table/incident";
const tenantFor = useTenant();

async function create(tenant: Tenant, body: object = {}): Promise<string> {
  return (await deskCall(tenant, TABLE, { method: "POST", body })).json().result.sys_id;
}

function patch(tenant: Tenant, sysId: string, body: object): Promise<Answer> {
  return deskCall(tenant, `${TABLE}/${sysId}?sysparm_exclude_reference_link=true`, { method: "PATCH", body });
}

function expectRefusal(answer: Answer, detail: string): void {
  expect(answer.status).toBe(403);
  expect(answer.json()).toMatchObject({
    error: { message: "Operation Failed", detail: expect.stringContaining(detail) },
    status: "failure",
  });
}

describe("rules of the incident table", () => {
  it("wants a close code that is a choice, and notes, to resolve", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant);
    expectRefusal(
      await patch(tenant, id, { state: "6" }),
      "Data Policy Exception: mandatory: Resolution code, Resolution notes",
    );
    expectRefusal(await patch(tenant, id, { state: "6", close_notes: "n" }), "mandatory: Resolution code");
    expectRefusal(await patch(tenant, id, { state: "6", close_code: "Nonsense", close_notes: "n" }), "not a choice");
    const choices = await deskCall(
      tenant,
      "/api/now/table/sys_choice?sysparm_query=name=incident^element=close_code^inactive=false&sysparm_fields=value,label",
    );
    const code = choices.json().result.find(({ label }: { label: string }) => label === "Solution provided").value;
    const done = await patch(tenant, id, { state: "6", close_code: code, close_notes: "n" });
    expect(done.status).toBe(200);
    expect(done.json().result).toMatchObject({ state: "6", incident_state: "6", active: "true" });
    expect(done.json().result.resolved_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    const again = (await patch(tenant, id, { state: "2" })).json().result;
    expect(again).toMatchObject({ state: "2", resolved_at: "", reopen_count: "1", close_code: code });
    tenant.serviceNow.behaviour.choicesReadable = false;
    expect((await deskCall(tenant, "/api/now/table/sys_choice")).status).toBe(403);
  });

  it("wants a reason to hold, and a comment where the caller is awaited; an update by the caller ends the hold", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant, { caller_id: "abel.tuter" });
    expectRefusal(await patch(tenant, id, { state: "3" }), "On hold reason");
    expectRefusal(await patch(tenant, id, { state: "3", hold_reason: "1" }), "Additional comments");
    expect((await patch(tenant, id, { state: "3", hold_reason: "1", comments: "please answer" })).status).toBe(200);
    expect((await patch(tenant, id, { urgency: "1" })).json().result).toMatchObject({ state: "3", hold_reason: "1" });
    const { fields } = tenant.serviceNow.changeAs("abel.tuter", id, { comments: "here you are" });
    expect(fields).toMatchObject({ state: "2", hold_reason: "" });
  });

  it("refuses to close, to delete, and to touch what is closed", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant);
    expectRefusal(await patch(tenant, id, { state: "7", close_code: "Duplicate", close_notes: "n" }), "ACL Exception");
    expectRefusal(await deskCall(tenant, `${TABLE}/${id}`, { method: "DELETE" }), "ACL Exception");
    tenant.serviceNow.changeAsAdmin(id, { state: "7" });
    expectRefusal(await patch(tenant, id, { work_notes: "late" }), "closed");
    expect(() => tenant.serviceNow.changeAs("abel.tuter", id, { state: "2" })).toThrow("refuses");
    expect(tenant.serviceNow.tickets.delete(id)).toBe(true);
    expect((await patch(tenant, id, { urgency: "1" })).status).toBe(404);
  });

  it.each([
    ["1", "1", "1"],
    ["2", "1", "2"],
    ["2", "2", "3"],
    ["3", "2", "4"],
    ["3", "3", "5"],
  ])("computes the priority of impact %s and urgency %s: %s, whatever is sent", async (impact, urgency, priority) => {
    const tenant = await tenantFor();
    const id = await create(tenant, { impact, urgency, priority: "1" });
    expect(tenant.serviceNow.tickets.get(id)?.fields["priority"]).toBe(priority);
  });

  it("cuts text to its column, ignores unknown and read-only columns, loses unknown references", async () => {
    const tenant = await tenantFor();
    const body = {
      short_description: "x".repeat(200),
      correlation_id: "k".repeat(120),
      u_own: "1",
      number: "INC1",
      sys_id: "1",
      assigned_to: "nobody",
      list: [1],
    };
    const fields = tenant.serviceNow.tickets.get(await create(tenant, body))?.fields ?? {};
    expect(fields["short_description"]).toHaveLength(160);
    expect(fields["correlation_id"]).toHaveLength(100);
    expect(fields["number"]).toBe("INC0010001");
    expect(fields["assigned_to"]).toBe("");
    expect(fields).not.toHaveProperty("u_own");
  });

  it("counts changes and names who made them; a change that changes nothing does not count", async () => {
    const tenant = await tenantFor();
    const id = await create(tenant, { urgency: "2" });
    expect((await patch(tenant, id, { urgency: "2" })).json().result.sys_mod_count).toBe("0");
    expect((await patch(tenant, id, { urgency: "1" })).json().result).toMatchObject({
      sys_mod_count: "1",
      sys_updated_by: "dex-sync",
    });
    expect(tenant.serviceNow.changeAs("beth.anglin", id, { urgency: "3" }).fields).toMatchObject({
      sys_mod_count: "2",
      sys_updated_by: "beth.anglin",
    });
  });
});
