import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_PROJECT } from "../../local/simulators/jira/jira-project.ts";
import type { JiraOptions as SimulatorOptions } from "../../local/simulators/jira/start-jira.ts";
import type { ConnectorId } from "../../shared/connectors/connector.ts";
import type { JiraOptions } from "../../shared/connectors/jira/index.ts";
import type { DeltaMessage } from "../../shared/pipeline/schema.ts";
import type { SyncDeps } from "../../shared/pipeline/lane/sync-deps.ts";
import { syncTicket } from "../../shared/pipeline/lane/sync-ticket.ts";
import { TENANT } from "../build.ts";
import { comment, createLane } from "../ticket-lane.ts";
import { type JiraBench, startJiraBench } from "./jira-bench.ts";

const open: JiraBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});

/** A whole lane in front of a simulated Jira. */
async function jiraLane(options: SimulatorOptions = {}, overrides: Partial<JiraOptions> = {}) {
  const bench = await startJiraBench(options);
  open.push(bench);
  const lane = await createLane();
  const deps: SyncDeps = { ...lane.deps, connector: { ...bench.connect(overrides), id: "itsm" as ConnectorId } };
  return {
    simulator: bench.simulator,
    lane,
    run: (message: DeltaMessage) => syncTicket(deps, message, lane.clock.now()),
    drain: () => lane.drain(48, deps),
    parked: async () => (await lane.tables.parked.get(TENANT, "29:itsm"))?.value,
  };
}

describe("a Jira issue whose status is refused", () => {
  it("still gets what Defender Experts say, is parked with the mend, and moves once it is mended", async () => {
    const transitions = DEFAULT_PROJECT.transitions.filter(({ name }) => name !== "Hand over");
    const mapping = { statuses: { awaitingCustomerAction: "Waiting for SOC" } };
    const { lane, run, simulator, parked } = await jiraLane({ project: { transitions } }, { mapping });
    expect(await run(await lane.change({ status: "inProgress" }))).toBe("created");
    const handover = await lane.change({ status: "awaitingAction", comments: [comment("isolate host-01 now")] });
    expect(await run(handover)).toBe("parked");
    const [issue] = simulator.issues.all();
    expect(issue?.labels).toContain("Awaiting-Customer-Action");
    expect(issue?.comments).toHaveLength(1);
    expect(issue?.status.name).toBe("In Progress");
    expect(await parked()).toMatchObject({ reason: "rejected", mend: expect.stringContaining("mapping.statuses") });

    transitions.push(...DEFAULT_PROJECT.transitions.filter(({ name }) => name === "Hand over"));
    expect(await run({ ...handover, cause: "replay" })).toBe("updated");
    expect(issue?.status.name).toBe("Waiting for SOC");
    expect(issue?.comments).toHaveLength(1);
    expect(await parked()).toBeUndefined();
  });

  it("with its create is made once, with its comments, and counts against no other", async () => {
    const { lane, run, drain, simulator, parked } = await jiraLane();
    simulator.behaviour.permissions = simulator.behaviour.permissions.replace("TRANSITION_ISSUES,", "");
    expect(await run(await lane.change({ status: "inProgress", comments: [comment("seen")] }))).toBe("parked");
    for (const severity of ["low", "medium", "high", "low", "medium", "high"] as const) {
      expect(await run(await lane.change({ severity }))).toBe("parked");
    }
    await drain();
    expect(simulator.issues.all()).toMatchObject([{ comments: [{}] }]);
    expect(await parked()).toMatchObject({ mend: expect.stringContaining("Transition Issues") });
    expect(await lane.deps.breaker.admit()).toEqual({ kind: "closed" });
  });
});
