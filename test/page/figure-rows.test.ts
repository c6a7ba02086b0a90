import { describe, expect, it } from "vitest";
import type { Point, PointName } from "../../page/data/parse-figures.ts";
import { type Names, figureView } from "../../page/view/figure-rows.ts";
import { figuresOf, nounOf, valueWords } from "../../page/view/figure-words.ts";
import { FIGURES } from "../../shared/pipeline/ports/metrics.ts";

const NAMES: Names = { connector: (id) => id.toUpperCase(), tenant: (id) => `Tenant ${id}` };

function point(value: number, dimensions: Readonly<Record<string, string>>): Point {
  return { value, dimensions: new Map(Object.entries(dimensions)) };
}

function drawn(name: PointName, points: readonly Point[], tenant = "") {
  return figureView(name, points, tenant, NAMES).groups.map(({ heading, rows }) => [
    heading,
    ...rows.map(({ label, value, percent, tone }) => `${label}: ${value}, ${percent} %, ${tone}`),
  ]);
}

const PASSES = [
  point(1, { tenant: "a", connector: "itsm", outcome: "parked" }),
  point(6, { tenant: "a", connector: "itsm", outcome: "looking-again" }),
  point(2, { tenant: "b", connector: "itsm", outcome: "looking-again" }),
  point(4, { tenant: "b", connector: "jira", outcome: "created" }),
];

describe("what is drawn of a figure", () => {
  it("is added up over all tenants, by connector in its place, the largest first", () => {
    expect(drawn("dexsync.passes", PASSES)).toEqual([
      ["ITSM", "looking again: 8, 100 %, plain", "parked: 1, 12.5 %, ill"],
      ["JIRA", "created: 4, 50 %, plain"],
    ]);
    expect(figureView("dexsync.passes", PASSES, "", NAMES).total).toBe(13);
  });

  it("is one tenant's alone where one is chosen, and everybody's where a figure knows no tenant", () => {
    expect(drawn("dexsync.passes", PASSES, "b")).toEqual([
      ["ITSM", "looking again: 2, 50 %, plain"],
      ["JIRA", "created: 4, 100 %, plain"],
    ]);
    expect(drawn("dexsync.parked", [point(3, { connector: "itsm" })], "b")).toEqual([["", "ITSM: 3, 100 %, ill"]]);
  });

  it("adds up no ages: each tenant has its own, the oldest first, red from where the alert is", () => {
    const ages = [point(30, { tenant: "a" }), point(450, { tenant: "b" })];
    expect(drawn("dexsync.watermark.age", ages)).toEqual([
      ["", "Tenant b: 450, 100 %, ill", "Tenant a: 30, 10 %, plain"],
    ]);
    expect(figureView("dexsync.watermark.age", ages, "", NAMES).total).toBeUndefined();
  });

  it("leaves out counts of nought, but not flags", () => {
    const stages = [point(0, { tenant: "a", stage: "active" }), point(2, { tenant: "a", stage: "inProgress" })];
    expect(drawn("dexsync.incidents.open", stages)).toEqual([["", "In progress: 2, 100 %, experts"]]);
    const held = [point(0, { connector: "itsm" }), point(1, { connector: "jira" })];
    expect(drawn("dexsync.breaker.open", held)).toEqual([["", "JIRA: 1, 100 %, ill", "ITSM: 0, 0 %, plain"]]);
  });

  it("tells nothing from nought", () => {
    expect(figureView("dexsync.parked", [], "", NAMES)).toMatchObject({ isKnown: false, groups: [] });
    expect(figureView("dexsync.parked", [point(0, { connector: "itsm" })], "", NAMES)).toMatchObject({
      isKnown: true,
      total: 0,
      groups: [],
    });
  });

  it("is not endless", () => {
    const many = Array.from({ length: 40 }, (_, index) => point(index, { tenant: `t${index}` }));
    const { groups, more } = figureView("dexsync.watermark.age", many, "", NAMES);
    expect([groups[0]?.rows.length, more]).toEqual([24, 16]);
    expect(groups[0]?.rows[0]?.label).toBe("Tenant t39");
  });
});

describe("the words of figures", () => {
  it("are there for every figure that the code can tell", () => {
    const shown = (["gauge", "duration", "counter"] as const).flatMap(figuresOf);
    expect(shown.toSorted()).toEqual(Object.keys(FIGURES).toSorted());
  });

  it.each([
    ["dexsync.passes", 1, "1 pass"],
    ["dexsync.passes", 1_234, "1,234 passes"],
    ["dexsync.copies", 7, "7 copies"],
    ["dexsync.parked", 0, "0 pieces of work"],
    ["dexsync.watermark.age", 1.26, "1.2 s "],
    ["dexsync.quota.used", 39.6, "40 % "],
    ["dexsync.breaker.open", 1, "open "],
    ["dexsync.paused", 0, "runs "],
  ] as const)("%s of %s is %s", (name, value, words) => {
    expect(`${valueWords(name, value)} ${nounOf(name, value)}`).toBe(words);
  });
});
