import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ORDERS, sortIncidents } from "../../page/view/sort-incidents.ts";
import type { Order } from "../../page/view/sort-incidents.ts";
import { anIncident, NOW } from "./overview-fixture.ts";

const incidents = [
  anIncident({ incidentId: "1", severity: "low", changedAt: NOW, stageSince: NOW - 10 }),
  anIncident({ incidentId: "2", severity: "high", changedAt: NOW - 5, stageSince: NOW - 30 }),
  anIncident({ incidentId: "3", severity: "low", changedAt: NOW - 9, stageSince: NOW - 20, ball: "customer" }),
  anIncident({ incidentId: "10", severity: "high", changedAt: NOW - 5, stageSince: NOW - 30 }),
];

function idsOf(order: Order): string {
  return sortIncidents(incidents, order)
    .map((incident) => incident.incidentId)
    .join(" ");
}

describe("sortIncidents", () => {
  it.each([
    ["newest", "3 1 2 10"],
    ["severity", "3 2 10 1"],
    ["longest", "3 2 10 1"],
  ] as const)("orders by %s, the customer's turn first", (order, ids) => {
    expect(idsOf(order)).toBe(ids);
  });

  it("does not depend on the order it is given", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ORDERS), fc.shuffledSubarray(incidents, { minLength: 4 }), (order, shuffled) => {
        expect(sortIncidents(shuffled, order)).toEqual(sortIncidents(incidents, order));
      }),
    );
  });
});
