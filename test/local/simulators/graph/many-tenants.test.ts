import { afterEach, describe, expect, it } from "vitest";
import { type GraphSimulator, startGraph } from "../../../../local/simulators/graph/start-graph.ts";
import { type Answer, call } from "../with-tenant.ts";

const graphs: GraphSimulator[] = [];

afterEach(async () => {
  await Promise.all(graphs.splice(0).map((graph) => graph.close()));
});

const TENANTS = [
  { tenantId: "11111111-1111-4111-8111-111111111111", tokens: ["token-one"], firstId: 500 },
  { tenantId: "22222222-2222-4222-8222-222222222222", tokens: ["token-two"], firstId: 500 },
] as const;

async function startBoth(): Promise<readonly [GraphSimulator, GraphSimulator]> {
  const [one, two] = await Promise.all([startGraph(TENANTS[0]), startGraph(TENANTS[1])]);
  graphs.push(one, two);
  return [one, two];
}

function ask({ url }: GraphSimulator, token: string, path: string, method = "GET", body?: unknown): Promise<Answer> {
  return call(
    `${url}/${path}`,
    { authorization: `Bearer ${token}` },
    { method, ...(body === undefined ? {} : { body }) },
  );
}

describe("several tenants in one process", () => {
  it("keep the same incident id apart, and take no token but their own", async () => {
    const [one, two] = await startBoth();
    expect(one.incidents.create({ displayName: "of one" }).id).toBe("500");
    expect(two.incidents.create({ displayName: "of two" }).id).toBe("500");
    two.incidents.addAlert("500");
    const path = "v1.0/security/incidents/500";
    expect((await ask(one, "token-one", path)).json()).toMatchObject({
      displayName: "of one",
      tenantId: TENANTS[0].tenantId,
    });
    await ask(one, "token-one", path, "PATCH", { severity: "high" });
    expect((await ask(two, "token-two", path)).json()).toMatchObject({
      displayName: "of two",
      severity: "medium",
      tenantId: TENANTS[1].tenantId,
    });
    expect((await ask(one, "token-one", `${path}/alerts`)).json().value).toEqual([]);
    expect((await ask(one, "token-two", path)).status).toBe(401);
    expect((await ask(two, "token-one", path)).status).toBe(401);
  });

  it("fail, are switched, run out of quota and are counted each for itself", async () => {
    const [one, two] = await startBoth();
    const path = "v1.0/security/incidents";
    one.behaviour.quotaPerMinute = 1;
    one.poisoned.add("500");
    one.tasks.add("500");
    one.faults.add({ kind: "status", status: 503, match: "GET /beta" });
    for (const status of [200, 429]) expect((await ask(one, "token-one", path)).status).toBe(status);
    for (const status of [200, 200]) expect((await ask(two, "token-two", path)).status).toBe(status);
    expect((await ask(one, "token-one", "beta/security/incidentTasks")).status).toBe(503);
    expect((await ask(two, "token-two", "beta/security/incidentTasks")).json().value).toEqual([]);
    expect(two.poisoned.size).toBe(0);
    expect([one.requests.read().byStatus, two.requests.read().byStatus]).toEqual([
      { "200": 1, "429": 1, "503": 1 },
      { "200": 3 },
    ]);
    await one.close();
    expect((await ask(two, "token-two", path)).status).toBe(200);
  });
});
