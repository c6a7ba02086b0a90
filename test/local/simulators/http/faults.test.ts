import { describe, expect, it } from "vitest";
import type { Fault } from "../../../../local/simulators/http/faults.ts";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { call, deskCall, graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const TABLE = "/api/now/table/incident";
const tenantFor = useTenant();

async function addFault(url: string, fault: unknown) {
  return call(`${url}/simulator/faults`, {}, { method: "POST", body: fault });
}

async function graphWith(fault: Fault): Promise<Tenant> {
  const tenant = await tenantFor();
  tenant.graph.incidents.create();
  expect((await addFault(tenant.graph.url, fault)).status).toBe(201);
  return tenant;
}

describe("faults", () => {
  it("answers a status with Retry-After, so many times", async () => {
    const tenant = await graphWith({ kind: "status", status: 503, retryAfter: 7, times: 2 });
    for (const status of [503, 503, 200]) {
      const answer = await graphCall(tenant, PATH);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("retry-after")).toBe(status === 503 ? "7" : null);
    }
    expect(tenant.graph.requests.read().byStatus).toEqual({ "503": 2, "200": 1 });
  });

  it("strikes only what matches, until it is cleared", async () => {
    const tenant = await graphWith({ kind: "status", match: `GET /${PATH}/` });
    expect((await graphCall(tenant, PATH)).status).toBe(200);
    expect((await graphCall(tenant, `${PATH}/1001`)).status).toBe(500);
    expect((await graphCall(tenant, `${PATH}/1001`)).status).toBe(500);
    expect((await graphCall(tenant, `${PATH}/1001`, { method: "PATCH", body: {} })).status).toBe(200);
    expect((await call(`${tenant.graph.url}/simulator/faults`, {}, { method: "DELETE" })).status).toBe(204);
    expect((await graphCall(tenant, `${PATH}/1001`)).status).toBe(200);
  });

  it("cuts a connection before, or after, the write is carried out", async () => {
    const tenant = await tenantFor();
    const { faults, tickets, requests } = tenant.serviceNow;
    faults.add({ kind: "cut", match: `POST ${TABLE}`, times: 1 });
    faults.add({ kind: "applyThenCut", match: "POST", times: 1 });
    const post = () => deskCall(tenant, TABLE, { method: "POST", body: { correlation_id: "k" } });
    await expect(post()).rejects.toThrow("fetch failed");
    expect(tickets.size()).toBe(0);
    await expect(post()).rejects.toThrow("fetch failed");
    expect(tickets.size()).toBe(1);
    expect((await post()).status).toBe(201);
    expect(requests.read().byStatus).toEqual({ cut: 2, "201": 1 });
  });

  it("answers with half of the JSON, or with a page", async () => {
    const tenant = await graphWith({ kind: "malformed", times: 1 });
    const half = await graphCall(tenant, PATH);
    expect([half.status, half.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(() => half.json()).toThrow(SyntaxError);
    tenant.graph.faults.add({ kind: "html" });
    const page = await graphCall(tenant, PATH);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    tenant.graph.faults.clear();
    tenant.serviceNow.faults.add({ kind: "malformed", times: 1 });
    await deskCall(tenant, TABLE, { method: "POST", body: {} });
    expect(tenant.serviceNow.tickets.size()).toBe(0);
  });

  it("waits before it answers", async () => {
    const tenant = await graphWith({ kind: "delay", delayMs: 80, times: 1 });
    const started = performance.now();
    expect((await graphCall(tenant, PATH)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  it("does not hold up closing", async () => {
    const tenant = await graphWith({ kind: "delay", delayMs: 3_600_000 });
    const hung = graphCall(tenant, PATH).catch((error: unknown) => error);
    await expect.poll(() => tenant.graph.faults.list()).toHaveLength(1);
    await tenant.graph.close();
    expect(await hung).toBeDefined();
  });

  it.each([
    [{ kind: "explode" }, "kind must be one of"],
    [{ kind: "status", status: 42 }, "status must be"],
    [{ kind: "delay" }, "needs delayMs"],
    [{ kind: "cut", times: 0 }, "times must be"],
    [{ kind: "cut", match: 3 }, "match must be"],
    [{ kind: "status", retryAfter: "a\r\nb" }, "retryAfter must be"],
    ["{", "a fault is a JSON object"],
  ])("refuses %j", async (fault, message) => {
    const tenant = await tenantFor();
    const answer = await addFault(tenant.graph.url, fault);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toContain(message);
    expect(tenant.graph.faults.list()).toEqual([]);
  });
});
