import { describe, expect, it } from "vitest";
import { deskCall, useTenant } from "../with-tenant.ts";

const TABLE = "/api/now/table/incident";
const tenantFor = useTenant();

describe("journals", () => {
  it("append on every write, read back empty, and are rows of sys_journal_field", async () => {
    const tenant = await tenantFor();
    const made = (
      await deskCall(tenant, TABLE, { method: "POST", body: { work_notes: "one", comments: "for all" } })
    ).json().result;
    const path = `${TABLE}/${made.sys_id}`;
    const patch = { method: "PATCH", body: { work_notes: "two" } };
    await deskCall(tenant, path, patch);
    const again = (await deskCall(tenant, path, patch)).json().result;
    expect(again).toMatchObject({ work_notes: "", comments: "", sys_mod_count: "2" });
    const query = `sysparm_query=element_id=${made.sys_id}^element=work_notes^ORDERBYsys_created_on`;
    const notes = await deskCall(tenant, `/api/now/table/sys_journal_field?${query}`);
    expect(notes.json().result.map(({ value }: { value: string }) => value)).toEqual(["one", "two", "two"]);
    expect(notes.json().result[0]).toMatchObject({
      name: "incident",
      element_id: made.sys_id,
      sys_created_by: "dex-sync",
    });
    tenant.serviceNow.behaviour.journalReadable = false;
    expect((await deskCall(tenant, `/api/now/table/sys_journal_field?${query}`)).status).toBe(403);
  });

  it("cut a note that is too long", async () => {
    const tenant = await tenantFor();
    const { sys_id: id } = (
      await deskCall(tenant, TABLE, { method: "POST", body: { work_notes: "x".repeat(5_000) } })
    ).json().result;
    expect(tenant.serviceNow.tickets.journal(id)[0]?.value).toHaveLength(4_000);
  });

  it("answer with no body when asked", async () => {
    const tenant = await tenantFor();
    const answer = await deskCall(tenant, TABLE, {
      method: "POST",
      body: {},
      headers: { "x-no-response-body": "true" },
    });
    expect([answer.status, answer.text]).toEqual([201, ""]);
    expect(answer.headers.get("location")).toContain(TABLE);
  });
});

describe("the page of a record", () => {
  it("shows every field and note as text, whatever is in them", async () => {
    const tenant = await tenantFor();
    const hostile = "<script>alert(1)</script>[code]<img src=x onerror=alert(2)>[/code]\u202Eexe";
    const body = {
      short_description: hostile,
      work_notes: hostile,
      correlation_id: "mdx:t:7",
      assignment_group: "SOC",
    };
    const { sys_id: id, number } = (await deskCall(tenant, TABLE, { method: "POST", body })).json().result;
    const uris = [
      `incident.do?sys_id=${id}`,
      `incident.do?sysparm_query=number=${number}`,
      "incident.do?sysparm_query=correlation_id=mdx:t:7",
    ];
    for (const uri of [...uris, ...uris.map(encodeURIComponent)]) {
      const response = await fetch(`${tenant.serviceNow.url}/nav_to.do?uri=${uri}`);
      const html = await response.text();
      expect(response.status).toBe(200);
      expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
      expect(html).toContain("ServiceNow would render the [code] part");
      expect(html).toContain("\\u202e");
      expect(html).toContain("SOC (");
      expect(html).not.toMatch(/<script|<img|\u202E/);
    }
    expect((await fetch(`${tenant.serviceNow.url}/nav_to.do?uri=incident.do?sys_id=${"1".repeat(32)}`)).status).toBe(
      404,
    );
    expect(tenant.serviceNow.requests.read().total).toBe(1);
  });
});
