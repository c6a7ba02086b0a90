import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { createManualClock, graphCall, useTenant } from "../with-tenant.ts";

const PATH = "beta/security/incidentTasks";
const tenantFor = useTenant();

async function names(tenant: Tenant, query: string): Promise<readonly string[]> {
  const answer = await graphCall(tenant, `${PATH}?${query}`);
  return answer.json().value.map((task: { displayName: string }) => task.displayName);
}

/** Made a, b, c; changed b, then a. */
async function tenantWithTasks(): Promise<Tenant> {
  const clock = createManualClock();
  const tenant = await tenantFor({ clock });
  const { tasks } = tenant.graph;
  const made = ["a", "b", "c"].map((displayName) => {
    clock.advance(1_000);
    return tasks.add("1001", { displayName }).id;
  });
  for (const id of [made[1], made[0]]) {
    clock.advance(1_000);
    tasks.setStatus(id ?? "", "completed", "Customer");
  }
  return tenant;
}

describe("the list of incident tasks", () => {
  it.each([
    ["", "abc"],
    ["$orderby=lastUpdateDateTime", "cba"],
    ["$orderby=lastUpdateDateTime asc", "cba"],
    ["$orderby=lastUpdateDateTime desc", "abc"],
    ["$orderby=lastModifiedDateTime desc&$top=2", "ab"],
    ["$orderby=lastModifiedDateTime desc&$filter=status eq 'completed'", "ab"],
  ])("with %s is in the order %s", async (query, order) => {
    expect((await names(await tenantWithTasks(), query)).join("")).toBe(order);
  });

  it("follows an order over pages", async () => {
    const tenant = await tenantWithTasks();
    const first = (await graphCall(tenant, `${PATH}?$orderby=lastUpdateDateTime&$top=2`)).json();
    const second = (await graphCall(tenant, first["@odata.nextLink"])).json();
    expect(second.value.map((task: { displayName: string }) => task.displayName)).toEqual(["a"]);
    expect(second).not.toHaveProperty("@odata.nextLink");
  });

  it("refuses an order it does not know, and every order, or ignores it, when told to", async () => {
    const tenant = await tenantWithTasks();
    const query = "$orderby=lastUpdateDateTime";
    expect((await graphCall(tenant, `${PATH}?$orderby=status`)).status).toBe(400);
    expect((await graphCall(tenant, `${PATH}?$orderby=lastUpdateDateTime up`)).status).toBe(400);
    tenant.graph.behaviour.taskOrderby = "refused";
    expect((await graphCall(tenant, `${PATH}?${query}`)).status).toBe(400);
    expect((await graphCall(tenant, PATH)).status).toBe(200);
    tenant.graph.behaviour.taskOrderby = "ignored";
    expect((await names(tenant, query)).join("")).toBe("abc");
  });

  it("holds 500 rows at most", async () => {
    const tenant = await tenantFor();
    for (let made = 0; made < 501; made += 1) tenant.graph.tasks.add("1001");
    const page = (await graphCall(tenant, PATH)).json();
    expect(page.value).toHaveLength(500);
    expect((await graphCall(tenant, page["@odata.nextLink"])).json().value).toHaveLength(1);
    expect((await graphCall(tenant, `${PATH}?$top=500`)).status).toBe(200);
    expect((await graphCall(tenant, `${PATH}?$top=501`)).status).toBe(400);
  });

  it("shows what each kind of action needs", async () => {
    const tenant = await tenantFor();
    const { tasks } = tenant.graph;
    tasks.add("1001", { actionType: "isolateDevice", identifierValue: "d1" });
    tasks.add("1001", { actionType: "stopAndQuarantineFile", identifierValue: "5f1e", deviceId: "d2" });
    tasks.add("1001", { actionType: "disableUser", identifierValue: "m@contoso.example" });
    tasks.add("1001", { actionType: "text" });
    const actions = (await graphCall(tenant, PATH))
      .json()
      .value.map(({ responseAction }: { responseAction: unknown }) => responseAction);
    const type = (name: string) => ({ "@odata.type": `#microsoft.graph.security.${name}ResponseAction` });
    expect(actions).toEqual([
      { ...type("isolateDevice"), isolationType: "full", identifierValue: "d1" },
      { ...type("stopAndQuarantineFile"), deviceId: "d2", identifierValue: "5f1e" },
      { ...type("disableUser"), identifierValue: "m@contoso.example" },
      null,
    ]);
  });
});
