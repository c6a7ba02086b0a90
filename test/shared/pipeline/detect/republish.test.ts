import { describe, expect, it } from "vitest";
import { handlePollMessage } from "../../../../shared/pipeline/handle-poll-request.ts";
import { acquirePollLease } from "../../../../shared/pipeline/poll-state.ts";
import type { Table } from "../../../../shared/pipeline/ports/table.ts";
import { republishKnown } from "../../../../shared/pipeline/detect/republish.ts";
import { TENANT } from "../../../build.ts";
import { createTenant } from "../../../source-tenant.ts";

type Tenants = Parameters<typeof handlePollMessage>[0];

/** Incidents that are asked for by name while another poll of the tenant is under way. */
async function whileBeingRead(ids: readonly string[]) {
  const tenant = createTenant();
  tenant.change("1");
  tenant.change("2", { status: "redirected", redirectIncidentId: "1" });
  await tenant.poll();
  tenant.deltas();
  await tenant.clock.advance(5_000);
  await acquirePollLease(tenant.tables.control, TENANT, tenant.clock.now(), 60_000);
  const before = { ...tenant.requests };
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const tenants: Tenants = {
    ...tenant.deps,
    detectDeps: () => Promise.resolve(tenant.deps),
    subscriptionDeps: unused,
  };
  const body = { v: 1, tenantId: TENANT, cause: "link", requestedAt: tenant.clock.now(), incidents: ids };
  await handlePollMessage(tenants, body, tenant.clock.now());
  return { tenant, requests: tenant.requests, before };
}

describe("incidents asked for by name, while their tenant is being read", () => {
  it("are published again at once where they are known, and the source is not asked", async () => {
    const { tenant, requests, before } = await whileBeingRead(["1", "2"]);
    expect(new Set(tenant.deltas().map(({ incidentId }) => incidentId))).toEqual(new Set(["1", "2"]));
    expect(requests).toEqual(before);
    expect(tenant.bus.take("poll-requests")).toEqual([]);
    for (const id of ["1", "2"]) expect((await tenant.snapshot(id))?.marks).toEqual([]);
  });

  it("wait for their turn where they are not known, without the others being published twice", async () => {
    const { tenant } = await whileBeingRead(["1", "7"]);
    expect(new Set(tenant.deltas().map(({ incidentId }) => incidentId))).toEqual(new Set(["1"]));
    expect(tenant.bus.take("poll-requests")).toMatchObject([{ body: { cause: "link", incidents: ["7"] } }]);
  });

  it("leave rows for the page as the newest snapshot has them, though a poll saves something newer meanwhile", async () => {
    const tenant = createTenant();
    tenant.change("1", { status: "awaitingAction" });
    await tenant.poll();
    await tenant.clock.advance(5_000);
    const { open, report } = tenant.tables;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = (table: Table): Table => ({
      ...table,
      async batch(...args) {
        await gate;
        return table.batch(...args);
      },
    });
    const slowTables = { ...tenant.tables, open: slow(open), report: slow(report) };
    const republished = republishKnown({ ...tenant.deps, tables: slowTables }, ["1"]);
    await expect.poll(async () => (await tenant.snapshot("1"))?.marks).not.toEqual([]);
    tenant.change("1", { status: "resolved" });
    await tenant.poll();
    go();
    await republished;
    expect(await open.get(TENANT, "incident:1")).toBeDefined();
    await tenant.clock.advance(15_000);
    await tenant.poll();
    expect(await open.get(TENANT, "incident:1")).toBeUndefined();
    expect((await tenant.snapshot("1"))?.marks).toEqual([]);
  });
});
