import { describe, expect, it } from "vitest";
import { createManualClock, graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const tenantFor = useTenant();

describe("what stands before Graph", () => {
  it.each([{}, { authorization: "Bearer another" }, { authorization: "Basic eDp5" }])(
    "refuses %j with 401",
    async (headers) => {
      const tenant = await tenantFor();
      const response = await fetch(`${tenant.graph.url}/${PATH}`, { headers: headers as Record<string, string> });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      expect(await response.json()).toMatchObject({ error: { code: "InvalidAuthenticationToken" } });
    },
  );

  it("has bad days: 401, 403, a page, 206 with a warning", async () => {
    const tenant = await tenantFor();
    tenant.graph.incidents.create();
    const { behaviour } = tenant.graph;
    behaviour.answer = "unauthorized";
    expect((await graphCall(tenant, PATH)).status).toBe(401);
    behaviour.answer = "forbidden";
    expect((await graphCall(tenant, PATH)).json().error.code).toBe("Forbidden");
    behaviour.answer = "html";
    const page = await graphCall(tenant, PATH);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    behaviour.answer = "partial";
    const partial = await graphCall(tenant, PATH);
    expect(partial.status).toBe(206);
    expect(partial.headers.get("warning")).toContain("199");
    expect(partial.json().value).toHaveLength(1);
  });

  it("takes back a token", async () => {
    const tenant = await tenantFor();
    tenant.graph.setTokens(["new-token"]);
    expect((await graphCall(tenant, PATH)).status).toBe(401);
    expect((await graphCall(tenant, PATH, { headers: { authorization: "Bearer new-token" } })).status).toBe(200);
  });

  it("throttles by the minute and says when to come back, in seconds, as a date, or not at all", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, graph: { behaviour: { quotaPerMinute: 2 } } });
    const { behaviour } = tenant.graph;
    for (const status of [200, 200]) expect((await graphCall(tenant, PATH)).status).toBe(status);
    clock.advance(20_000);
    const seconds = await graphCall(tenant, PATH);
    expect(seconds.status).toBe(429);
    expect(seconds.json().error.code).toBe("TooManyRequests");
    expect(seconds.headers.get("retry-after")).toBe("40");
    behaviour.retryAfter = "date";
    const date = (await graphCall(tenant, PATH)).headers.get("retry-after") ?? "";
    expect(Date.parse(date)).toBe(clock.now() + 40_000);
    behaviour.retryAfter = "none";
    expect((await graphCall(tenant, PATH)).headers.get("retry-after")).toBeNull();
    clock.advance(40_000);
    expect((await graphCall(tenant, PATH)).status).toBe(200);
  });

  it("counts requests by kind", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    await graphCall(tenant, PATH);
    await graphCall(tenant, `${PATH}?$skip=0`);
    await graphCall(tenant, `${PATH}/${id}`);
    await graphCall(tenant, `${PATH}/999`);
    expect(tenant.graph.requests.read()).toMatchObject({
      total: 4,
      byKind: { "list incidents": 1, "next page of incidents": 1, "get incident": 2 },
      byStatus: { "200": 3, "404": 1 },
    });
  });

  it("refuses what it does not have", async () => {
    const tenant = await tenantFor();
    expect((await graphCall(tenant, "v1.0/security/incidents/delta")).status).toBe(404);
    expect((await graphCall(tenant, "v1.0/security/incidentTasks")).status).toBe(400);
    expect((await graphCall(tenant, "v2.0/security/incidents")).status).toBe(400);
    expect((await graphCall(tenant, "v1.0/security/incidents/%zz")).status).toBe(400);
    expect((await graphCall(tenant, PATH, { method: "DELETE" })).status).toBe(400);
  });
});
