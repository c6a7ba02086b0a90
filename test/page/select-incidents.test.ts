import { describe, expect, it } from "vitest";
import { selectIncidents } from "../../page/view/select-incidents.ts";
import type { Selection } from "../../page/view/select-incidents.ts";
import { anIncident, aTicket, FABRIKAM } from "./overview-fixture.ts";

const incidents = [
  anIncident({ incidentId: "1", ball: "customer", stage: "awaitingCustomerAction", title: "Ransomware on WKS-7" }),
  anIncident({ incidentId: "2", ball: "experts", tickets: [aTicket({ label: "SEC-900", tags: ["Crown-Jewels"] })] }),
  anIncident({ incidentId: "3", ball: "nobody", stage: "resolved", classification: "falsePositive" }),
  anIncident({ incidentId: "4", ball: "nobody", stage: "redirected", mergedInto: "777", tenantId: FABRIKAM }),
  anIncident({ incidentId: "5", ball: "analyst", assignedTo: "Ama", stage: "active" }),
];

function shownIds(change: Partial<Selection>): string {
  const { shown } = selectIncidents(incidents, { turn: "all", search: "", tenantId: "", ...change });
  return shown.map((incident) => incident.incidentId).join(" ");
}

describe("selectIncidents", () => {
  it.each([
    ["all", "1 2 3 4 5"],
    ["yours", "1"],
    ["experts", "2"],
    ["closed", "3 4"],
  ] as const)("filters by turn: %s", (turn, ids) => {
    expect(shownIds({ turn })).toBe(ids);
  });

  it.each([
    ["RANSOMWARE", "1"],
    ["wks-7  ransom", "1"],
    ["wks-7 absent", ""],
    ["crown", "2"],
    ["sec-900", "2"],
    ["false positive", "3"],
    ["777", "4"],
    ["ama", "5"],
    ["   ", "1 2 3 4 5"],
    [".*", ""],
  ])("searches %j", (search, ids) => {
    expect(shownIds({ search })).toBe(ids);
  });

  it("keeps to one tenant", () => {
    expect(shownIds({ tenantId: FABRIKAM })).toBe("4");
  });

  it("counts what each turn would show under the other filters", () => {
    const { counts } = selectIncidents(incidents, { turn: "yours", search: "multi-stage", tenantId: "" });
    expect(counts).toEqual({ all: 4, yours: 0, experts: 1, closed: 2 });
  });
});
