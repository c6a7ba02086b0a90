import { describe, expect, it } from "vitest";
import { createReadAlertsPage } from "../../../shared/graph/read-alerts-page.ts";
import { createReadTasks } from "../../../shared/graph/read-tasks.ts";
import { loadWireChecks } from "../../../shared/graph/wire-checks.ts";
import type { IncidentId } from "../../../shared/incident/incident.ts";
import { isExpertsDetection } from "../../../shared/incident/scope.ts";
import { revisionFromMs } from "../../../shared/incident/revision.ts";
import type { TaskList } from "../../../shared/pipeline/ports/source.ts";
import { given, signal, useSource } from "./start-source.ts";

const rig = useSource();

/** Tasks of one incident, as listed. */
function of(id: string, list: TaskList) {
  return list.rows.filter((row) => row.incidentId === id).map((row) => row.task);
}

describe("the experts' tasks", () => {
  it("come in one list, each with its incident, as the documentation's sample has them", async () => {
    const { graph, source } = rig();
    const { id } = graph.incidents.create();
    graph.tasks.add(id, { displayName: "Isolate pc-1", actionType: "isolateDevice", identifierValue: "device-1" });
    graph.tasks.add(id, { status: "completed", source: "defenderExpertsManagedResponse" });
    const list = given(await source.tasks(signal));
    expect(list).toMatchObject({ isComplete: true });
    expect(of(id, list).toSorted((a, b) => (a.status < b.status ? -1 : 1))).toMatchObject([
      { status: "completed", source: "defenderExpertsManagedResponse" },
      { title: "Isolate pc-1", actionType: "isolateDevice", target: "device-1", status: "open" },
    ]);
    expect(graph.requests.of("list tasks")).toBe(1);
  });

  it("are asked for in no order once an order is refused, and that is tried once", async () => {
    const { graph, source } = rig();
    graph.behaviour.taskOrderby = "refused";
    const { id } = graph.incidents.create();
    graph.tasks.add(id);
    for (let polls = 1; polls <= 3; polls += 1) {
      expect(of(id, given(await source.tasks(signal)))).toHaveLength(1);
      expect(graph.requests.of("list tasks")).toBe(1 + polls);
    }
  });

  it("are the 500 newest where there are more, and the list says that it is not all", async () => {
    const { graph, source } = rig();
    const { id } = graph.incidents.create();
    for (let index = 0; index < 501; index += 1) graph.tasks.add(id);
    const list = given(await source.tasks(signal));
    expect(list.rows).toHaveLength(500);
    expect(list.isComplete).toBe(false);
  });

  it.each([
    ["forbidden", 403],
    ["absent", 404],
  ] as const)("are an answer, not an error, where they are %s", async (incidentTasks, status) => {
    const { graph, source } = rig();
    graph.behaviour.incidentTasks = incidentTasks;
    expect(await source.tasks(signal)).toEqual({ refused: status, requests: 1 });
  });

  it("are refused where the version has no such thing (400), with and without an order", async () => {
    const { graph, source } = rig();
    graph.faults.add({ match: "GET /beta/security/incidentTasks", kind: "status", status: 400 });
    expect(await source.tasks(signal)).toMatchObject({ refused: 400 });
  });
});

describe("an answer that is not all", () => {
  const answering = (status: number, rows: readonly unknown[]) => {
    const json = () => ({ value: rows });
    const graph = { get: () => Promise.resolve({ status, headers: new Headers(), json, text: "" }) };
    return async () =>
      ({
        graph,
        clock: { now: () => 0 },
        checks: await loadWireChecks(),
        pageOf: () => ({ rows, next: undefined }),
      }) as never;
  };
  const full = Array.from({ length: 500 }, (_unused, index) => ({ id: `${index}`, incident: { id: "1" } }));

  it.each([
    ["206", 206, [], false],
    ["500 rows without a link", 200, full, false],
    ["499 rows", 200, full.slice(1), true],
  ] as const)("of tasks (%s) says so", async (_name, status, rows, isComplete) => {
    const list = given(await createReadTasks(await answering(status, rows)())(signal));
    expect(list.isComplete).toBe(isComplete);
  });

  it.each([
    [206, true],
    [200, false],
  ])("of alerts (%d) says so", async (status, isPartial) => {
    const read = createReadAlertsPage(await answering(status, [])());
    expect(given(await read({ from: revisionFromMs(0) }, signal)).isPartial).toBe(isPartial);
  });
});

describe("what only a notification has", () => {
  it("is read from beta: summary, recommendations, hunting queries", async () => {
    const { graph, source } = rig();
    const { id } = graph.incidents.create({
      displayName: "Defender Experts: hands-on-keyboard activity",
      description: "An executive summary.",
      recommendedActions: "Reset the passwords.",
      recommendedHuntingQueries: ["DeviceEvents | take 1", " "],
    });
    expect(await source.notification(id as IncidentId, signal)).toEqual({
      executiveSummary: "An executive summary.",
      recommendedActions: "Reset the passwords.",
      huntingQueries: ["DeviceEvents | take 1"],
    });
    graph.behaviour.betaIncidents = "forbidden";
    expect(await source.notification(id as IncidentId, signal)).toEqual({ refused: 403 });
    expect(await source.notification("4711" as IncidentId, signal)).toEqual({ refused: 404 });
  });
});

describe("alerts by creation", () => {
  it("tell which are the experts', and to which incident they belong", async () => {
    const { graph, source } = rig();
    const { id } = graph.incidents.create();
    graph.incidents.addAlert(id, { detectionSource: "microsoftThreatExperts" });
    graph.incidents.addAlert(id);
    const page = given(await source.alertsPage({ from: revisionFromMs(0) }, signal));
    const ours = page.rows.filter((row) => row.incidentId === id);
    expect(ours).toHaveLength(2);
    expect(ours.filter((row) => isExpertsDetection(row.detectionSource))).toHaveLength(1);
    graph.behaviour.alertsList = "forbidden";
    expect(await source.alertsPage({ from: revisionFromMs(0) }, signal)).toEqual({ refused: 403 });
  });

  it("are followed to the next page, and never to another host", async () => {
    const { graph, source } = rig();
    const { id } = graph.incidents.create();
    const from = revisionFromMs(Date.UTC(2030, 0, 1));
    for (let index = 0; index < 130; index += 1) {
      graph.incidents.addAlert(id, {}, { stamp: "2030-01-01T00:00:00.1Z", keepsStamp: true });
    }
    const first = given(await source.alertsPage({ from }, signal));
    expect(first.rows).toHaveLength(100);
    expect(given(await source.alertsPage({ next: first.next ?? "" }, signal)).rows).toHaveLength(30);
    const elsewhere = (first.next ?? "").replace(graph.url, "http://graph.example.invalid");
    await expect(source.alertsPage({ next: elsewhere }, signal)).rejects.toThrow(/another host; it was not followed/);
  });
});
