import { describe, expect, it } from "vitest";
import { DEMO, STORIES } from "../../../../local/simulators/scenario/catalogue.ts";
import { durationMs } from "../../../../local/simulators/scenario/duration.ts";
import { parseDemo } from "../../../../local/simulators/scenario/parse-demo.ts";
import { parseScenario } from "../../../../local/simulators/scenario/parse-scenario.ts";

const create = { at: "PT0S", incident: "a", do: "create", set: {} };

function parse(...steps: readonly unknown[]) {
  return parseScenario({ name: "test", steps }, "test.json");
}

describe("scenario files", () => {
  it.each(Object.entries(STORIES))("has %s, which can be read", (name, story) => {
    expect(parseScenario(story, `${name}.json`).steps.length).toBeGreaterThan(1);
  });

  it("has a demo that plays every story, all stages within the first minute", () => {
    const demo = parseDemo(DEMO, "demo.json", STORIES);
    expect(new Set(demo.plays.map(({ scenario }) => scenario.name)).size).toBe(Object.keys(STORIES).length);
    const early = demo.plays.flatMap((play) =>
      play.scenario.steps.filter(({ atMs }) => play.atMs + atMs / play.compression < 60_000),
    );
    const statuses = early.map(({ action }) => (action.do === "change" ? action.set.status : action.do));
    expect(statuses).toEqual(expect.arrayContaining(["create", "inProgress", "awaitingAction", "resolved", "merge"]));
  });

  it.each([
    [{ ...create, do: "explode" }, 'test.json, step 1: "do" must be one of create'],
    [{ ...create, at: "5m" }, '"at" must be a duration such as "PT1M30S"'],
    [{ ...create, incident: "" }, '"incident" must be text'],
    [
      { ...create, set: { dispalyName: "x" } },
      'test.json, step 1 (PT0S, create a), set: there is no "dispalyName" here',
    ],
    [{ ...create, set: { displayName: 3 } }, '"displayName" has the wrong kind of value'],
    [{ ...create, extra: 1 }, 'there is no "extra" here'],
    [{ ...create, alerts: [{ evidence: [{ kind: "spoon" }] }] }, 'alert 1, evidence 1: "kind" must be one of device'],
    [{ ...create, alerts: [{ evidence: [{ kind: "file" }] }] }, 'evidence 1: "name" must be text'],
    [{ at: "PT0S", incident: "b", do: "change", set: {} }, '"b" has not been created by then'],
    ["nonsense", "test.json, step 1: must be an object"],
  ])("refuses %j and says where", (step, message) => {
    expect(() => parse(step)).toThrow(message);
  });

  it.each([
    [{ at: "PT1S", incident: "a", do: "create", set: {} }, "created twice"],
    [{ at: "PT1S", incident: "a", do: "merge", into: "b" }, '"b" has not been created'],
    [{ at: "PT1S", incident: "a", do: "taskStatus", task: "t", status: "completed" }, 'the task "t" has not been made'],
    [
      { at: "PT1S", incident: "a", do: "burst", times: 0, every: "PT1S", cycle: [{}] },
      '"times" must be a number from 1',
    ],
    [{ at: "PT1S", incident: "a", do: "burst", times: 2, every: "PT1S", cycle: [] }, '"cycle" must not be empty'],
    [{ at: "PT1S", incident: "a", do: "comment" }, '"text" must be text'],
    [{ at: "PT1S", incident: "a", do: "remediate", from: "active" }, '"to" must be text'],
    [
      { at: "PT1S", incident: "a", do: "task", task: "t", set: { deviceID: "d" } },
      'there is no "deviceID" here; there are displayName',
    ],
  ])("refuses %j after a create", (step, message) => {
    expect(() => parse(create, step)).toThrow(message);
  });

  it("puts steps in order of time, and a burst in single changes", () => {
    const burst = {
      at: "PT2S",
      incident: "a",
      do: "burst",
      times: 3,
      every: "PT0.1S",
      cycle: [{ severity: "high" }, { severity: "low" }],
    };
    const { steps } = parse({ at: "PT3S", incident: "a", do: "comment", text: "x" }, burst, create);
    expect(steps.map(({ atMs }) => atMs)).toEqual([0, 2_000, 2_100, 2_200, 3_000]);
    expect(steps[3]?.action).toEqual({ do: "change", set: { severity: "high" } });
  });

  it.each([
    ["PT1M30S", 90_000],
    ["PT0.5S", 500],
    ["P1DT2H", 93_600_000],
    ["P", undefined],
    ["PT", undefined],
    ["90s", undefined],
  ])("reads the duration %s", (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it("refuses a demo of unknown stories", () => {
    const play = { scenario: "nothing", at: "PT0S", every: "PT1M", compression: 1 };
    expect(() => parseDemo({ name: "d", keep: 3, plays: [play] }, "d.json", STORIES)).toThrow(
      'd.json, play 1: there is no scenario "nothing"',
    );
    expect(() =>
      parseDemo({ name: "d", keep: 3, plays: [{ ...play, scenario: "merge", every: "PT0S" }] }, "d.json", STORIES),
    ).toThrow("at least PT1S");
  });
});
