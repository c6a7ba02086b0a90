import { describe, expect, it } from "vitest";
import { createLateMetrics } from "../../../shared/telemetry/late-metrics.ts";
import { createPrometheusMetrics } from "../../../shared/telemetry/prometheus.ts";
import { createVirtualClock } from "../../virtual-clock.ts";

const ITSM = { tenant: "contoso", connector: "itsm" };

/** Lines that are no comments, without the moment at their end. */
async function linesOf(figures: { text(): Promise<string> }): Promise<readonly string[]> {
  const text = await figures.text();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("target_info"));
}

describe("figures that are scraped", () => {
  it("count, and are split by their dimensions", async () => {
    const figures = createPrometheusMetrics(createVirtualClock());
    figures.metrics.add("dexsync.passes", 1, { ...ITSM, outcome: "created" });
    figures.metrics.add("dexsync.passes", 2, { ...ITSM, outcome: "updated" });
    figures.metrics.add("dexsync.passes", 1, { ...ITSM, outcome: "updated" });
    const lines = await linesOf(figures);
    expect(lines.map((line) => line.replace(/ \d{10,}$/, ""))).toEqual([
      expect.stringMatching(/^dexsync_passes_total\{.*outcome="created".*\} 1$/),
      expect.stringMatching(/^dexsync_passes_total\{.*outcome="updated".*\} 3$/),
    ]);
  });

  it("hold durations in seconds, and none below nought where two clocks differ", async () => {
    const figures = createPrometheusMetrics(createVirtualClock());
    figures.metrics.record("dexsync.lag.written", 12, ITSM);
    figures.metrics.record("dexsync.lag.written", -3, ITSM);
    const text = await figures.text();
    expect(text).toMatch(/dexsync_lag_written_sum\{[^}]*\} 12\b/);
    expect(text).toMatch(/dexsync_lag_written_bucket\{[^}]*le="1"[^}]*\} 1\b/);
    expect(text).toMatch(/dexsync_lag_written_bucket\{[^}]*le="15"[^}]*\} 2\b/);
  });

  it("tell how things stand, only what was told last, and nothing that was told long ago", async () => {
    const clock = createVirtualClock();
    const figures = createPrometheusMetrics(clock);
    figures.metrics.set("dexsync.parked", [
      { value: 1, dimensions: { connector: "itsm" } },
      { value: 2, dimensions: { connector: "jira" } },
    ]);
    figures.metrics.set("dexsync.parked", [{ value: 5, dimensions: { connector: "itsm" } }]);
    const lines = await linesOf(figures);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^dexsync_parked\{connector="itsm"[^}]*\} 5\b/);
    await clock.advance(150_001);
    expect(await linesOf(figures)).toEqual([]);
  });

  it("cannot be broken by what a dimension holds", async () => {
    const figures = createPrometheusMetrics(createVirtualClock());
    figures.metrics.add("dexsync.copies", 1, { ...ITSM, reason: 'a"} 1\ndexsync_forged 7\\' });
    const lines = await linesOf(figures);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String.raw`reason="a\"} 1\ndexsync_forged 7\\"`);
  });
});

describe("figures whose library is loaded late", () => {
  it("are all told once it is there", async () => {
    const figures = createPrometheusMetrics(createVirtualClock());
    const failures: unknown[] = [];
    const late = createLateMetrics(
      () => Promise.resolve(figures.metrics),
      (error) => failures.push(error),
    );
    late.add("dexsync.deltas", 1, { tenant: "contoso", stage: "active" });
    late.set("dexsync.paused", [{ value: 1, dimensions: { connector: "itsm" } }]);
    await Promise.resolve();
    late.add("dexsync.deltas", 1, { tenant: "contoso", stage: "active" });
    const text = await figures.text();
    expect(text).toMatch(/dexsync_deltas_total\{[^}]*\} 2\b/);
    expect(text).toMatch(/dexsync_paused\{[^}]*\} 1\b/);
    expect(failures).toEqual([]);
  });

  it("cost no work where it cannot be loaded, and that is said once", async () => {
    const failures: unknown[] = [];
    const late = createLateMetrics(
      () => Promise.reject(new Error("no such module")),
      (error) => failures.push(error),
    );
    for (let time = 0; time < 5; time += 1) late.add("dexsync.deltas", 1, { tenant: "contoso", stage: "active" });
    await new Promise((resolve) => setImmediate(resolve));
    for (let time = 0; time < 5; time += 1) late.add("dexsync.deltas", 1, { tenant: "contoso", stage: "active" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([new Error("no such module")]);
  });
});
