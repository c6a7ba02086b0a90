import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { call, deskCall, graphCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

function json(url: string, method = "GET", body?: unknown, headers: Record<string, string> = {}) {
  return call(url, headers, { method, ...(body === undefined ? {} : { body }) });
}

/** fetch will not send a Host of its own; this does. */
function statusWithHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the control page", () => {
  it("shows every simulator to a person, with incident text as text", async () => {
    const tenant = await tenantFor({ graph: { portalLinks: "simulator" } });
    const { id } = tenant.graph.incidents.create({ displayName: "<img src=x onerror=alert(1)>" });
    await deskCall(tenant, "/api/now/table/incident", {
      method: "POST",
      body: { short_description: "<img src=x onerror=alert(1)>" },
    });
    for (const { url } of [tenant.graph, tenant.serviceNow, tenant.sentinel]) {
      const response = await fetch(`${url}/simulator`);
      const html = await response.text();
      expect(html).toContain("This is a simulator on this machine");
      expect(html).toContain("&lt;img src=x");
      expect(html).not.toContain("<img");
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
    const link = (await graphCall(tenant, `v1.0/security/incidents/${id}`)).json().incidentWebUrl;
    expect(await (await fetch(link)).text()).toContain("&lt;img src=x");
    expect((await fetch(link.replace(id, "99"))).status).toBe(404);
  });

  it("takes faults from its form", async () => {
    const tenant = await tenantFor();
    const { url, faults } = tenant.graph;
    const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
    const added = await call(
      `${url}/simulator/faults`,
      {},
      { ...form, body: "kind=status&match=&status=503&delayMs=&retryAfter=9&times=" },
    );
    expect([added.status, added.headers.get("location")]).toEqual([303, "/simulator"]);
    expect(faults.list()).toEqual([{ kind: "status", status: 503, retryAfter: 9 }]);
    await call(`${url}/simulator/faults/clear`, {}, { ...form, body: "" });
    expect(faults.list()).toEqual([]);
  });

  it("reads and changes switches, and refuses what is none", async () => {
    const tenant = await tenantFor();
    const url = `${tenant.graph.url}/simulator/behaviour`;
    expect((await json(url)).json()).toMatchObject({ order: "updated-desc", quotaPerMinute: 0 });
    expect((await json(url, "POST", { order: "random", quotaPerMinute: 5 })).status).toBe(200);
    expect(tenant.graph.behaviour).toMatchObject({ order: "random", quotaPerMinute: 5 });
    for (const wrong of [
      { order: "sideways" },
      { quotaPerMinute: "5" },
      { quotaPerMinute: -1 },
      { toString: "x" },
      { honourOrderby: true, nothing: 1 },
    ]) {
      expect((await json(url, "POST", wrong)).status).toBe(400);
    }
    expect(tenant.graph.behaviour.honourOrderby).toBe(false);
  });

  it("tells the truth of all three, and counts nothing it is asked itself", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({ status: "awaitingAction" });
    tenant.graph.incidents.comment(id, "Defender Experts", "hello");
    await deskCall(tenant, "/api/now/table/incident", {
      method: "POST",
      body: { work_notes: "n", correlation_id: "k" },
    });
    const truth = (await json(`${tenant.graph.url}/simulator/truth`)).json();
    expect(truth).toMatchObject({
      finished: false,
      count: 1,
      changes: 2,
      incidents: [{ id, status: "awaitingAction", comments: [{ comment: "hello" }] }],
    });
    const tickets = (await json(`${tenant.serviceNow.url}/simulator/tickets`)).json();
    expect(tickets).toMatchObject({
      count: 1,
      tickets: [{ correlation_id: "k", journal: [{ element: "work_notes", value: "n" }] }],
    });
    const twins = (await json(`${tenant.sentinel.url}/simulator/incidents`)).json();
    expect(twins).toMatchObject({
      count: 1,
      incidents: [{ properties: { providerIncidentId: id }, comments: [], tasks: [] }],
    });
    expect((await json(`${tenant.serviceNow.url}/simulator/requests`)).json()).toMatchObject({ total: 1 });
    expect((await json(`${tenant.serviceNow.url}/simulator/requests`, "DELETE")).status).toBe(204);
    expect(tenant.serviceNow.requests.read().total).toBe(0);
    expect((await json(`${tenant.graph.url}/simulator/nothing`)).status).toBe(404);
  });

  it("takes no orders from other sites", async () => {
    const tenant = await tenantFor();
    const url = `${tenant.graph.url}/simulator/faults`;
    const foreign = await json(url, "POST", { kind: "cut" }, { origin: "http://evil.example" });
    expect(foreign.status).toBe(403);
    expect(await statusWithHost(url, "evil.example")).toBe(403);
    expect(await statusWithHost(url, `localhost:${new URL(url).port}`)).toBe(200);
    expect(tenant.graph.faults.list()).toEqual([]);
  });
});
