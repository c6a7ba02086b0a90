import { describe, expect, it } from "vitest";
import { healthOf } from "../../../../shared/pipeline/overview/health.ts";
import type { Overview, TicketOverview } from "../../../../shared/pipeline/overview/overview.ts";
import { anOverview } from "../../../page/overview-fixture.ts";

function withTickets(states: readonly TicketOverview["state"][], parked: number): Overview {
  const base = anOverview();
  const [incident] = base.incidents;
  const [connector] = base.connectors;
  if (incident === undefined || connector === undefined) throw new Error("an empty fixture");
  return {
    ...base,
    connectors: [{ ...connector, parked, problem: "PATCH answered 403" }],
    incidents: states.map((state, index) => ({
      ...incident,
      incidentId: `${index}`,
      changedAt: base.generatedAt,
      tickets: [{ ...(incident.tickets[0] as TicketOverview), connector: connector.id, state }],
    })),
  };
}

describe("a connector's health", () => {
  it.each([
    ["fails where everything is parked", ["parked", "parked"], 2, "failing"],
    ["is late where one of several is parked", ["parked", "shown"], 1, "late"],
  ] as const)("%s", (_name, states, parked, status) => {
    expect(healthOf(withTickets(states, parked)).connectors[0]?.status).toBe(status);
  });
});

describe("the whole", () => {
  it("is late while there are parked messages that do not say whose they are", () => {
    const health = healthOf({ ...anOverview(), unreadable: 2 });
    expect(health.problems).toEqual(["2 parked messages do not say whose they are"]);
    expect(health.status).not.toBe("ok");
  });
});
