import { afterEach, describe, expect, it } from "vitest";
import { healthOf } from "../../shared/pipeline/overview/health.ts";
import { readOverview } from "../../shared/pipeline/overview/read-overview.ts";
import { type InProcess, startInProcess } from "../in-process.ts";

let rig: InProcess | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

const TOMORROW = {
  status: "onHoldByProvider",
  severity: "catastrophic",
  classification: "benignPositive",
  determination: "quantumAttack",
} as const;

describe("members that Graph's enums do not have today", { timeout: 60_000 }, () => {
  it("are kept raw, shown in the ticket and on the page, and counted by field and value", async () => {
    rig = await startInProcess();
    const { incidents } = rig.tenant.graph;
    const { id } = incidents.create(TOMORROW);
    incidents.create({ severity: TOMORROW.severity });
    incidents.create({ severity: "high", classification: "truePositive", determination: "clean" });
    await rig.poll();
    const description = rig.records(id)[0]?.["description"] ?? "";
    for (const value of Object.values(TOMORROW)) expect(description).toContain(value);

    const overview = await readOverview(rig.composition.overviewDeps());
    const shown = overview.incidents.find(({ incidentId }) => incidentId === id);
    expect(shown).toMatchObject({ stage: "unrecognised", severity: "unrecognised", unknownValues: TOMORROW });
    const health = healthOf(overview);
    expect(health.tenants[0]).toMatchObject({ problems: [] });
    expect(health.tenants[0]?.unknownValues).toEqual({
      values: [
        { field: "severity", value: "catastrophic", incidents: 2 },
        ...(["status", "classification", "determination"] as const).map((field) => ({
          field,
          value: TOMORROW[field],
          incidents: 1,
        })),
      ],
      more: 0,
    });
  });

  it("are listed in short where there is a flood of them", async () => {
    rig = await startInProcess();
    for (let index = 0; index < 30; index += 1) {
      rig.tenant.graph.incidents.create({ severity: `level-${index}-${"x".repeat(500)}` });
    }
    await rig.poll();
    const { tenants } = await readOverview(rig.composition.overviewDeps());
    expect(tenants[0]?.unknownValues).toMatchObject({ more: 10 });
    expect(tenants[0]?.unknownValues?.values).toHaveLength(20);
    expect(JSON.stringify(tenants[0]?.unknownValues).length).toBeLessThan(4_000);
  });
});
