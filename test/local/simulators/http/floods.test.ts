import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { call, graphCall, useTenant } from "../with-tenant.ts";

const PATH = "v1.0/security/incidents";
const tenantFor = useTenant();

/** Reads a little, then hangs up. */
function hangUpEarly(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, (response) => {
      response.once("data", (chunk: Buffer) => {
        sent.destroy();
        resolve(chunk.length);
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("answers too big to keep", () => {
  it("streams so many bytes of JSON, without saying how many there will be", async () => {
    const tenant = await tenantFor();
    tenant.graph.faults.add({ kind: "huge", bytes: 300_000, times: 1 });
    const answer = await graphCall(tenant, PATH);
    expect([answer.status, answer.headers.get("content-length")]).toEqual([200, null]);
    expect(answer.text).toHaveLength(300_000);
    expect(answer.json().value).toEqual([]);
    expect(tenant.graph.requests.read().bytesByKind).toEqual({ "list incidents": 300_000 });
    expect((await graphCall(tenant, PATH)).text.length).toBeLessThan(1_000);
  });

  it("is 60 MB where nothing is said", async () => {
    const tenant = await tenantFor();
    tenant.graph.faults.add({ kind: "huge" });
    expect((await graphCall(tenant, PATH)).text).toHaveLength(60_000_000);
  });

  it("packs them small on the wire", async () => {
    const tenant = await tenantFor();
    tenant.graph.faults.add({ kind: "gzipBomb", bytes: 20_000_000, status: 206 });
    const answer = await graphCall(tenant, PATH);
    expect([answer.status, answer.headers.get("content-encoding")]).toEqual([206, "gzip"]);
    expect(answer.text).toHaveLength(20_000_000);
    const wire = tenant.graph.requests.read().bytesByKind["list incidents"] ?? 0;
    expect(wire).toBeGreaterThan(0);
    expect(wire).toBeLessThan(100_000);
  });

  it.each(["huge", "gzipBomb"] as const)("stops when nobody listens any more: %s", async (kind) => {
    const tenant = await tenantFor();
    const { graph } = tenant;
    graph.faults.add({ kind, bytes: 2_000_000_000 });
    expect(await hangUpEarly(`${graph.url}/${PATH}`)).toBeGreaterThan(0);
    graph.faults.clear();
    expect((await graphCall(tenant, PATH)).status).toBe(200);
    const sent = async () => {
      const before = graph.requests.read().bytesByKind["list incidents"] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return (graph.requests.read().bytesByKind["list incidents"] ?? 0) - before;
    };
    await expect.poll(sent, { timeout: 5_000 }).toBe(0);
    expect(graph.requests.read().bytesByKind["list incidents"]).toBeLessThan(500_000_000);
  });

  it("does not hold up closing", async () => {
    const tenant = await tenantFor();
    tenant.graph.faults.add({ kind: "huge", bytes: 10_000_000_000 });
    const response = await fetch(`${tenant.graph.url}/${PATH}`);
    await tenant.graph.close();
    await expect(response.text()).rejects.toThrow("terminated");
  });

  it.each([0, 1, 1.5, "many", 10_000_000_001])("refuses %j bytes", async (bytes) => {
    const tenant = await tenantFor();
    const url = `${tenant.graph.url}/simulator/faults`;
    const answer = await call(url, {}, { method: "POST", body: { kind: "huge", bytes } });
    expect(answer.status).toBe(400);
    expect(answer.json().error).toContain("bytes must be");
  });
});

describe("bytes answered with", () => {
  it("are counted by kind of request, as sent, and shown", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({ displayName: "Überprüfung" });
    const list = await graphCall(tenant, PATH);
    const one = await graphCall(tenant, `${PATH}/${id}`);
    const again = await graphCall(tenant, `${PATH}/${id}`);
    const url = `${tenant.graph.url}/simulator/requests`;
    expect((await call(url, {}, {})).json().bytesByKind).toEqual({
      "list incidents": Buffer.byteLength(list.text),
      "get incident": Buffer.byteLength(one.text) + Buffer.byteLength(again.text),
    });
    await call(url, {}, { method: "DELETE" });
    expect(tenant.graph.requests.read().bytesByKind).toEqual({});
  });
});
