import { expect, it } from "vitest";
import { loadSimulation } from "./load.ts";
import type { Plan } from "./plan.ts";

const SEEDS = 200;
const simulation = loadSimulation("planted");

const { NO_OPERATIONS, PLANTED_AT_JIRA, PLANTED_AT_OPERATIONS, PLANTED_AT_THE_RECEIVER } = simulation;
const { PLANTED_AT_THE_SOURCE, PLANTED_AT_THE_TICKETS } = simulation;
const PLANTED = [
  ...PLANTED_AT_THE_SOURCE.map((planted) => ({ ...planted, tools: undefined })),
  ...PLANTED_AT_THE_TICKETS.map((planted) => ({ ...planted, tools: ["servicenow"] as const })),
  ...PLANTED_AT_OPERATIONS.map((planted) => ({ ...planted, tools: ["servicenow"] as const })),
  ...PLANTED_AT_JIRA.map((planted) => ({ ...planted, tools: ["jira"] as const })),
  ...PLANTED_AT_THE_RECEIVER.map((planted) => ({ ...planted, tools: [] as const })),
];

it.each(PLANTED.map((planted) => [planted.name, planted] as const))(
  "sees a planted bug: %s",
  { timeout: 120_000 },
  async (_name, planted) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      // Only where a bug is planted at it is there a receiver: what is seen elsewhere must be seen there.
      const tuned = planted.tune({ ...simulation.planOf(seed), receiver: undefined });
      const { tools } = planted;
      const plan = tools === undefined ? tuned : { ...withoutDesk(tuned, tools), ticketTools: { a: tools, b: tools } };
      const buggy = planted.misset?.(plan) ?? plan;
      const { violations } = await simulation.runHistory(seed, { plan: buggy, plant: planted.plant });
      if (!violations.some(({ kind }) => planted.as.includes(kind))) continue;
      // It is the bug that is seen, and not the history.
      const without = await simulation.runHistory(seed, { plan });
      expect(without.violations).toEqual([]);
      return;
    }
    expect.fail(`not seen in ${SEEDS} histories`);
  },
);

/** Operators are at work at ServiceNow alone. */
function withoutDesk(plan: Plan, tools: readonly string[]): Plan {
  return tools.includes("jira") ? { ...plan, operations: NO_OPERATIONS } : plan;
}
