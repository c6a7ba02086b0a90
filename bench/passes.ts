import { TARGETS, type Target, startPassCounter } from "../test/count-passes.ts";
import { STEPS, missedBy, startLife } from "../test/pass-bars.ts";
import { tableOf } from "./table.ts";

/** Reads and writes of each pass, per target and step of an incident's life, beside the documented bar. Counted by the simulated tools over HTTP, not timed. */
export async function benchPasses(): Promise<boolean> {
  const rows: string[][] = [];
  for (const target of TARGETS) rows.push(...(await rowsOf(target)));
  const head = ["target", "what", "changes", "passes", "bar", "reads a pass", "bar", "writes a pass", "bar", "result"];
  console.log(tableOf(head, rows, 2));
  const missed = rows.filter((row) => row.at(-1) !== "ok").length;
  console.log(missed === 0 ? "every bar is met" : `${missed} of ${rows.length} bars are missed`);
  return missed === 0;
}

async function rowsOf(target: Target): Promise<string[][]> {
  const counter = await startPassCounter(target);
  try {
    const life = await startLife(counter);
    const rows: string[][] = [];
    for (const { name, bars, work } of STEPS) {
      const count = await counter.count(() => work(life));
      const bar = bars[target];
      const missed = missedBy(count, bar);
      const { changes, passes } = count;
      rows.push([
        target,
        name,
        `${changes}`,
        `${passes.length}`,
        bar.passes === undefined ? "≤ 1 a change" : `≤ ${bar.passes}`,
        eachOf(passes.map(({ reads }) => reads)),
        `≤ ${bar.reads}`,
        eachOf(passes.map(({ writes }) => writes)),
        `≤ ${bar.writes}`,
        missed === "" ? "ok" : `MISSED: ${missed}`,
      ]);
    }
    return rows;
  } finally {
    await counter.close();
  }
}

/** `1, 0, 0`: one figure a pass. */
function eachOf(figures: readonly number[]): string {
  return figures.length === 0 ? "none" : figures.join(", ");
}
