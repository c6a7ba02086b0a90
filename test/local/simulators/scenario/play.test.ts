import { describe, expect, it } from "vitest";
import { DEMO, STORIES } from "../../../../local/simulators/scenario/catalogue.ts";
import { generateLives } from "../../../../local/simulators/scenario/generate-lives.ts";
import { parseDemo } from "../../../../local/simulators/scenario/parse-demo.ts";
import { parseScenario } from "../../../../local/simulators/scenario/parse-scenario.ts";
import { playDemo } from "../../../../local/simulators/scenario/play-demo.ts";
import { playScenario } from "../../../../local/simulators/scenario/play-scenario.ts";
import type { Scenario } from "../../../../local/simulators/scenario/scenario.ts";
import { useTenant } from "../with-tenant.ts";
import { createManualStoryClock } from "./manual-story-clock.ts";

const tenantFor = useTenant();
const HOUR_MS = 3_600_000;

function story(name: string): Scenario {
  return parseScenario(STORIES[name], name);
}

describe("playing a scenario", () => {
  it("compresses the story's time and stamps with the machine's", async () => {
    const { graph } = await tenantFor();
    const clock = createManualStoryClock();
    const before = BigInt(Date.now() - 1_000) * 10_000n;
    const play = playScenario(story("false-positive"), { graph, clock, compression: 60 });
    const state = () => graph.incidents.get(play.ids.get("backup") ?? "");
    expect(state()).toMatchObject({ status: "active", assignedTo: null });
    await clock.pass(8_000);
    expect(state()).toMatchObject({ status: "inProgress", assignedTo: "Defender Experts" });
    await clock.pass(31_999);
    expect(state()?.status).toBe("inProgress");
    await clock.pass(1);
    await play.done;
    expect(state()).toMatchObject({ status: "resolved", assignedTo: null, classification: "falsePositive" });
    expect(state()?.updatedTicks).toBeGreaterThan(before);
  });

  it.each(Object.keys(STORIES))("plays %s to its end, twice, with fresh incidents", async (name) => {
    const { graph } = await tenantFor();
    const clock = createManualStoryClock();
    const plays = [1, 2].map(() => playScenario(story(name), { graph, clock }));
    await clock.pass(5 * HOUR_MS);
    await Promise.all(plays.map(({ done }) => done));
    const ids = plays.flatMap((play) => [...play.ids.values()]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      ids
        .map((id) => graph.incidents.get(id)?.status)
        .filter((status) => status !== "resolved" && status !== "redirected"),
    ).toEqual([]);
  });

  it("names the people as configured", async () => {
    const { graph } = await tenantFor();
    const clock = createManualStoryClock();
    const assignees = { experts: "dex@microsoft.example", customer: "soc@contoso.example", nobody: "Unassigned" };
    const play = playScenario(story("handed-to-customer"), { graph, clock, assignees });
    await clock.pass(0.4 * HOUR_MS);
    const id = play.ids.get("aitm") ?? "";
    expect(graph.incidents.get(id)).toMatchObject({ status: "awaitingAction", assignedTo: "soc@contoso.example" });
    expect(graph.tasks.of(id).map(({ status }) => status)).toEqual(["open", "open", "open"]);
    play.stop();
    await play.done;
  });

  it("has approvals wait while the customer is asked, and settles them without touching the incident", async () => {
    const { graph } = await tenantFor();
    const clock = createManualStoryClock();
    const play = playScenario(story("handed-to-customer"), { graph, clock });
    await clock.pass(71 * 60_000);
    const id = play.ids.get("aitm") ?? "";
    const states = () =>
      graph.incidents.alerts
        .of(id)
        .flatMap(({ investigationState, evidence }) => [
          investigationState,
          ...evidence.map((item) => item.remediation),
        ]);
    expect(states().filter((state) => state === "pendingApproval")).toHaveLength(3);
    const before = graph.incidents.get(id)?.updatedTicks;
    await clock.pass(60_000);
    expect(graph.incidents.get(id)?.updatedTicks).toBe(before);
    expect(states()).toContain("successfullyRemediated");
    expect(states().filter((state) => state === "remediated")).toHaveLength(2);
    expect(states()).not.toContain("pendingApproval");
    play.stop();
    await play.done;
  });

  it("lets the customer work on the ticket once it is there, and gives up when it never comes", async () => {
    const { graph, serviceNow } = await tenantFor();
    const clock = createManualStoryClock();
    const steps = [
      { at: "PT0S", incident: "a", do: "create", set: {} },
      { at: "PT1S", incident: "a", do: "ticket", set: { work_notes: "on it" } },
    ];
    const play = playScenario(parseScenario({ name: "t", steps }, "t.json"), { graph, serviceNow, clock });
    await clock.pass(2_000);
    const key = `mdx:${graph.tenantId}:${play.ids.get("a")}`;
    const made = serviceNow.tickets.write(undefined, { correlation_id: key }, { userName: "dex-sync", isAdmin: false });
    await clock.pass(1_000);
    await play.done;
    const sysId = "sysId" in made ? made.sysId : "";
    expect(serviceNow.tickets.journal(sysId)).toMatchObject([{ value: "on it", sys_created_by: "beth.anglin" }]);
    const alone = playScenario(parseScenario({ name: "t", steps }, "t.json"), { graph, serviceNow, clock });
    await clock.pass(62_000);
    await alone.done;
    expect([play.skipped(), alone.skipped()]).toEqual([0, 1]);
  });

  it("goes on for good with the demo, and forgets what is long over", async () => {
    const tenant = await tenantFor();
    const clock = createManualStoryClock();
    const errors: unknown[] = [];
    const demo = { ...parseDemo(DEMO, "demo.json", STORIES), keep: 20 };
    const labelOf = (id: string) => `mdx_${tenant.graph.tenantId}_${id}`;
    const issueOf = (id: string) => tenant.jira.issues.create("Incident", {}, [labelOf(id)]);
    const run = playDemo(demo, { tenant, clock, onError: (error) => errors.push(error) });
    await clock.pass(60_000);
    const seen = new Set([...tenant.graph.incidents.all()].map(({ status }) => status));
    expect([...seen]).toEqual(expect.arrayContaining(["awaitingAction", "redirected", "resolved"]));
    const early = [...tenant.graph.incidents.all()].map(({ id }) => issueOf(id).key);
    await clock.pass(2 * HOUR_MS);
    expect(errors).toEqual([]);
    expect(run.begun()).toBeGreaterThan(200);
    expect(tenant.graph.incidents.size()).toBeLessThan(60);
    expect(tenant.sentinel.size()).toBe(tenant.graph.incidents.size());
    expect(early.length).toBeGreaterThan(0);
    expect(early.filter((key) => tenant.jira.issues.get(key) !== undefined)).toEqual([]);
    run.stop();
  });
});

describe("generated lives", () => {
  it("are the same for a seed and differ between seeds", () => {
    const options = { incidents: 200, seed: 7, durationMs: 60_000 };
    expect(generateLives(options)).toEqual(generateLives(options));
    expect(generateLives(options)).not.toEqual(generateLives({ ...options, seed: 8 }));
  });

  it("end with the same content each time, merges and comments included", async () => {
    const [one, other] = [await tenantFor(), await tenantFor()];
    const scenario = generateLives({ incidents: 300, seed: 7, durationMs: 60_000 });
    const states = [];
    for (const { graph } of [one, other]) {
      const clock = createManualStoryClock();
      const play = playScenario(scenario, { graph, clock });
      await clock.pass(60_001);
      await play.done;
      const content = [...graph.incidents.all()].map(
        ({ createdTicks: _created, updatedTicks: _updated, comments, ...rest }) => ({
          ...rest,
          comments: comments.map(({ text }) => text),
        }),
      );
      states.push(content);
    }
    expect(states[0]).toEqual(states[1]);
    expect(states[0]).toHaveLength(300);
    const statuses = new Set(states[0]?.map(({ status }) => status));
    expect(statuses).toEqual(new Set(["inProgress", "awaitingAction", "resolved", "redirected"]));
  });
});
