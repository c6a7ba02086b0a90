import { describe, expect, it } from "vitest";
import { createLane } from "../../../ticket-lane.ts";

/** An incident that the route does not want, and those merged into it; the first has a ticket where it is named. */
async function survivorOf(losers: number, ticketOfFirst: string | undefined) {
  const lane = await createLane();
  Object.assign(lane.deps, { route: { severities: ["high"] } });
  await lane.putOther("100", { severity: "high" }, ticketOfFirst);
  const message = await lane.change({ severity: "low" });
  await lane.merge(Array.from({ length: losers }, (_, at) => String(100 + at)));
  return { lane, message };
}

describe("an incident that the route does not want", () => {
  it.each([1, 16, 45])("gets its ticket where the first of %i merged into it has one", async (losers) => {
    const { lane, message } = await survivorOf(losers, "old");
    expect(await lane.run(message)).toBe("created");
  });

  it("gets none where none of many merged into it has one, and the tool is not asked", async () => {
    const { lane, message } = await survivorOf(45, undefined);
    expect(await lane.run(message)).toBe("unrouted");
    expect(Object.values(lane.tool.calls).every((count) => count === 0)).toBe(true);
  });
});
