import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_PROJECT } from "../../local/simulators/jira/jira-project.ts";
import type { Issue } from "../../local/simulators/jira/issue-store.ts";
import type { JiraOptions as SimulatorOptions, JiraSimulator } from "../../local/simulators/jira/start-jira.ts";
import type { Ticket, TicketConnector } from "../../shared/connectors/connector.ts";
import type { Incident, Task } from "../../shared/incident/incident.ts";
import { aProjection, aTask } from "../shared/connectors/a-projection.ts";
import { type JiraBench, createIssue, signal, startJiraBench, textsIn } from "./jira-bench.ts";

const open: JiraBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});

async function bench(options: SimulatorOptions = {}): Promise<JiraBench> {
  const started = await startJiraBench(options);
  open.push(started);
  return started;
}

const WITH_SUBTASKS = { mapping: { subtaskType: "Sub-task" } };

function withTasks(...rows: readonly Task[]): Partial<Incident> {
  return { status: "awaitingAction", tasks: { readAt: 0, rows } };
}

function subtasksOf({ issues }: JiraSimulator, { ref }: Ticket): readonly Issue[] {
  const parent = issues.get(ref.id);
  return parent === undefined ? [] : issues.subtasksOf(parent);
}

/** Writes what the tasks alone become, as a pass does for which nothing else has changed. */
function writeTasks(connector: TicketConnector, { ref }: Ticket, incident: Partial<Incident>): Promise<Ticket> {
  const { values } = connector.wanted(aProjection(incident), { survivor: undefined }).fields;
  const subtasks = Object.entries(values).filter(([name]) => name.startsWith("subtask:"));
  return connector.update(ref, { values: Object.fromEntries(subtasks), tags: { add: [], remove: [] } }, signal);
}

function writes({ requests }: JiraSimulator): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(requests.read().byKind).filter(([kind]) => !kind.startsWith("GET")));
}

describe.each(["cloud", "dataCenter"] as const)("sub-tasks for the experts' actions, %s", (flavor) => {
  it("are made by nobody who did not ask for them", async () => {
    const { simulator, connect } = await bench({ flavor });
    await createIssue(connect(), withTasks(aTask()));
    expect(simulator.issues.all()).toHaveLength(1);
  });

  it("are made once, one for each action that somebody has to do", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect(WITH_SUBTASKS);
    const byExperts = aTask({ id: "t2", source: "defenderExpertsManagedResponse" });
    const tasks = withTasks(aTask({ description: "In {noformat} @soc" }), byExperts, aTask({ id: "t3", title: "" }));
    const ticket = await createIssue(connector, tasks);
    await writeTasks(connector, ticket, tasks);
    await writeTasks(connect(WITH_SUBTASKS), ticket, tasks);
    const made = subtasksOf(simulator, ticket);
    expect(made.map(({ fields }) => fields["summary"])).toEqual([
      "Isolate the device",
      "An action of Defender Experts",
    ]);
    for (const { issueType, labels } of made)
      expect({ issueType, labels }).toEqual({ issueType: "Sub-task", labels: ["dex:task"] });
    const [text = ""] = textsIn(made[0]?.fields["description"]);
    expect(textsIn(made[0]?.fields["description"]).join("\n")).toContain("Target: host-01");
    expect(text).not.toContain("@soc");
  });

  it("are closed when the action is done, and left alone where a person has closed them", async () => {
    const screen = { resolution: { required: true } };
    const transitions = [{ id: "61", name: "Close", from: "To Do", to: "Done", screen }];
    const { simulator, connect } = await bench({ flavor, project: { transitions } });
    const connector = connect(WITH_SUBTASKS);
    const ticket = await createIssue(connector, {});
    await writeTasks(connector, ticket, withTasks(aTask(), aTask({ id: "t2" })));
    const [, second] = subtasksOf(simulator, ticket);
    if (second === undefined) throw new Error("there is no second sub-task");
    simulator.issues.move(second, "Done");
    simulator.requests.reset();
    const done = withTasks(aTask({ status: "completed" }), aTask({ id: "t2", status: "notRelevant" }));
    await writeTasks(connector, ticket, done);
    expect(subtasksOf(simulator, ticket).map(({ status }) => status.name)).toEqual(["Done", "Done"]);
    expect(subtasksOf(simulator, ticket)[0]).toMatchObject({ resolution: "Done" });
    expect(writes(simulator)).toEqual({ "POST transitions": 1 });
    simulator.requests.reset();
    await writeTasks(connector, ticket, done);
    expect(writes(simulator)).toEqual({});
  });

  it("are counted writes: one a sub-task that is made", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect(WITH_SUBTASKS);
    const ticket = await createIssue(connector, {});
    simulator.requests.reset();
    await writeTasks(connector, ticket, withTasks(aTask(), aTask({ id: "t2" })));
    expect(writes(simulator)).toEqual({ "POST issue": 2 });
  });

  it("are found again after an answer that was lost", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect(WITH_SUBTASKS);
    const ticket = await createIssue(connector, {});
    simulator.faults.add({ kind: "applyThenCut", match: "POST /rest/api", times: 1 });
    const tasks = withTasks(aTask(), aTask({ id: "t2" }));
    await expect(writeTasks(connector, ticket, tasks)).rejects.toMatchObject({ mayHaveHappened: true });
    await writeTasks(connector, ticket, tasks);
    expect(subtasksOf(simulator, ticket)).toHaveLength(2);
  });

  it("are no news of a closed incident, nor of an action that was done before anybody saw it", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect(WITH_SUBTASKS);
    const resolved = await createIssue(connector, { ...withTasks(aTask()), status: "resolved" });
    await createIssue(connector, withTasks(aTask({ status: "completed" })));
    expect(subtasksOf(simulator, resolved)).toEqual([]);
    expect(simulator.issues.all()).toHaveLength(2);
  });

  it("of other people are not taken for ours", async () => {
    const { simulator, connect } = await bench({ flavor });
    const connector = connect(WITH_SUBTASKS);
    const ticket = await createIssue(connector, {});
    const theirs = simulator.issues.create("Sub-task", { summary: "Isolate the device" }, [], ticket.ref.id);
    await writeTasks(connector, ticket, withTasks(aTask()));
    await writeTasks(connector, ticket, withTasks(aTask({ status: "completed" })));
    expect(theirs.status.name).toBe("To Do");
    expect(subtasksOf(simulator, ticket)).toHaveLength(2);
  });

  it("that cannot be made are told of with Jira's words and the setting", async () => {
    const { connect } = await bench({ flavor });
    const connector = connect({ mapping: { subtaskType: "Task" } });
    const ticket = await createIssue(connector, {});
    const { refused } = await writeTasks(connector, ticket, withTasks(aTask()));
    expect(refused?.fields).toEqual([expect.stringContaining("subtask:")]);
    expect(refused?.error.message).toMatch(/SEC-1: no sub-task was made for an action: .*parent/);
    expect(refused?.error.mend).toContain("mapping.subtaskType");
  });

  it("are checked: a type that there is, which is one of sub-tasks, and needs nothing more", async () => {
    const { connect } = await bench({ flavor });
    await expect(connect(WITH_SUBTASKS).check?.(signal)).resolves.toEqual([]);
    for (const subtaskType of ["Task", "Chore"]) {
      await expect(connect({ mapping: { subtaskType } }).check?.(signal)).resolves.toMatchObject([
        { severity: "error", place: "mapping.subtaskType", mend: "use one of Sub-task" },
      ]);
    }
    const strict = await bench({ flavor, project: { ...DEFAULT_PROJECT, requiredFields: { customfield_1: "Site" } } });
    const mapping = { ...WITH_SUBTASKS.mapping, fields: { customfield_1: "Munich" } };
    const findings = await strict.connect({ mapping }).check?.(signal);
    expect(findings).toMatchObject([{ place: "mapping.subtaskType", problem: expect.stringContaining("Site") }]);
  });
});
