import { describe, expect, it } from "vitest";
import type { Kill, Side } from "./crash-points.ts";
import { loadSimulation } from "./load.ts";

const SIDES: readonly Side[] = ["before", "after"];
const simulation = loadSimulation("crash-points");
const { CREATE_PATH, WHOLE_LIFE, runKilled } = simulation;

/** Each call of a history that nothing happens to, on either side. */
async function pointsOf(
  history: typeof WHOLE_LIFE,
  tool: Tool,
): Promise<{ calls: readonly string[]; points: readonly Kill[] }> {
  const { calls, result } = await runKilled(history, [], tool);
  expect(result.violations).toEqual([]);
  return { calls, points: calls.flatMap((_call, index) => SIDES.map((side) => ({ call: index + 1, side }))) };
}

async function survives(
  history: typeof WHOLE_LIFE,
  tool: Tool,
  kills: readonly Kill[],
  calls: readonly string[],
): Promise<number> {
  const { result, kills: done } = await runKilled(history, kills, tool);
  const where = kills.map(({ call, side }) => `${side} call ${call}, ${calls[call - 1] ?? "of the next life"}`);
  expect(result.violations, `killed ${where.join("; then ")}`).toEqual([]);
  return done;
}

/** What each tool's whole life calls at least. */
const TOOLS = [
  ["servicenow", ["http.POST ServiceNow", "http.PATCH ServiceNow", "http.PUT Sentinel"]],
  ["jira", ["http.POST Jira", "http.PUT Jira", "http.GET Jira"]],
  ["receiver", ["http.POST the receiver"]],
] as const;
type Tool = (typeof TOOLS)[number][0];

describe.each(TOOLS)("a process killed at a call of its ports, with %s", (tool, expected) => {
  it("loses and doubles nothing, at every call of a whole life", { timeout: 300_000 }, async () => {
    const { calls, points } = await pointsOf(WHOLE_LIFE, tool);
    let covered = 0;
    for (const point of points) covered += await survives(WHOLE_LIFE, tool, [point], calls);
    expect(calls).toEqual(expect.arrayContaining([...expected]));
    process.stdout.write(`crash points, ${tool}: ${covered} covered of ${points.length} found\n`);
    expect(covered / points.length).toBe(1);
  });

  it(
    "loses and doubles nothing where it is killed twice on the way to a new ticket",
    { timeout: 300_000 },
    async () => {
      const { calls, points } = await pointsOf(CREATE_PATH, tool);
      let pairs = 0;
      for (const first of points.filter(({ side }) => side === "after")) {
        // The next life's calls are as many as they are: the first that is not met any more ends the list.
        for (let call = 1; call <= MOST_CALLS; call += 1) {
          const second = { call, side: call % 2 === 0 ? "after" : "before" } as const;
          const done = await survives(CREATE_PATH, tool, [first, second], calls);
          if (done < 2) break;
          pairs += 1;
        }
      }
      process.stdout.write(`pairs of kills, ${tool}: ${pairs}\n`);
      expect(pairs).toBeGreaterThan(points.length);
    },
  );
});

/** Of a second life: what follows is the same poll again and again. */
const MOST_CALLS = 40;
