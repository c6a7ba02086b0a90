import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PassCounter, TARGETS, startPassCounter } from "../count-passes.ts";
import { type Life, STEPS, missedBy, startLife } from "../pass-bars.ts";

describe.each(TARGETS)("the passes to %s cost what is documented", (target) => {
  let counter: PassCounter;
  let life: Life;
  beforeAll(async () => {
    counter = await startPassCounter(target);
    life = await startLife(counter);
  });
  afterAll(() => counter.close());

  it.each(STEPS)("$name", async ({ bars, work }) => {
    const count = await counter.count(() => work(life));
    expect(missedBy(count, bars[target])).toBe("");
    // A step that reached no tool would meet every bar.
    const isForNothing = bars[target].passes === 0;
    expect(count.passes.length > 0).toBe(!isForNothing);
    expect(count.changes > 0).toBe(!isForNothing);
    expect(count.passes.some(({ writes }) => writes > 0)).toBe(bars[target].writes > 0);
  });

  it("and every change of a burst was one", async () => {
    const burst = STEPS.at(-1);
    const count = await counter.count(() => burst?.work(life));
    expect(count.changes).toBe(20);
  });
});

describe("a bar", () => {
  const pass = { reads: 1, writes: 1 };
  it.each([
    [{ changes: 1, passes: [pass] }, { reads: 1, writes: 1 }, ""],
    [{ changes: 1, passes: [pass, pass] }, { reads: 1, writes: 1 }, "2 passes, at most 1"],
    [{ changes: 9, passes: [pass, pass, pass] }, { ...pass, passes: 2 }, "3 passes, at most 2"],
    [{ changes: 1, passes: [pass] }, { reads: 1, writes: 0 }, "a pass with 1 reads and 1 writes"],
    [{ changes: 1, passes: [pass] }, { reads: 0, writes: 1 }, "a pass with 1 reads and 1 writes"],
    [{ changes: 0, passes: [pass] }, pass, "1 passes, at most 0"],
  ])("of %j with %j: %s", (count, bar, missed) => {
    expect(missedBy(count, bar)).toBe(missed);
  });
});
