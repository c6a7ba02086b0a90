import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { createManualClock, sentinelCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();

async function providerIds(tenant: Tenant, query: string): Promise<readonly string[]> {
  const answer = await sentinelCall(tenant, `?${query}`);
  expect(answer.status).toBe(200);
  return answer
    .json()
    .value.map(({ properties }: { properties: { providerIncidentId: string } }) => properties.providerIncidentId);
}

describe("list of Sentinel incidents", () => {
  it("finds the twin by providerIncidentId, unless that filter is refused", async () => {
    const tenant = await tenantFor();
    tenant.graph.incidents.create();
    const { id } = tenant.graph.incidents.create();
    expect(await providerIds(tenant, `$filter=properties/providerIncidentId eq '${id}'`)).toEqual([id]);
    expect(await providerIds(tenant, "$filter=properties/providerIncidentId eq '9'")).toEqual([]);
    tenant.sentinel.behaviour.providerIncidentIdFilter = "refused";
    expect((await sentinelCall(tenant, `?$filter=properties/providerIncidentId eq '${id}'`)).status).toBe(400);
  });

  it("filters by time and status, orders, and pages by links", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const ids: string[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      ids.push(tenant.graph.incidents.create().id);
      clock.advance(60_000);
    }
    tenant.graph.incidents.change(ids[0] ?? "", { status: "inProgress" });
    expect(
      await providerIds(
        tenant,
        "$filter=properties/lastModifiedTimeUtc ge 2026-11-24T10:04:00Z&$orderby=properties/lastModifiedTimeUtc asc",
      ),
    ).toEqual([ids[4], ids[0]]);
    expect(
      await providerIds(tenant, "$filter=properties/status eq 'Active' and properties/severity eq 'Medium'"),
    ).toEqual([ids[0]]);
    expect(await providerIds(tenant, "")).toEqual(ids.toReversed());
    const walked: string[] = [];
    let next: string | undefined = "?$top=2&$orderby=properties/createdTimeUtc asc";
    while (next !== undefined) {
      const page = (await sentinelCall(tenant, next)).json();
      walked.push(
        ...page.value.map(
          ({ properties }: { properties: { providerIncidentId: string } }) => properties.providerIncidentId,
        ),
      );
      next = page.nextLink;
    }
    expect(walked).toEqual(ids);
  });

  it.each([
    "$top=1001",
    "$top=0",
    "$filter=title eq 'x'",
    "$filter=properties/labels eq 'x'",
    "$orderby=title",
    "$skipToken=%%%",
  ])("refuses %s with 400", async (query) => {
    const tenant = await tenantFor();
    expect((await sentinelCall(tenant, `?${query.replace("%%%", "bm9uc2Vuc2U")}`)).status).toBe(400);
  });
});
