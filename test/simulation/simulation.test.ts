import { expect, it } from "vitest";
import { loadSimulation } from "./load.ts";

const HISTORIES = 60;
const simulation = loadSimulation("simulation");

it(`finds nothing new in ${HISTORIES} histories`, { timeout: 300_000 }, async () => {
  const violations = [];
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const result = await simulation.runHistory(seed);
    violations.push(...result.violations.map((violation) => ({ seed, ...violation })));
  }
  expect(violations).toEqual([]);
});

it.each([3, 24, 57, 111, 516, 949])("makes seed %i the same history twice", async (seed) => {
  const first = await simulation.runHistory(seed, { isTraceKept: true });
  const second = await simulation.runHistory(seed);
  expect(first.lines.length).toBeGreaterThan(50);
  expect(second.digest).toBe(first.digest);
});

it("does not make the same history of two seeds", async () => {
  const [first, second] = [await simulation.runHistory(3), await simulation.runHistory(4)];
  expect(first.digest).not.toBe(second.digest);
});
