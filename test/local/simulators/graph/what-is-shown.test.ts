import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTicks, parseTicks } from "../../../../local/simulators/graph/ticks.ts";
import { graphCall, PREFER, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

describe("what a request is shown", () => {
  it("hides awaitingAction on every request that does not prefer unknown members, page 2 included", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({ status: "awaitingAction" });
    tenant.graph.incidents.create({ status: "awaitingAction" });
    const first = await graphCall(tenant, "v1.0/security/incidents?$top=1", { headers: PREFER });
    expect(first.json().value[0].status).toBe("awaitingAction");
    expect(first.headers.get("preference-applied")).toBe("include-unknown-enum-members");
    const second = await graphCall(tenant, first.json()["@odata.nextLink"]);
    expect(second.json().value[0].status).toBe("unknownFutureValue");
    const path = `v1.0/security/incidents/${id}`;
    expect((await graphCall(tenant, path)).json().status).toBe("unknownFutureValue");
    const patch = { method: "PATCH", body: { severity: "high" } };
    expect((await graphCall(tenant, path, patch)).json().status).toBe("unknownFutureValue");
    expect((await graphCall(tenant, path, { ...patch, headers: PREFER })).json().status).toBe("awaitingAction");
  });

  it("hides members of alerts past the sentinel as well", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create();
    const evidence = [{ kind: "device", name: "ws-1.contoso.example", remediation: "pendingApproval" }] as const;
    tenant.graph.incidents.addAlert(id, {
      detectionSource: "scheduledAlerts",
      serviceSource: "microsoftSentinel",
      evidence,
    });
    const path = `v1.0/security/incidents/${id}/alerts`;
    const [hidden] = (await graphCall(tenant, path)).json().value;
    expect(hidden).toMatchObject({ detectionSource: "unknownFutureValue", serviceSource: "unknownFutureValue" });
    expect(hidden.evidence[0].remediationStatus).toBe("unknownFutureValue");
    const [shown] = (await graphCall(tenant, path, { headers: PREFER })).json().value;
    expect(shown).toMatchObject({ detectionSource: "scheduledAlerts", serviceSource: "microsoftSentinel" });
    expect(shown.evidence[0]).toMatchObject({
      "@odata.type": "#microsoft.graph.security.deviceEvidence",
      remediationStatus: "pendingApproval",
      deviceDnsName: "ws-1.contoso.example",
    });
  });

  it("has the recommendations of a Defender Experts Notification on beta only", async () => {
    const tenant = await tenantFor();
    const { id } = tenant.graph.incidents.create({
      recommendedActions: "<p>Do</p>",
      recommendedHuntingQueries: ["T | take 1"],
    });
    const beta = (await graphCall(tenant, `beta/security/incidents/${id}`)).json();
    expect(beta).toMatchObject({
      recommendedActions: "<p>Do</p>",
      recommendedHuntingQueries: [{ kqlText: "T | take 1" }],
    });
    const stable = (await graphCall(tenant, `v1.0/security/incidents/${id}`)).json();
    expect(stable).not.toHaveProperty("recommendedActions");
    expect(stable).not.toHaveProperty("recommendedHuntingQueries");
  });

  it("spells enums and comment keys as older documentation does, when told to", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { enumSpelling: "pascal", commentKeys: "legacy" } } });
    const { id } = tenant.graph.incidents.create({ status: "inProgress" });
    tenant.graph.incidents.comment(id, "Defender Experts", "hello");
    const shown = (await graphCall(tenant, `v1.0/security/incidents/${id}`)).json();
    expect(shown).toMatchObject({
      status: "InProgress",
      comments: [{ createdBy: "Defender Experts", comment: "hello" }],
    });
  });

  it("writes times with 0 to 7 fraction digits, and never moves an incident back", async () => {
    // The lengths depend on the moment: one of them must not begin a second by chance.
    let now = Date.UTC(2026, 10, 27, 8, 0, 0, 123);
    const tenant = await tenantFor({ clock: { now: () => (now += 77) } });
    const { incidents } = tenant.graph;
    const { id } = incidents.create();
    const lengths = new Set<number>();
    let last = incidents.get(id)?.updatedTicks ?? 0n;
    for (let turn = 0; turn < 200; turn += 1) {
      const { updatedTicks } = incidents.change(id, { customTags: [String(turn)] });
      expect(updatedTicks).toBeGreaterThan(last);
      last = updatedTicks;
    }
    for (let turn = 0; turn < 200; turn += 1) {
      const time = formatTicks(incidents.create().createdTicks);
      lengths.add((/\.(\d+)Z$/.exec(time)?.[1] ?? "").length);
    }
    expect([...lengths].toSorted((left, right) => left - right)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("reads back every time it writes, to the tick", () => {
    const ticks = fc.bigInt({ min: 0n, max: 40_000_000_000_000_000n });
    fc.assert(fc.property(ticks, (moment) => parseTicks(formatTicks(moment)) === moment));
  });
});
