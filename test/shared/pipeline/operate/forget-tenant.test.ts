import { describe, expect, it } from "vitest";
import { operateForget } from "../../../../shared/pipeline/operate/operate-forget.ts";
import type { ForgottenStep } from "../../../../shared/pipeline/operate/forget-tenant.ts";
import type { Table } from "../../../../shared/pipeline/ports/table.ts";
import { park } from "../../../../shared/pipeline/park/park.ts";
import { TENANT } from "../../../build.ts";
import { createTenant } from "../../../source-tenant.ts";

const OTHER = "11111111-2222-4333-8444-555555555555";
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function createLeft(incidents: number) {
  const tenant = createTenant({ createdAfter: "2020-01-01T00:00:00Z" });
  for (let id = 1; id <= incidents; id += 1) {
    const createdAt = id % 2 === 0 ? "2026-01-15T00:00:00Z" : "2024-03-15T00:00:00Z";
    tenant.change(String(id), { createdAt, status: id % 3 === 0 ? "resolved" : "awaitingAction" });
  }
  await tenant.poll();
  const work = { incidentId: "1", what: "itsm", reason: "refused", message: "no", mend: "", parkedAt: 0, body: {} };
  await park({ tables: tenant.tables, log: SILENT }, TENANT, work);
  await tenant.tables.incident.put(`${OTHER}:1`, "snapshot", { kept: true }, "any");
  await tenant.tables.open.put(OTHER, "incident:1", { kept: true }, "any");
  const deps = {
    ...tenant.deps,
    config: { tenants: [{ id: OTHER as typeof TENANT, name: "Other" }], connectors: [{ id: "itsm" }] },
  };
  const forget = (order: object) => operateForget(deps, JSON.stringify(order));
  return { ...tenant, forget };
}

/** How many rows there are in partitions that begin with the tenant's id. */
async function rowsOf(tables: Record<string, Table>, months: readonly string[], ids: number): Promise<number> {
  const partitions = [TENANT, ...months.map((month) => `${TENANT}:${month}`)];
  for (let id = 1; id <= ids; id += 1) partitions.push(`${TENANT}:${id}`);
  const found = await Promise.all(
    Object.values(tables).flatMap((table) => partitions.map((partition) => table.range(partition))),
  );
  return found.flat().length;
}

describe("forgetting a tenant", () => {
  it("leaves nothing of it, and everything of others", async () => {
    const tenant = await createLeft(120);
    const months = ["2026-01", "2024-03"];
    expect(await rowsOf({ ...tenant.tables }, months, 120)).toBeGreaterThan(360);
    const { status, body } = await tenant.forget({ tenant: TENANT, reason: "contract ended" });
    expect(status).toBe(200);
    expect(body).toEqual({ incidents: 120, next: undefined });
    expect(await rowsOf({ ...tenant.tables }, months, 120)).toBe(0);
    expect(await tenant.tables.incident.get(`${OTHER}:1`, "snapshot")).toBeDefined();
    expect(await tenant.tables.open.get(OTHER, "incident:1")).toBeDefined();
    const kept = await tenant.tables.control.range("operations");
    expect(kept[0]?.value).toMatchObject({ operation: "forget", order: { reason: "contract ended" } });
  });

  it("goes on where a step ended, whatever a dying process left", async () => {
    const tenant = await createLeft(120);
    // Time passes with every row that goes, so that a step does not come far.
    const { batch } = tenant.tables.report;
    let isCut = true;
    tenant.tables.report.batch = async (...given) => {
      await tenant.clock.advance(16_000);
      if (isCut) {
        isCut = false;
        throw new Error("the process dies here");
      }
      return batch(...given);
    };
    await expect(tenant.forget({ tenant: TENANT, reason: "x" })).rejects.toThrow("dies here");
    let from: number | undefined;
    let steps = 0;
    let incidents = 0;
    do {
      const { body } = await tenant.forget({ tenant: TENANT, reason: "x", ...(from === undefined ? {} : { from }) });
      const step = body as ForgottenStep;
      from = step.next;
      incidents += step.incidents;
      steps += 1;
    } while (from !== undefined);
    expect({ incidents, areMany: steps > 2 }).toEqual({ incidents: 120, areMany: true });
    expect(await rowsOf({ ...tenant.tables }, ["2026-01", "2024-03"], 120)).toBe(0);
  });

  it.each([
    ["one that is still configured", { tenant: OTHER, reason: "x" }, "still in the configuration"],
    ["none named", { reason: "x" }, "tenant"],
    ["no reason", { tenant: TENANT }, "reason"],
    ["a name that is a path", { tenant: "../x", reason: "x" }, "tenant"],
  ])("is refused for %s", async (_name, order, problem) => {
    const tenant = await createLeft(1);
    const { status, body } = await tenant.forget(order);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain(problem);
  });
});
