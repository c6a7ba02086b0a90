import { describe, expect, it } from "vitest";
import type { Kill, Side } from "./crash-points.ts";
import { loadSimulation } from "./load.ts";

const SIDES: readonly Side[] = ["before", "after"];
const simulation = loadSimulation("crash-points");
const { CREATE_PATH, WHOLE_LIFE, runKilled } = simulation;

/** Each call of a history that nothing happens to, on either side. */
async function pointsOf(history: typeof WHOLE_LIFE): Promise<{ calls: readonly string[]; points: readonly Kill[] }> {
  const { calls, result } = await runKilled(history, []);
  expect(result.violations).toEqual([]);
  return { calls, points: calls.flatMap((_call, index) => SIDES.map((side) => ({ call: index + 1, side }))) };
}

async function survives(history: typeof WHOLE_LIFE, kills: readonly Kill[], calls: readonly string[]): Promise<number> {
  const { result, kills: done } = await runKilled(history, kills);
  const where = kills.map(({ call, side }) => `${side} call ${call}, ${calls[call - 1] ?? "of the next life"}`);
  expect(result.violations, `killed ${where.join("; then ")}`).toEqual([]);
  return done;
}

describe("a process killed at a call of its ports", () => {
  it("loses and doubles nothing, at every call of a whole life", { timeout: 300_000 }, async () => {
    const { calls, points } = await pointsOf(WHOLE_LIFE);
    let covered = 0;
    for (const point of points) covered += await survives(WHOLE_LIFE, [point], calls);
    expect(calls).toEqual(
      expect.arrayContaining(["http.POST ServiceNow", "http.PATCH ServiceNow", "http.PUT Sentinel"]),
    );
    process.stdout.write(`crash points: ${covered} covered of ${points.length} found\n`);
    expect(covered / points.length).toBe(1);
  });

  it(
    "loses and doubles nothing where it is killed twice on the way to a new ticket",
    { timeout: 300_000 },
    async () => {
      const { calls, points } = await pointsOf(CREATE_PATH);
      let pairs = 0;
      for (const first of points.filter(({ side }) => side === "after")) {
        // The next life's calls are as many as they are: the first that is not met any more ends the list.
        for (let call = 1; call <= MOST_CALLS; call += 1) {
          const done = await survives(CREATE_PATH, [first, { call, side: call % 2 === 0 ? "after" : "before" }], calls);
          if (done < 2) break;
          pairs += 1;
        }
      }
      process.stdout.write(`pairs of kills: ${pairs}\n`);
      expect(pairs).toBeGreaterThan(points.length);
    },
  );
});

/** Of a second life: what follows is the same poll again and again. */
const MOST_CALLS = 40;
