import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { sentinelCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

async function codeOf(tenant: Tenant, path: string, method: "GET" | "PUT" = "GET"): Promise<readonly unknown[]> {
  const properties = { title: "t", severity: "Low", status: "New", message: "m" };
  const answer = await sentinelCall(tenant, path, method === "GET" ? {} : { method, body: { properties } });
  return answer.status < 300 ? [] : [answer.status, answer.json().error.code];
}

function twinOf(tenant: Tenant): string {
  const { id } = tenant.graph.incidents.create({ displayName: "Password spray" });
  return `/${tenant.sentinel.twinOf(id)?.name ?? ""}`;
}

describe("what the simulated Azure lets an identity do", () => {
  it("refuses a Reader each write, with the action and the scope, and no look-up", async () => {
    const tenant = await tenantFor();
    const twin = twinOf(tenant);
    tenant.sentinel.behaviour.role = "reader";
    for (const path of ["", twin, `${twin}/comments`, `${twin}/tasks`]) expect(await codeOf(tenant, path)).toEqual([]);
    for (const path of [twin, `${twin}/comments/a`, `${twin}/tasks/a`])
      expect(await codeOf(tenant, path, "PUT")).toEqual([403, "AuthorizationFailed"]);
    const said = await sentinelCall(tenant, `${twin}/comments/a`, { method: "PUT", body: {} });
    expect(said.json().error.message).toContain("Microsoft.SecurityInsights/incidents/comments/write");
    expect(tenant.sentinel.comments(twin.slice(1))).toEqual([]);
  });

  it("refuses one without a role everything", async () => {
    const tenant = await tenantFor();
    const twin = twinOf(tenant);
    tenant.sentinel.behaviour.role = "none";
    for (const path of ["", twin]) expect(await codeOf(tenant, path)).toEqual([403, "AuthorizationFailed"]);
  });

  it.each([
    ["subscription", "SubscriptionNotFound"],
    ["resourceGroup", "ResourceGroupNotFound"],
    ["workspace", "ResourceNotFound"],
  ] as const)("says that the %s is missing, whatever is asked for", async (missing, code) => {
    const tenant = await tenantFor();
    const twin = twinOf(tenant);
    tenant.sentinel.behaviour.missing = missing;
    for (const path of ["", twin]) expect(await codeOf(tenant, path)).toEqual([404, code]);
    expect(await codeOf(tenant, twin, "PUT")).toEqual([404, code]);
    tenant.sentinel.behaviour.missing = "nothing";
    expect(await codeOf(tenant, twin)).toEqual([]);
  });

  it.each([
    ["lock", [409, "ScopeLocked"]],
    ["policy", [403, "RequestDisallowedByPolicy"]],
  ] as const)("refuses writes by a %s, and no look-up", async (by, refusal) => {
    const tenant = await tenantFor();
    const twin = twinOf(tenant);
    tenant.sentinel.behaviour.writesRefusedBy = by;
    expect(await codeOf(tenant, twin, "PUT")).toEqual(refusal);
    expect(await codeOf(tenant, twin)).toEqual([]);
  });
});
