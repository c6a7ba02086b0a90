import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { RetryableError } from "../../shared/errors.ts";
import type { PollReport } from "../../shared/pipeline/detect/detect-changes.ts";
import { FIGURES, type FigureName } from "../../shared/pipeline/ports/metrics.ts";

interface Alert {
  readonly key: string;
  readonly query: string;
  readonly by: readonly string[];
}

interface WorkbookItem {
  readonly name: string;
  readonly content: {
    readonly query?: string;
    readonly chartId?: string;
    readonly crossComponentResources?: readonly string[];
  };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const alerts = JSON.parse(read("infra/alerts.json")) as readonly Alert[];
const workbook = JSON.parse(read("infra/workbooks/operations.workbook.json")) as {
  readonly items: readonly WorkbookItem[];
};
const queries = workbook.items.flatMap(({ name, content }) =>
  content.query === undefined ? [] : [{ key: name, query: content.query }],
);

/** What a query names that the code does not tell: figures, and dimensions that none of its figures has. */
function strangersIn(query: string): readonly string[] {
  const figures = [...query.matchAll(/'(dexsync\.[^']+)'/g)].map(([, name = ""]) => name);
  const known = figures.filter((name): name is FigureName => name in FIGURES);
  const dimensions = new Set<string>(known.flatMap((name) => FIGURES[name].dimensions));
  const named = [...query.matchAll(/customDimensions\.(\w+)/g)].map(([, name = ""]) => name);
  return [...figures.filter((name) => !(name in FIGURES)), ...named.filter((name) => !dimensions.has(name))];
}

/** Words that alerts wait for, each as the code spells it: another spelling there does not compile here. How a handover's state is spelled is told in measure.test.ts. */
const WORDS = {
  outcome: "polled" satisfies PollReport["outcome"],
  reason: "unauthorized" satisfies RetryableError["reason"],
  state: "overdue",
};

describe("alerts", () => {
  it("wait for words that the code says", () => {
    const waitedFor = alerts.flatMap(({ query }) => [
      ...query.matchAll(/customDimensions\.(\w+)\) (?:==|!=|in|=~) ?\(?'(\w+)'/g),
    ]);
    expect(Object.fromEntries(waitedFor.map(([, dimension, word]) => [dimension, word]))).toEqual(WORDS);
  });

  it("have a section of their name in the runbook each, and every such section has its alert", () => {
    const inBicep = [...read("infra/modules/alerts.bicep").matchAll(/(?:key|name): '([a-z-]+)'/g)].map(
      ([, key = ""]) => key,
    );
    const keys: readonly string[] = [
      ...alerts.map(({ key }) => key),
      ...inBicep.filter((key) => key !== "availability"),
    ];
    const sections = [...read("docs/runbook.md").matchAll(/^## ([a-z]+-[a-z-]+|backlog)$/gm)].map(
      ([, name = ""]) => name,
    );
    expect(sections.toSorted()).toEqual(keys.toSorted());
  });

  it.each(alerts)("ask only for what is told, and split by what they ask for: $key", ({ query, by }) => {
    expect(strangersIn(query)).toEqual([]);
    for (const name of by) expect(query).toMatch(new RegExp(`(by|project) .*\\b${name}\\b`));
    expect(query.includes("value =")).toBe(by.length > 0);
  });

  it("are there for each figure of a failure", () => {
    const asked = alerts.map(({ query }) => query).join("\n");
    for (const figure of [
      "watermark.age",
      "polls",
      "parked",
      "breaker.open",
      "copies",
      "handovers",
      "subscription.expiry",
      "findings",
    ]) {
      expect(asked).toContain(`'dexsync.${figure}'`);
    }
  });

  it("would be seen to name what is not there", () => {
    const query = "customMetrics | where name == 'dexsync.parked' | extend tenant = tostring(customDimensions.tenant)";
    expect(strangersIn(query)).toEqual(["tenant"]);
    expect(strangersIn("customMetrics | where name == 'dexsync.nothing'")).toEqual(["dexsync.nothing"]);
  });
});

describe("the workbook", () => {
  it.each(queries)("asks only for what is told: $key", ({ query }) => {
    expect(strangersIn(query)).toEqual([]);
  });

  it("draws every figure", () => {
    const asked = queries.map(({ query }) => query).join("\n");
    expect(Object.keys(FIGURES).filter((name) => !asked.includes(`'${name}'`))).toEqual([]);
  });

  it("has the sections an operator looks for, and names no resource of anybody's", () => {
    const text = read("infra/workbooks/operations.workbook.json");
    for (const section of ["Overview", "Lag", "Lanes", "Handovers", "Quota", "Cost"])
      expect(text).toContain(`## ${section}`);
    expect(text).not.toMatch(/\/subscriptions\//);
    expect(new Set(text.match(/\{\{\w+\}\}/g))).toEqual(
      new Set(["{{applicationInsightsId}}", "{{logAnalyticsId}}", "{{serviceBusNamespaceId}}"]),
    );
    const names = workbook.items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
