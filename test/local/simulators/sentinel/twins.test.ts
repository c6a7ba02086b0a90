import { describe, expect, it } from "vitest";
import { createManualClock, sentinelCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

describe("Sentinel's own Defender connector", () => {
  it("makes the twin some time later, as the incident then is", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, twinDelayMs: 300_000 });
    const { id } = tenant.graph.incidents.create({ displayName: "Password spray", severity: "high" });
    tenant.graph.incidents.addAlert(id, { category: "CredentialAccess" });
    expect(tenant.sentinel.twinOf(id)).toBeUndefined();
    clock.advance(200_000);
    tenant.graph.incidents.change(id, { status: "inProgress", assignedTo: "Defender Experts" });
    expect((await sentinelCall(tenant, "")).json().value).toEqual([]);
    clock.advance(100_000);
    expect((await sentinelCall(tenant, "")).json().value).toMatchObject([
      {
        type: "Microsoft.SecurityInsights/incidents",
        properties: {
          title: "Password spray",
          severity: "High",
          status: "Active",
          owner: { assignedTo: "Defender Experts" },
          providerName: "Microsoft XDR",
          providerIncidentId: id,
          additionalData: { alertsCount: 1, tactics: ["CredentialAccess"] },
        },
      },
    ]);
  });

  it.each([
    [{ status: "active" }, { status: "New", labels: [] }],
    [{ status: "inProgress" }, { status: "Active", labels: [] }],
    [
      { status: "awaitingAction", assignedTo: "Customer" },
      { status: "Active", labels: [{ labelName: "Awaiting Customer Action" }] },
    ],
    [
      { status: "resolved", classification: "falsePositive", determination: "notMalicious" },
      { status: "Closed", classification: "FalsePositive", classificationReason: "IncorrectAlertLogic" },
    ],
    [
      { status: "resolved", classification: "falsePositive", determination: "notEnoughDataToValidate" },
      { classificationReason: "InaccurateData" },
    ],
    [
      { status: "resolved", classification: "truePositive" },
      { classification: "TruePositive", classificationReason: "SuspiciousActivity" },
    ],
    [{ status: "resolved", classification: "informationalExpectedActivity" }, { classification: "BenignPositive" }],
    [{ status: "resolved" }, { classification: "Undetermined" }],
  ])("follows %j", async (fields, expected) => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    expect(tenant.sentinel.twinOf(id)?.status).toBe("New");
    tenant.graph.incidents.change(id, fields);
    expect(tenant.sentinel.twinOf(id)).toMatchObject(expected);
  });

  it("takes its own tag off, or leaves it, and never touches labels of others", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const { id } = incidents.create({ status: "awaitingAction" });
    const name = tenant.sentinel.twinOf(id)?.name ?? "";
    const { etag, properties } = (await sentinelCall(tenant, `/${name}`)).json();
    const labels = [...properties.labels, { labelName: "dex:experts" }];
    await sentinelCall(tenant, `/${name}`, { method: "PUT", body: { etag, properties: { ...properties, labels } } });
    incidents.change(id, { status: "inProgress" });
    const names = () => tenant.sentinel.twinOf(id)?.labels.map(({ labelName }) => labelName);
    expect(names()).toEqual(["dex:experts"]);
    incidents.change(id, { status: "awaitingAction" });
    expect(names()).toEqual(["dex:experts", "Awaiting Customer Action"]);
    tenant.sentinel.behaviour.awaitingTagRemoved = false;
    incidents.change(id, { status: "resolved" });
    expect(names()).toEqual(["dex:experts", "Awaiting Customer Action"]);
  });

  it("closes the source of a merge with the tag redirected", async () => {
    const tenant = await tenantFor();
    const { incidents } = tenant.graph;
    const [loser, survivor] = [incidents.create(), incidents.create()];
    incidents.merge(loser.id, survivor.id);
    expect(tenant.sentinel.twinOf(loser.id)).toMatchObject({ status: "Closed", labels: [{ labelName: "redirected" }] });
    expect(tenant.sentinel.twinOf(survivor.id)?.status).toBe("New");
  });

  it("carries status, owner and closing reason back to Defender, unless told not to", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    const write = async (fields: object) => {
      const { etag, name, properties } = (await sentinelCall(tenant, "")).json().value[0];
      await sentinelCall(tenant, `/${name}`, {
        method: "PUT",
        body: { etag, properties: { ...properties, ...fields } },
      });
    };
    await write({ status: "Closed", classification: "TruePositive", owner: { assignedTo: "Beth" } });
    expect(tenant.graph.incidents.get(id)).toMatchObject({
      status: "resolved",
      classification: "truePositive",
      assignedTo: "Beth",
      lastModifiedBy: "Microsoft Sentinel",
    });
    tenant.sentinel.behaviour.syncBack = false;
    await write({ status: "Active" });
    expect(tenant.graph.incidents.get(id)?.status).toBe("resolved");
  });

  it("does nothing when it is off", async () => {
    const tenant = await tenantFor({ sentinel: { behaviour: { connectorOn: false } } });
    const { id } = tenant.graph.incidents.create();
    expect(tenant.sentinel.twinOf(id)).toBeUndefined();
  });

  it("has a page for people, with incident text as text", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({ displayName: "<script>alert(1)</script>" });
    const { properties } = (await sentinelCall(tenant, "")).json().value[0];
    const html = await (await fetch(properties.incidentUrl)).text();
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain(`Microsoft XDR ${id}`);
    expect(html).not.toContain("<script");
  });
});
