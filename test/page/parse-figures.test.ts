import { describe, expect, it } from "vitest";
import { type Figures, parseFigures } from "../../page/data/parse-figures.ts";
import { UnreadableAnswer } from "../../page/data/parse-overview.ts";
import { FIGURES } from "../../shared/pipeline/ports/metrics.ts";
import { createPrometheusMetrics } from "../../shared/telemetry/prometheus.ts";
import { createVirtualClock } from "../virtual-clock.ts";

const ITSM = { tenant: "contoso", connector: "itsm" };

function pointsOf(figures: Figures, name: Parameters<Figures["points"]["get"]>[0]) {
  return figures.points.get(name)?.map(({ dimensions, value }) => [Object.fromEntries(dimensions), value]);
}

describe("the figures in what Prometheus scrapes", () => {
  it("are found in what the product's own exporter writes, whatever a dimension holds", async () => {
    const { metrics, text } = createPrometheusMetrics(createVirtualClock());
    const odd = 'a"} 1\ndexsync_forged 7\\';
    metrics.add("dexsync.passes", 3, { ...ITSM, outcome: "updated" });
    metrics.add("dexsync.copies", 1, { ...ITSM, reason: odd });
    metrics.set("dexsync.parked", [{ value: 2, dimensions: { connector: "itsm" } }]);
    metrics.record("dexsync.lag.written", 0.5, ITSM);
    metrics.record("dexsync.lag.written", 4, ITSM);
    metrics.record("dexsync.lag.written", 90_000, ITSM);
    const figures = parseFigures(await text());
    expect(figures.unread).toBe(0);
    expect(pointsOf(figures, "dexsync.passes")).toEqual([[{ ...ITSM, outcome: "updated" }, 3]]);
    expect(pointsOf(figures, "dexsync.copies")).toEqual([[{ ...ITSM, reason: odd }, 1]]);
    expect(pointsOf(figures, "dexsync.parked")).toEqual([[{ connector: "itsm" }, 2]]);
    const [spread] = figures.spreads.get("dexsync.lag.written") ?? [];
    expect(spread).toMatchObject({ count: 3, sum: 90_004.5 });
    expect(spread?.buckets.slice(0, 3)).toEqual([
      { upTo: 1, count: 1 },
      { upTo: 2, count: 1 },
      { upTo: 5, count: 2 },
    ]);
    expect(spread?.buckets.slice(-2)).toEqual([
      { upTo: 21_600, count: 2 },
      { upTo: Infinity, count: 3 },
    ]);
    expect([...figures.points.keys(), ...figures.spreads.keys()].toSorted()).toEqual(Object.keys(FIGURES).toSorted());
  });

  it("are none where none were told yet", () => {
    const figures = parseFigures("");
    expect(figures.unread).toBe(0);
    expect([...figures.points.values(), ...figures.spreads.values()].flat()).toEqual([]);
  });

  it("leave out what is anybody else's, and count what is no number", () => {
    const figures = parseFigures('up 1\ndexsync_parked{connector="itsm"} NaN\ndexsync_parked{connector="jira"} 1\n!');
    expect(pointsOf(figures, "dexsync.parked")).toEqual([[{ connector: "jira" }, 1]]);
    expect(figures.unread).toBe(2);
  });

  it("put buckets in their order and do without those that are broken", () => {
    const bucket = (le: string, count: string): string => `dexsync_lag_seen_bucket{tenant="t",le="${le}"} ${count}`;
    const lines = [bucket("+Inf", "3"), bucket("5", "2"), bucket("1", "1"), bucket("soon", "1"), bucket("2", "NaN")];
    const figures = parseFigures([...lines, 'dexsync_lag_seen_count{tenant="t"} 3'].join("\n"));
    const [spread] = figures.spreads.get("dexsync.lag.seen") ?? [];
    expect(spread?.buckets.map(({ upTo }) => upTo)).toEqual([1, 5, Infinity]);
    expect(spread?.sum).toBeNaN();
  });

  it("are not in a page that a proxy sent", () => {
    expect(() => parseFigures("<!doctype html>\n<p>Sign in</p>")).toThrow(UnreadableAnswer);
  });
});
