import { afterEach, describe, expect, it } from "vitest";
import type { SentinelIncident } from "../../local/simulators/sentinel/sentinel-record.ts";
import type { Tenant } from "../../local/simulators/start-tenant.ts";
import { incidentNameOf } from "../../shared/connectors/sentinel/names.ts";
import { correlationKeyOf } from "../../shared/incident/correlation-key.ts";
import type { IncidentId, TenantId } from "../../shared/incident/incident.ts";
import { type InProcess, configOf, startInProcess } from "../in-process.ts";

let product: InProcess;
afterEach(() => product.close());

type Mode = "observe" | "tag" | "manage";

function withMode(mode: Mode) {
  return (tenant: Tenant): Record<string, unknown> => ({
    connectors: (configOf(tenant)["connectors"] as Record<string, unknown>[])
      .filter(({ kind }) => kind === "sentinel")
      .map((connector) => ({ ...connector, mode })),
  });
}

function start(mode: Mode): Promise<InProcess> {
  const behaviour = { putLimit: 0, connectorOn: mode !== "manage" };
  return startInProcess(withMode(mode), { sentinel: { behaviour } });
}

/** The incident in the workspace: the twin that Sentinel's own connector made, or ours. */
function incidentOf(mode: Mode, id: string): SentinelIncident | undefined {
  const { graph, sentinel } = product.tenant;
  return mode === "manage"
    ? sentinel.incident(incidentNameOf(correlationKeyOf(graph.tenantId as TenantId, id as IncidentId)))
    : sentinel.twinOf(id);
}

const AWAITING = "Awaiting Customer Action";

/** The steps of the service description, "Get visibility to Defender Experts investigations": what Defender does, and what Sentinel shows. */
const STORY = [
  [
    "a new incident is New",
    { status: "active" },
    { status: "New", owner: null, isAwaiting: false, classification: undefined },
  ],
  [
    "one under investigation is Active and the experts'",
    { status: "inProgress", assignedTo: "Defender Experts" },
    { status: "Active", owner: "Defender Experts", isAwaiting: false, classification: undefined },
  ],
  [
    "a managed response makes it Awaiting Customer Action and the customer's",
    { status: "awaitingAction", assignedTo: "Customer", classification: "truePositive" },
    // A verdict is given with closing.
    { status: "Active", owner: "Customer", isAwaiting: true, classification: undefined },
  ],
  [
    "one that is concluded is Closed with a reason, and nobody's",
    { status: "resolved", assignedTo: null, classification: "falsePositive", determination: "notMalicious" },
    { status: "Closed", owner: null, isAwaiting: false, classification: "FalsePositive" },
  ],
] as const;

describe.each(["observe", "tag", "manage"] as const)("the status and tag story of Sentinel, mode %s", (mode) => {
  it("goes New, Active, tagged, Closed with owner and reason, step by step", async () => {
    product = await start(mode);
    const { graph, sentinel } = product.tenant;
    const { id } = graph.incidents.create({ severity: "high", displayName: "Multi-stage incident" });
    for (const [step, change, shown] of STORY) {
      graph.incidents.change(id, change);
      await product.poll();
      const incident = incidentOf(mode, id);
      const labels = incident?.labels.map(({ labelName }) => labelName) ?? [];
      expect({ step, status: incident?.status, owner: incident?.owner.assignedTo }).toEqual({
        step,
        status: shown.status,
        owner: shown.owner,
      });
      expect(labels.includes(AWAITING)).toBe(shown.isAwaiting);
      expect(incident?.classification).toBe(shown.classification);
      const link = await product.link(id, "sentinel");
      // Where the connector did its part it was compared and found right.
      expect({ step, drift: link?.drift, ticket: link?.ticket?.id }).toEqual({
        step,
        drift: [],
        ticket: incident?.name,
      });
      expect(labels.filter((label) => label.startsWith("dex:")).length > 0).toBe(mode !== "observe");
    }
    expect(sentinel.requests.of("PUT incidents") === 0).toBe(mode === "observe");
    expect(sentinel.size()).toBe(1);
    const closed = incidentOf(mode, id);
    expect(closed?.classificationReason).toBe("IncorrectAlertLogic");
  });
});

describe("mode manage", () => {
  it("reopens, merges, and makes one incident however often it is asked", async () => {
    product = await start("manage");
    const { graph, sentinel } = product.tenant;
    const { id } = graph.incidents.create({ status: "resolved", classification: "truePositive" });
    const survivor = graph.incidents.create({ displayName: "The survivor" });
    await product.poll();
    expect(incidentOf("manage", id)).toMatchObject({ status: "Closed", classification: "TruePositive" });
    graph.incidents.change(id, { status: "active" });
    await product.poll();
    expect(incidentOf("manage", id)).toMatchObject({ status: "New" });
    expect(incidentOf("manage", id)?.classification).toBeUndefined();
    graph.incidents.merge(id, survivor.id);
    await product.poll(5_000);
    expect(incidentOf("manage", id)).toMatchObject({
      status: "Closed",
      classificationComment: expect.stringMatching(/^Merged into/),
    });
    expect(sentinel.size()).toBe(2);
  });

  it("leaves alone what a person changed, until Defender changes it", async () => {
    product = await start("manage");
    const { graph, sentinel } = product.tenant;
    const { id } = graph.incidents.create({ severity: "high" });
    await product.poll();
    sentinel.change(incidentOf("manage", id)?.name ?? "", { severity: "Low" });
    graph.incidents.change(id, { displayName: "Renamed" });
    await product.poll();
    expect(incidentOf("manage", id)).toMatchObject({ severity: "Low", title: "Renamed" });
    graph.incidents.change(id, { severity: "medium" });
    await product.poll();
    expect(incidentOf("manage", id)).toMatchObject({ severity: "Medium" });
  });

  it("makes nothing beside Sentinel's own connector, and says why", async () => {
    product = await startInProcess(withMode("manage"), {
      sentinel: { behaviour: { putLimit: 0, twinDelayMs: 60_000 } },
    });
    const { graph, sentinel } = product.tenant;
    // Any twin of late shows that the connector is on.
    sentinel.behaviour.twinDelayMs = 0;
    graph.incidents.create({ displayName: "An older one" });
    sentinel.behaviour.twinDelayMs = 60_000;
    const { id } = graph.incidents.create({ displayName: "A new one" });
    await product.poll();
    expect(sentinel.size()).toBe(1);
    expect((await product.link(id, "sentinel"))?.lastError).toMatchObject({
      reason: "misconfigured",
      message: expect.stringContaining("mode manage would write against it"),
      mend: expect.stringContaining("set mode to tag"),
    });
  });
});
