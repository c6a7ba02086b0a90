import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { createManualClock, deskCall, useTenant } from "../with-tenant.ts";

const TABLE = "/api/now/table/incident";
const tenantFor = useTenant();

async function create(tenant: Tenant, body: object): Promise<Record<string, string>> {
  const answer = await deskCall(tenant, `${TABLE}?sysparm_exclude_reference_link=true`, { method: "POST", body });
  expect(answer.status).toBe(201);
  return answer.json().result;
}

async function numbers(tenant: Tenant, query: string, more = ""): Promise<readonly string[]> {
  const answer = await deskCall(
    tenant,
    `${TABLE}?sysparm_query=${encodeURIComponent(query)}&sysparm_fields=number${more}`,
  );
  expect(answer.status).toBe(200);
  return answer.json().result.map((row: { number: string }) => row.number);
}

describe("queries of the Table API", () => {
  it("ignores a part it does not understand and returns rows anyway", async () => {
    const tenant = await tenantFor();
    const a = await create(tenant, { correlation_id: "mdx:t:1", short_description: "a" });
    const b = await create(tenant, { correlation_id: "mdx:t:2", short_description: "b" });
    expect(await numbers(tenant, "correlation_id=mdx:t:2")).toEqual([b["number"]]);
    expect(await numbers(tenant, "corelation_id=mdx:t:2")).toEqual([a["number"], b["number"]]);
    expect(await numbers(tenant, "correlation_id mdx:t:2")).toEqual([a["number"], b["number"]]);
    expect(await numbers(tenant, "u_nothing=1^short_description=a")).toEqual([a["number"]]);
    tenant.serviceNow.behaviour.invalidQueryReturnsNoRows = true;
    expect(await numbers(tenant, "corelation_id=mdx:t:2")).toEqual([]);
  });

  it("knows operators, alternatives and order, with case", async () => {
    const tenant = await tenantFor();
    const a = (await create(tenant, { short_description: "alpha", impact: "1" }))["number"];
    const b = (await create(tenant, { short_description: "beta", impact: "2" }))["number"];
    const c = (await create(tenant, { short_description: "gamma", impact: "3", correlation_id: "k" }))["number"];
    expect(await numbers(tenant, "short_descriptionLIKEamm")).toEqual([c]);
    expect(await numbers(tenant, "short_descriptionSTARTSWITHBe")).toEqual([]);
    expect(await numbers(tenant, "short_descriptionSTARTSWITHbe")).toEqual([b]);
    expect(await numbers(tenant, "impact=1^ORimpact=3^ORDERBYDESCshort_description")).toEqual([c, a]);
    expect(await numbers(tenant, "impact=1^NQshort_description=beta")).toEqual([a, b]);
    expect(await numbers(tenant, "impact!=1^impactIN2,3")).toEqual([b, c]);
    expect(await numbers(tenant, "correlation_idISEMPTY^ORDERBYDESCnumber")).toEqual([b, a]);
    expect(await numbers(tenant, "impact>=2^ORDERBYnumber", "&sysparm_limit=1&sysparm_offset=1")).toEqual([c]);
    expect(await numbers(tenant, "opened_by=javascript:gs.getUserID()")).toHaveLength(3);
  });

  it("answers 200 and an empty list, or 404 on v1, where there is nothing", async () => {
    const tenant = await tenantFor();
    const query = "?sysparm_query=correlation_id=none";
    expect((await deskCall(tenant, `${TABLE}${query}`)).json()).toEqual({ result: [] });
    expect((await deskCall(tenant, `/api/now/v2/table/incident${query}`)).json()).toEqual({ result: [] });
    const old = await deskCall(tenant, `/api/now/v1/table/incident${query}`);
    expect(old.status).toBe(404);
    expect(old.json()).toMatchObject({ error: { message: "No Record found" }, status: "failure" });
    expect((await deskCall(tenant, `${TABLE}/${"0".repeat(32)}`)).status).toBe(404);
    expect((await deskCall(tenant, "/api/now/table/nothing")).status).toBe(400);
  });

  it("finds by time of update with an overlap, and pages with headers", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const a = await create(tenant, { correlation_id: "mdx:t:1" });
    clock.advance(60_000);
    const b = await create(tenant, { correlation_id: "mdx:t:2" });
    const c = await create(tenant, { correlation_id: "other" });
    const since = b["sys_updated_on"] ?? "";
    expect(since).toBe("2026-11-24 10:01:00");
    expect(
      await numbers(tenant, `correlation_idSTARTSWITHmdx:^sys_updated_on>=${since}^ORDERBYsys_updated_on`),
    ).toEqual([b["number"]]);
    clock.advance(60_000);
    tenant.serviceNow.changeAs("abel.tuter", a["sys_id"] ?? "", { urgency: "1" });
    expect(await numbers(tenant, `sys_updated_on>${since}`)).toEqual([a["number"]]);
    const page = await deskCall(tenant, `${TABLE}?sysparm_limit=2`);
    expect(page.headers.get("x-total-count")).toBe("3");
    expect(page.headers.get("link")).toContain('rel="next"');
    expect((await deskCall(tenant, `${TABLE}?sysparm_no_count=true`)).headers.get("x-total-count")).toBeNull();
    expect(c["number"]).toMatch(/^INC00\d{5}$/);
  });

  it("hides a new record from lists while the index lags, not from a read by id", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, serviceNow: { behaviour: { searchLagMs: 5_000 } } });
    const record = await create(tenant, { correlation_id: "k" });
    expect(await numbers(tenant, "correlation_id=k")).toEqual([]);
    expect((await deskCall(tenant, `${TABLE}/${record["sys_id"]}`)).status).toBe(200);
    clock.advance(5_000);
    expect(await numbers(tenant, "correlation_id=k")).toEqual([record["number"]]);
  });

  it("makes two records of one correlation_id when asked twice at once", async () => {
    const tenant = await tenantFor();
    await Promise.all([create(tenant, { correlation_id: "k" }), create(tenant, { correlation_id: "k" })]);
    expect(await numbers(tenant, "correlation_id=k")).toHaveLength(2);
  });

  it("shows values as text, references with a link or without, choices with labels when asked", async () => {
    const tenant = await tenantFor();
    const { sys_id: id } = await create(tenant, { assignment_group: "SOC", state: 2, urgency: 1 });
    const shown = (await deskCall(tenant, `${TABLE}/${id}`)).json().result;
    expect(shown).toMatchObject({ state: "2", active: "true", work_notes: "", sys_mod_count: "0" });
    expect(shown.assignment_group.link).toContain(`/api/now/table/sys_user_group/${shown.assignment_group.value}`);
    const plain = (
      await deskCall(
        tenant,
        `${TABLE}/${id}?sysparm_exclude_reference_link=true&sysparm_fields=assignment_group,state,nonsense`,
      )
    ).json().result;
    expect(plain).toEqual({ assignment_group: shown.assignment_group.value, state: "2" });
    const labels = (
      await deskCall(tenant, `${TABLE}/${id}?sysparm_display_value=true&sysparm_exclude_reference_link=true`)
    ).json().result;
    expect(labels).toMatchObject({ assignment_group: "SOC", state: "In Progress", urgency: "1 - High" });
    const both = (await deskCall(tenant, `${TABLE}/${id}?sysparm_display_value=all`)).json().result;
    expect(both.state).toEqual({ display_value: "In Progress", value: "2" });
  });
});
