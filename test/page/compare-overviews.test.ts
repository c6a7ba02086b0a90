import { describe, expect, it } from "vitest";
import { compareOverviews } from "../../page/data/compare-overviews.ts";
import type { IncidentOverview } from "../../shared/pipeline/overview/overview.ts";
import { anIncident, anOverview, aTenant, CONTOSO, FABRIKAM } from "./overview-fixture.ts";

const yours = { ball: "customer", stage: "awaitingCustomerAction", statusRaw: "awaitingAction" } as const;

function announced(before: IncidentOverview[], after: IncidentOverview[]): string {
  return compareOverviews(anOverview({ incidents: before }), anOverview({ incidents: after })).announcement;
}

describe("compareOverviews", () => {
  it("announces a handover to the customer", () => {
    expect(announced([anIncident({ incidentId: "42" })], [anIncident({ incidentId: "42", ...yours })])).toBe(
      "Incident 42 is now awaiting your action.",
    );
  });

  it("announces one that arrives awaiting action", () => {
    expect(announced([], [anIncident({ incidentId: "42", ...yours })])).toBe(
      "Incident 42 is now awaiting your action.",
    );
  });

  it("announces the way back", () => {
    const resolved = anIncident({ incidentId: "42", stage: "resolved", ball: "nobody" });
    expect(announced([anIncident({ incidentId: "42", ...yours })], [resolved])).toBe(
      "Incident 42 no longer awaits your action: Resolved.",
    );
  });

  it("counts where there are too many to name", () => {
    const ids = ["1", "2", "3", "4"];
    expect(
      announced(
        ids.map((incidentId) => anIncident({ incidentId })),
        ids.map((incidentId) => anIncident({ incidentId, ...yours })),
      ),
    ).toBe("4 incidents are now awaiting your action.");
  });

  it("names the tenant where there are two", () => {
    const tenants = [aTenant(), aTenant({ id: FABRIKAM, name: "Fabrikam" })];
    const before = anOverview({ tenants, incidents: [anIncident({ incidentId: "7", tenantId: FABRIKAM })] });
    const after = anOverview({ tenants, incidents: [anIncident({ incidentId: "7", tenantId: FABRIKAM, ...yours })] });
    expect(compareOverviews(before, after).announcement).toBe("Incident 7 of Fabrikam is now awaiting your action.");
  });

  it("says nothing of other changes, and marks only what changed", () => {
    const before = anOverview({ incidents: [anIncident({ incidentId: "1" }), anIncident({ incidentId: "2" })] });
    const after = anOverview({
      generatedAt: before.generatedAt + 1,
      incidents: [
        anIncident({ incidentId: "1" }),
        anIncident({ incidentId: "2", commentCount: 3 }),
        anIncident({ incidentId: "3" }),
      ],
    });
    const changes = compareOverviews(before, after);
    expect(changes.announcement).toBe("");
    expect([...changes.changed]).toEqual([`${CONTOSO}/2`, `${CONTOSO}/3`]);
  });
});
