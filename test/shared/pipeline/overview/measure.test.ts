import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { createBreaker } from "../../../../shared/pipeline/breaker.ts";
import { measure } from "../../../../shared/pipeline/overview/measure.ts";
import { park } from "../../../../shared/pipeline/park/park.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import { TENANT } from "../../../build.ts";
import { createRecordingMetrics } from "../../../recording-metrics.ts";
import { createTenant } from "../../../source-tenant.ts";
import { DOWN, createLane } from "../../../ticket-lane.ts";

const HOUR = 3_600_000;
const DUE = {
  high: HOUR,
  medium: 4 * HOUR,
  low: 24 * HOUR,
  informational: 24 * HOUR,
  unknown: HOUR,
  unrecognised: HOUR,
};
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

function createMeasured() {
  const tenant = createTenant();
  const figures = createRecordingMetrics();
  const { tables, clock } = tenant;
  const connectors = (["itsm", "sentinel"] as ConnectorId[]).map((id) => ({
    id,
    kind: "servicenow",
    url: "https://tool.example.test",
    tenantIds: [TENANT],
  }));
  const overview = {
    tables,
    clock,
    isDemo: false,
    pollIntervalMs: 15_000,
    tenants: [{ id: TENANT, name: "Contoso", portalUrl: "https://portal.example.test" }],
    connectors,
  };
  return {
    ...tenant,
    figures,
    deps: { ...tenant.deps, metrics: figures.metrics },
    measure: () => measure({ overview, metrics: figures.metrics, requestsPerMinute: 1_000, dueMs: DUE }),
  };
}

describe("how things stand", () => {
  it("counts handovers within their time and beyond it, by the severity's own", async () => {
    const tenant = createMeasured();
    tenant.change("1", { status: "awaitingAction", severity: "high" });
    tenant.change("2", { status: "awaitingAction", severity: "medium" });
    tenant.change("3", { status: "active" });
    await tenant.poll();
    await tenant.clock.advance(2 * HOUR);
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.handovers")).toEqual([
      { value: 1, tenant: TENANT, state: "open" },
      { value: 1, tenant: TENANT, state: "overdue" },
    ]);
    expect(tenant.figures.standing("dexsync.incidents.open")).toEqual([
      { value: 1, tenant: TENANT, stage: "active" },
      { value: 0, tenant: TENANT, stage: "inProgress" },
      { value: 2, tenant: TENANT, stage: "awaitingCustomerAction" },
    ]);
  });

  it("tells the watermark's age and what is used of the quota", async () => {
    const tenant = createMeasured();
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.watermark.age")).toEqual([]);
    await tenant.poll();
    await tenant.measure();
    const [spent] = tenant.figures.standing("dexsync.quota.used");
    await tenant.clock.advance(90_000);
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.watermark.age")).toEqual([{ value: 90, tenant: TENANT }]);
    const [refilled] = tenant.figures.standing("dexsync.quota.used");
    expect(spent).toMatchObject({ tenant: TENANT, budget: "lists" });
    expect(refilled?.value).toBe(0);
  });

  it("ages a tenant that was never read from the first try on", async () => {
    const tenant = createMeasured();
    tenant.failures.push(new RetryableError("unauthorized", "403"));
    expect(await tenant.poll()).toMatchObject({ outcome: "failed" });
    await tenant.clock.advance(HOUR);
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.watermark.age")).toEqual([{ value: 3_600, tenant: TENANT }]);
  });

  it("tells of parked work, an open breaker and a held connector, and when they are gone", async () => {
    const tenant = createMeasured();
    const { tables, clock } = tenant;
    const breaker = createBreaker({ connector: "itsm" as ConnectorId, control: tables.control, clock, log: SILENT });
    await breaker.tell(new RetryableError("unauthorized", "401"));
    const work = { incidentId: "29", reason: "refused", message: "no", mend: "", parkedAt: 0, body: {} };
    await park({ tables, log: SILENT }, TENANT, { ...work, what: "itsm" });
    await park({ tables, log: SILENT }, TENANT, { ...work, what: "source" });
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.breaker.open")).toEqual([
      { value: 1, connector: "itsm" },
      { value: 0, connector: "sentinel" },
    ]);
    expect(tenant.figures.standing("dexsync.parked")).toEqual([
      { value: 1, connector: "itsm" },
      { value: 0, connector: "sentinel" },
      { value: 1, connector: "source" },
    ]);
    await breaker.tell(undefined);
    await tenant.measure();
    expect(tenant.figures.standing("dexsync.breaker.open")[0]?.value).toBe(0);
  });
});

describe("what happens", () => {
  it("is counted where it is read: deltas, lags, polls and requests", async () => {
    const tenant = createTenant();
    const figures = createRecordingMetrics();
    const deps = { ...tenant.deps, metrics: figures.metrics };
    Object.assign(tenant.deps, deps);
    tenant.change("1", { status: "active" });
    await tenant.clock.advance(5_000);
    await tenant.poll();
    // Its alerts come after it: a delta, and no change at the source.
    const delta = { value: 1, tenant: TENANT, stage: "active" };
    expect(figures.of("dexsync.deltas")).toEqual([delta, delta]);
    expect(figures.of("dexsync.lag.seen")).toEqual([{ value: 5, tenant: TENANT }]);
    expect(figures.of("dexsync.lag.queued")).toEqual([
      { value: 5, tenant: TENANT, connector: "itsm" },
      { value: 5, tenant: TENANT, connector: "sentinel" },
    ]);
  });

  it("is counted where it is written: outcomes, the lag, and copies by their reason", async () => {
    const lane = await createLane();
    const figures = createRecordingMetrics();
    Object.assign(lane.deps, { metrics: figures.metrics });
    const created = await lane.change({ status: "active" });
    await lane.clock.advance(3_000);
    await lane.run(created);
    const changed = await lane.change({ status: "inProgress" });
    lane.tool.fail("update", "before", DOWN);
    await lane.run(changed);
    const itsm = { tenant: TENANT, connector: "itsm" };
    expect(figures.of("dexsync.passes")).toEqual([
      { value: 1, ...itsm, outcome: "created" },
      { value: 1, ...itsm, outcome: "waiting" },
    ]);
    expect(figures.of("dexsync.lag.written")).toEqual([{ value: 3, ...itsm }]);
    expect(figures.of("dexsync.copies")).toEqual([{ value: 1, ...itsm, reason: "unavailable" }]);
  });
});
