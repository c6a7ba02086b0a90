import { describe, expect, it } from "vitest";
import type { Spread } from "../../page/data/parse-figures.ts";
import type { Names } from "../../page/view/figure-rows.ts";
import { spreadViews } from "../../page/view/spread-view.ts";

const NAMES: Names = { connector: (id) => id.toUpperCase(), tenant: (id) => id };

function aSpread(tenant: string, connector: string, change: Partial<Spread> = {}): Spread {
  return {
    dimensions: new Map([
      ["tenant", tenant],
      ["connector", connector],
    ]),
    count: 4,
    sum: 10,
    buckets: [
      { upTo: 1, count: 1 },
      { upTo: 60, count: 3 },
      { upTo: 3_600, count: 4 },
      { upTo: Infinity, count: 4 },
    ],
    ...change,
  };
}

describe("how durations are spread", () => {
  it("has an average, a count, what nine of ten keep, and a bar for what each bucket adds", () => {
    const [view, ...others] = spreadViews([aSpread("a", "itsm")], "", NAMES);
    expect(others).toEqual([]);
    expect(view).toMatchObject({ heading: "ITSM", count: 4, average: "2.5 s", ninety: "1 h" });
    expect(view?.bins).toEqual([
      { words: "up to 1 s", tick: "1 s", count: 1, percent: 50 },
      { words: "up to 1 min", tick: "", count: 2, percent: 100 },
      { words: "up to 1 h", tick: "", count: 1, percent: 50 },
      { words: "longer", tick: "more", count: 0, percent: 0 },
    ]);
  });

  it("puts tenants together unless one is chosen, connectors never", () => {
    const spreads = [aSpread("a", "itsm"), aSpread("b", "itsm", { sum: 30 }), aSpread("b", "jira")].toReversed();
    expect(spreadViews(spreads, "", NAMES)).toMatchObject([
      { heading: "ITSM", count: 8, average: "5.0 s", bins: [{ count: 2 }, { count: 4 }, { count: 2 }, { count: 0 }] },
      { heading: "JIRA", count: 4 },
    ]);
    expect(spreadViews(spreads, "b", NAMES)).toMatchObject([{ average: "7.5 s" }, { average: "2.5 s" }]);
  });

  it("says what it knows where the rest is missing or makes no sense", () => {
    const broken = aSpread("a", "itsm", {
      sum: NaN,
      buckets: [
        { upTo: 1, count: 5 },
        { upTo: Infinity, count: 2 },
      ],
    });
    expect(spreadViews([broken], "", NAMES)).toMatchObject([{ average: "", bins: [{ count: 5 }, { count: 0 }] }]);
    expect(spreadViews([aSpread("a", "itsm", { buckets: [] })], "", NAMES)).toMatchObject([{ ninety: "", bins: [] }]);
    expect(spreadViews([aSpread("a", "itsm", { count: 0 })], "", NAMES)).toEqual([]);
  });

  it("claims no limit for what is beyond the last one", () => {
    const slow = aSpread("a", "itsm", {
      buckets: [
        { upTo: 1, count: 3 },
        { upTo: Infinity, count: 4 },
      ],
    });
    expect(spreadViews([slow], "", NAMES)[0]?.ninety).toBe("");
  });
});
