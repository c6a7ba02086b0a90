import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectorId } from "../../../../shared/connectors/connector.ts";
import { DEFAULT_ASSIGNEE_NAMES } from "../../../../shared/incident/ball.ts";
import type { Incident } from "../../../../shared/incident/incident.ts";
import { EVENT_PARTS, type LifecycleEvent } from "../../../../shared/incident/lifecycle-event.ts";
import { projectionOf } from "../../../../shared/incident/projection.ts";
import { revisionFromMs } from "../../../../shared/incident/revision.ts";
import { judgeReading } from "../../../../shared/pipeline/detect/judge-reading.ts";
import { type ToldBefore, eventOf, nextEvent } from "../../../../shared/pipeline/lane/next-event.ts";
import type { StoredSnapshot } from "../../../../shared/pipeline/stored-snapshot.ts";
import type { Evidence } from "../../../../shared/incident/incident.ts";
import { anIncident } from "../../../build.ts";
import { aTask, anAlertsPart } from "../../connectors/a-projection.ts";

const SOAR = "soar" as ConnectorId;
const NOTHING: ToldBefore = { event: undefined, parts: {}, comments: [] };
function anApproval(): Evidence {
  return {
    kind: "file",
    name: "a.exe",
    detail: "",
    actionId: "",
    verdict: "malicious",
    remediation: "pendingApproval",
    remediationDetails: "",
  };
}
const START = Date.UTC(2026, 1, 25);

interface Life {
  change(fields: Partial<Incident>): Life;
  snapshot(): StoredSnapshot;
  told(): ToldBefore;
  tell(): LifecycleEvent | undefined;
}

/** An incident's life, and a receiver that is told of it now and then. */
function createLife(): Life {
  let now = START;
  let snapshot: StoredSnapshot | undefined;
  let told = NOTHING;
  const life: Life = {
    change(fields) {
      now += 60_000;
      const incident = anIncident({ ...snapshot?.incident, ...fields, revision: revisionFromMs(now) });
      const judged = judgeReading(snapshot, { incident, order: { fence: 1, counter: now }, now, marks: [] });
      if (judged.kind !== "unchanged") snapshot = judged.snapshot;
      return life;
    },
    snapshot() {
      if (snapshot === undefined) throw new Error("nothing happened yet");
      return snapshot;
    },
    told: () => told,
    tell() {
      const next = nextEvent(SOAR, life.snapshot(), projectionOf(life.snapshot(), DEFAULT_ASSIGNEE_NAMES), told);
      if (next !== undefined) ({ told } = next);
      return next?.event;
    },
  };
  return life;
}

describe("the type of an event", () => {
  it.each([
    [["active"], "opened", []],
    [["inProgress"], "inProgress", []],
    [["awaitingAction"], "awaitingCustomerAction", []],
    [["resolved"], "resolved", []],
    [["redirected"], "redirected", []],
    [["somethingNew"], "opened", []],
    [["active", "inProgress", "awaitingAction"], "awaitingCustomerAction", ["active", "inProgress"]],
    [["resolved", "active"], "reopened", ["resolved"]],
  ])("of an incident seen first, after %j", (statuses, type, skipped) => {
    const life = createLife();
    for (const status of statuses) life.change({ status });
    expect(life.tell()).toMatchObject({ type, from: undefined, skipped, changed: expect.arrayContaining(["status"]) });
  });

  it.each([
    ["active", ["inProgress"], "inProgress", []],
    ["active", ["resolved"], "resolved", []],
    ["active", ["inProgress", "awaitingAction", "resolved"], "resolved", ["inProgress", "awaitingCustomerAction"]],
    ["inProgress", ["active"], "updated", []],
    ["inProgress", ["somethingNew"], "updated", []],
    ["resolved", ["active"], "reopened", []],
    ["resolved", ["inProgress"], "reopened", []],
    ["resolved", ["awaitingAction"], "awaitingCustomerAction", []],
    ["resolved", ["somethingNew"], "updated", []],
    ["inProgress", ["resolved", "active"], "reopened", ["resolved"]],
    ["inProgress", ["resolved", "inProgress"], "reopened", ["resolved"]],
    ["awaitingAction", ["redirected"], "redirected", []],
    // The customer's turn came a second time: that is not "nothing happened".
    ["awaitingAction", ["inProgress", "awaitingAction"], "awaitingCustomerAction", ["inProgress"]],
  ])("from %s, after %j", (first, statuses, type, skipped) => {
    const life = createLife().change({ status: first });
    life.tell();
    for (const status of statuses) life.change({ status });
    expect(life.tell()).toMatchObject({ type, skipped });
  });
});

it("names what changed, and says nothing where nothing did", () => {
  const life = createLife().change({ status: "inProgress" });
  const first = life.tell();
  expect(first?.changed).toStrictEqual(
    EVENT_PARTS.filter((part) => !["tasks", "alerts", "notification"].includes(part)),
  );
  expect(life.tell()).toBeUndefined();
  life.change({ assignedTo: "Customer", customTags: ["vip"] });
  expect(life.tell()).toMatchObject({ type: "updated", from: "inProgress", skipped: [], changed: ["owner", "tags"] });
  life.change({ customTags: [] }).change({ customTags: ["vip"] });
  expect(life.tell()).toBeUndefined();
});

it("has each comment once", () => {
  const comment = (text: string) => ({ author: "Defender Experts", createdAt: "2026-02-25T16:29:33.1Z", text });
  const life = createLife().change({ comments: [comment("one")] });
  expect(life.tell()?.comments.map(({ text }) => text)).toStrictEqual(["one"]);
  life.change({ comments: [comment("one"), comment("two")] });
  expect(life.tell()).toMatchObject({ changed: ["comments"], comments: [{ text: "two" }] });
});

it("keeps what was told of a part that was not read", () => {
  const tasks = { readAt: START, rows: [] };
  const life = createLife().change({ tasks });
  life.tell();
  const { tasks: _tasks, ...unread } = life.snapshot().incident;
  const snapshot = { ...life.snapshot(), incident: unread };
  expect(nextEvent(SOAR, snapshot, projectionOf(snapshot, DEFAULT_ASSIGNEE_NAMES), life.told())).toBeUndefined();
});

it.each([
  ["alerts", { alerts: anAlertsPart() }, undefined],
  ["tasks, and there are none", { tasks: { readAt: START, rows: [] } }, undefined],
  ["tasks", { tasks: { readAt: START, rows: [aTask()] } }, ["tasks"]],
  ["alerts, one of which waits for an approval", { alerts: anAlertsPart({ evidence: [anApproval()] }) }, ["alerts"]],
])("of a first reading of %s tells what asks for something", (_name, part, changed) => {
  const life = createLife().change({ title: "one" });
  life.tell();
  life.change(part);
  expect(life.tell()?.changed).toStrictEqual(changed);
});

it("has one id for a snapshot and a connector, and the same content when it is made again", () => {
  const life = createLife().change({ status: "active" });
  const before = life.told();
  const projection = projectionOf(life.snapshot(), DEFAULT_ASSIGNEE_NAMES);
  const once = nextEvent(SOAR, life.snapshot(), projection, before);
  const again = nextEvent(SOAR, life.snapshot(), projection, before);
  expect(once).toStrictEqual(again);
  expect(once?.event.id).toMatch(/^[0-9a-f]{32}$/);
  const sent = once?.told.event;
  if (sent === undefined) throw new Error("no event");
  expect(eventOf(SOAR, life.snapshot(), projection, sent)).toStrictEqual(once?.event);
  expect(nextEvent("other" as ConnectorId, life.snapshot(), projection, before)?.event.id).not.toBe(once?.event.id);
  life.change({ title: "another" });
  expect(life.tell()?.id).not.toBe(once?.event.id);
});

it("tells every stay, in an event of its own or as one that was skipped", () => {
  const statuses = fc.constantFrom("active", "inProgress", "awaitingAction", "resolved", "redirected", "newer");
  fc.assert(
    fc.property(fc.array(fc.tuple(statuses, fc.boolean()), { minLength: 1, maxLength: 30 }), (steps) => {
      const life = createLife();
      const heard: string[] = [];
      for (const [index, [status, isTold]] of steps.entries()) {
        life.change({ status });
        if (!isTold && index < steps.length - 1) continue;
        const event = life.tell();
        if (event === undefined) continue;
        expect(event.from).toBe(heard.at(-1));
        heard.push(...event.skipped, event.projection.lifecycle.stage);
      }
      const stays = life.snapshot().stages.map(({ stage }) => stage);
      expect(heard.filter((stage, index) => stage !== heard[index - 1])).toStrictEqual(stays);
      expect(life.tell()).toBeUndefined();
    }),
  );
});
