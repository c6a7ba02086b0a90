import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const tenantFor = useTenant();

async function listIds(tenant: Tenant, query: string): Promise<readonly string[]> {
  const answer = await graphCall(tenant, `${PATH}?${query}`);
  expect(answer.status).toBe(200);
  return answer.json().value.map((row: { id: string }) => row.id);
}

/** Every page, by the links. */
async function walk(tenant: Tenant, query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let next: string | undefined = `${PATH}?${query}`;
  while (next !== undefined) {
    const answer = await graphCall(tenant, next);
    expect(answer.status).toBe(200);
    const page: { value: Array<{ id: string }>; "@odata.nextLink"?: string } = answer.json();
    ids.push(...page.value.map(({ id }) => id));
    next = page["@odata.nextLink"];
  }
  return ids;
}

function fill(tenant: Tenant, count: number): readonly string[] {
  return Array.from({ length: count }, () => tenant.graph.incidents.create().id);
}

describe("list of incidents", () => {
  it("shows 50 at most, newest update first, and counts when asked", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { fractionDigits: "seven" } } });
    const ids = fill(tenant, 60);
    tenant.graph.incidents.change(ids[3] ?? "", { severity: "high" });
    const answer = await graphCall(tenant, `${PATH}?$count=true`);
    expect(answer.json().value).toHaveLength(50);
    expect(answer.json()["@odata.count"]).toBe(60);
    expect(answer.json().value[0].id).toBe(ids[3]);
    expect(answer.json()["@odata.nextLink"]).toContain("$skip=50");
    expect(new Date(answer.headers.get("date") ?? "").getTime()).toBeGreaterThan(Date.now() - 5_000);
  });

  it.each([
    ["$top=200", "The limit of '50' for Top query has been exceeded. The value from the incoming request is '200'."],
    ["$skip=501", "The limit of '500' for Skip query has been exceeded. The value from the incoming request is '501'."],
    ["$top=0", "Invalid value '0' for $top"],
    ["$search=x", "$search"],
    ["$expand=comments", "comments"],
    ["$filter=startswith(displayName,'Defender')", "Invalid filter clause"],
    ["$filter=displayName eq 'x'", "displayName"],
    ["$filter=status eq 'active' or status eq 'resolved'", "Invalid filter clause"],
    ["$filter=status eq 'awaitingAction'", "awaitingAction"],
    ["$filter=status gt 'active'", "gt"],
    ["$filter=lastUpdateDateTime ge 'yesterday'", "lastUpdateDateTime"],
    ["$filter=lastUpdateDateTime ge 2026-13-01T00:00:00Z", "lastUpdateDateTime"],
  ])("refuses %s with 400", async (query, message) => {
    const tenant = await tenantFor();
    const answer = await graphCall(tenant, `${PATH}?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toMatchObject({ code: "BadRequest", message: expect.stringContaining(message) });
    expect(answer.json().error.innerError["request-id"]).toBe(answer.headers.get("request-id"));
  });

  it("filters on what the documentation names, combined with and", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const one = incidents.create({
      status: "resolved",
      severity: "high",
      assignedTo: "o'neill and co",
      classification: "truePositive",
      determination: "malware",
    });
    const two = incidents.create({ status: "active", severity: "high" });
    expect(await listIds(tenant, "$filter=status eq 'Resolved' and severity eq 'high'")).toEqual([one.id]);
    expect(await listIds(tenant, "$filter=assignedTo eq 'o''neill and co'")).toEqual([one.id]);
    expect(await listIds(tenant, "$filter=assignedTo eq null")).toEqual([two.id]);
    expect(await listIds(tenant, "$filter=classification ne 'truePositive' and severity ne 'low'")).toEqual([two.id]);
    expect(await listIds(tenant, "$filter=determination eq 'malware'")).toEqual([one.id]);
  });

  it("cuts a range of update times to the tick", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const stamps = ["2026-11-24T10:00:00.1234567Z", "2026-11-24T10:00:00.1234568Z", "2026-11-24T10:00:00.2Z"];
    const ids = stamps.map((stamp) => incidents.create({}, { stamp }).id);
    expect(await listIds(tenant, `$filter=lastUpdateDateTime ge ${stamps[1]}`)).toEqual([ids[2], ids[1]]);
    expect(await listIds(tenant, `$filter=lastUpdateDateTime gt ${stamps[1]}`)).toEqual([ids[2]]);
    expect(await listIds(tenant, `$filter=lastUpdateDateTime le ${stamps[1]}`)).toEqual([ids[1], ids[0]]);
    expect(await listIds(tenant, `$filter=lastUpdateDateTime lt ${stamps[1]}`)).toEqual([ids[0]]);
    expect(await listIds(tenant, `$filter=lastUpdateDateTime eq ${stamps[1]}`)).toEqual([ids[1]]);
    expect(await listIds(tenant, `$filter=createdDateTime ge ${stamps[2]}`)).toEqual([ids[2]]);
  });

  it("walks by skip up to 500 rows and is refused past them; by skip token it walks to the end", async () => {
    const tenant = await tenantFor();
    const ids = fill(tenant, 620);
    tenant.graph.behaviour.nextLink = "skiptoken";
    expect(new Set(await walk(tenant, "$top=50"))).toEqual(new Set(ids));
    tenant.graph.behaviour.nextLink = "skip";
    const last = await graphCall(tenant, `${PATH}?$skip=500`);
    const refused = await graphCall(tenant, last.json()["@odata.nextLink"]);
    expect(refused.status).toBe(400);
  });

  it("keeps one disorder through a random walk, and follows $orderby only when told to", async () => {
    const tenant = await tenantFor({
      graph: { behaviour: { order: "random", nextLink: "skiptoken", fractionDigits: "seven" } },
    });
    const ids = fill(tenant, 120);
    const random = await walk(tenant, "$top=50");
    expect(random.toSorted()).toEqual(ids.toSorted());
    expect(random).not.toEqual(ids.toReversed());
    tenant.graph.behaviour.order = "updated-desc";
    expect(await walk(tenant, "$orderby=lastUpdateDateTime asc")).toEqual(ids.toReversed());
    tenant.graph.behaviour.honourOrderby = true;
    expect(await walk(tenant, "$orderby=lastUpdateDateTime asc")).toEqual(ids);
    expect(await walk(tenant, "$orderby=createdDateTime desc")).toEqual(ids.toReversed());
  });

  it("has links that are missing, go in circles, or lead elsewhere; pages that are short, or empty", async () => {
    const tenant = await tenantFor();
    fill(tenant, 6);
    const { behaviour } = tenant.graph;
    const first = async () => (await graphCall(tenant, `${PATH}?$top=4`)).json();
    behaviour.nextLinkFault = "missing";
    expect((await first())["@odata.nextLink"]).toBeUndefined();
    behaviour.nextLinkFault = "loop";
    expect((await first())["@odata.nextLink"]).toContain("$skip=0");
    behaviour.nextLinkFault = "foreign-host";
    expect((await first())["@odata.nextLink"]).toContain("graph.example.invalid");
    behaviour.nextLinkFault = "none";
    behaviour.pageShape = "short";
    expect((await first()).value).toHaveLength(2);
    expect(await walk(tenant, "$top=4")).toHaveLength(6);
    behaviour.pageShape = "empty-first";
    expect((await first()).value).toHaveLength(0);
    expect(await walk(tenant, "$top=4")).toHaveLength(6);
  });
});
