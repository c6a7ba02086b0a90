import { describe, expect, it, onTestFinished } from "vitest";
import { type GraphSimulator, startGraph } from "../../local/simulators/graph/start-graph.ts";
import type { TenantId } from "../../shared/incident/incident.ts";
import { readPollState } from "../../shared/pipeline/poll-state.ts";
import { type InProcess, startInProcess } from "../in-process.ts";

const SLOW = "11111111-1111-4111-8111-111111111111";
const FORBIDDEN = "22222222-2222-4222-8222-222222222222";
const WELL = "33333333-3333-4333-8333-333333333333";

interface ManyTenants {
  readonly product: InProcess;
  readonly graphs: Readonly<Record<string, GraphSimulator>>;
  /** One poll of every tenant, begun at once, as the timer asks for. */
  pollAll(): Promise<void>;
  hasRead(tenantId: string, incidentId: string): Promise<boolean>;
}

/** Three tenants, each with a Graph of its own, whose incidents have the same ids. */
async function startManyTenants(): Promise<ManyTenants> {
  const graphs: Record<string, GraphSimulator> = {};
  for (const tenantId of [SLOW, FORBIDDEN, WELL]) graphs[tenantId] = await startGraph({ tenantId });
  const product = await startInProcess(({ serviceNow }) => ({
    tenants: Object.entries(graphs).map(([id, graph]) => ({
      id,
      graphUrl: graph.url,
      credential: { kind: "token", secret: "GRAPH_TOKEN" },
    })),
    connectors: [
      {
        id: "itsm",
        kind: "servicenow",
        tenants: Object.keys(graphs),
        url: serviceNow.url,
        auth: { kind: "basic", username: serviceNow.credentials.username, secret: "SERVICENOW_PASSWORD" },
        settle: "PT0S",
      },
    ],
  }));
  onTestFinished(async () => {
    await product.close();
    await Promise.all(Object.values(graphs).map((graph) => graph.close()));
  });
  let polls = 0;
  return {
    product,
    graphs,
    pollAll() {
      polls += 1;
      return product.bus.send(
        "poll-requests",
        Object.keys(graphs).map((tenantId) => ({
          messageId: `${tenantId}-${polls}`,
          body: { v: 1, tenantId, cause: "timer", requestedAt: Date.now() },
        })),
      );
    },
    hasRead: async (tenantId, incidentId) =>
      (await product.tables.incident.get(`${tenantId}:${incidentId}`, "snapshot")) !== undefined,
  };
}

async function until(isTrue: () => Promise<boolean>, withinMs: number): Promise<number> {
  const from = Date.now();
  while (!(await isTrue())) {
    if (Date.now() - from > withinMs) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return Date.now() - from;
}

describe("three tenants", () => {
  it("wait for none of each other: one is slow, one forbidden, the third is read on time", async () => {
    const { product, graphs, pollAll, hasRead } = await startManyTenants();
    // What is loaded with the first poll is loaded.
    await pollAll();
    await product.bus.idle(200);
    graphs[SLOW]?.faults.add({ kind: "delay", delayMs: 1_500 });
    if (graphs[FORBIDDEN] !== undefined) graphs[FORBIDDEN].behaviour.answer = "forbidden";
    const ids = Object.values(graphs).map((graph) => graph.incidents.create({ displayName: "Same id" }).id);
    const [id = ""] = ids;
    expect(new Set(ids).size).toBe(1);

    await pollAll();
    const tookMs = await until(() => hasRead(WELL, id), 5_000);
    expect(tookMs).toBeLessThan(1_000);
    expect(await hasRead(SLOW, id)).toBe(false);
    // The first poll of the slow one still goes on.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const next = graphs[WELL]?.incidents.create().id ?? "";
    await pollAll();
    expect(await until(() => hasRead(WELL, next), 5_000)).toBeLessThan(1_000);
    await until(() => hasRead(SLOW, id), 5_000);
    graphs[SLOW]?.faults.clear();

    await product.bus.idle(200);
    expect(await hasRead(FORBIDDEN, id)).toBe(false);
    const states = await Promise.all(
      [SLOW, FORBIDDEN, WELL].map((tenantId) => readPollState(product.tables.control, tenantId as TenantId)),
    );
    expect(states.map((held) => held?.state.lastError ?? "")).toEqual(["", expect.stringMatching(/^unauthorized/), ""]);
    expect(states.map((held) => held?.state.unauthorized)).toEqual([0, 1, 0]);
  });

  it("have budgets, watermarks and pauses of their own, and tickets that never meet", async () => {
    const { product, graphs, pollAll, hasRead } = await startManyTenants();
    const id =
      Object.values(graphs).map((graph) => graph.incidents.create({ displayName: `of ${graph.tenantId}` }).id)[0] ?? "";
    await pollAll();
    await product.bus.idle(1_500);
    for (const tenantId of [SLOW, FORBIDDEN, WELL]) {
      const tickets = [...product.tenant.serviceNow.tickets.all()].filter(
        (ticket) => ticket.fields["correlation_id"] === `mdx:${tenantId}:${id}`,
      );
      expect(tickets.map((ticket) => ticket.fields["short_description"])).toEqual([
        expect.stringContaining(`of ${tenantId}`),
      ]);
    }
    graphs[SLOW]?.faults.add({ kind: "status", status: 429, retryAfter: 60 });
    const later = Object.values(graphs).map((graph) => graph.incidents.create().id)[0] ?? "";
    await pollAll();
    await product.bus.idle(200);
    expect([await hasRead(SLOW, later), await hasRead(FORBIDDEN, later), await hasRead(WELL, later)]).toEqual([
      false,
      true,
      true,
    ]);
    const before = graphs[SLOW]?.requests.read().total;
    await pollAll();
    await product.bus.idle(200);
    expect(graphs[SLOW]?.requests.read().total).toBe(before);
  });
});
