import { describe, expect, it } from "vitest";
import { RetryableError } from "../../../shared/errors.ts";
import type { Breaker } from "../../../shared/pipeline/breaker.ts";
import { syncTicket } from "../../../shared/pipeline/sync-ticket.ts";
import { watchConnector } from "../../../shared/pipeline/watch-connector.ts";
import { createFakeTool } from "../../fake-connector.ts";
import { createLane } from "../../ticket-lane.ts";

const signal = new AbortController().signal;
const AWAY = new RetryableError("unavailable", "the store is away");
const REF = { id: "1", label: "T-1", url: "" };

function awayBreaker(): Breaker {
  const away = (): Promise<never> => Promise.reject(AWAY);
  return { admit: () => Promise.resolve({ kind: "closed" }), tell: away, giveBack: away };
}

describe("a breaker that cannot be told", () => {
  it("hides neither what a call came to nor that it may have happened", async () => {
    const tool = createFakeTool();
    const watched = watchConnector(tool.connector, awayBreaker());
    tool.put("1", "key");
    await expect(watched.read(REF, signal)).resolves.toMatchObject({ ref: { id: "1" } });
    const lost = new RetryableError("unauthorized", "an HTML page", { mayHaveHappened: true });
    tool.fail("update", "after", lost);
    await expect(watched.update(REF, { values: {}, tags: { add: [], remove: [] } }, signal)).rejects.toBe(lost);
  });

  it("makes no second ticket of a create whose answer was lost", async () => {
    const lane = await createLane();
    lane.tool.fail("create", "after", new RetryableError("unauthorized", "an HTML page", { mayHaveHappened: true }));
    const deps = { ...lane.deps, breaker: awayBreaker() };
    const message = await lane.change({});
    expect(await syncTicket(deps, message, lane.clock.now())).toBe("waiting");
    await lane.drain();
    expect(lane.tool.tickets.size).toBe(1);
  });
});
