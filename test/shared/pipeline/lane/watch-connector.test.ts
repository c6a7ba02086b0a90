import { describe, expect, it } from "vitest";
import type { CorrelationKey } from "../../../../shared/incident/correlation-key.ts";
import type { LifecycleEvent } from "../../../../shared/incident/lifecycle-event.ts";
import { RetryableError } from "../../../../shared/errors.ts";
import type { Breaker } from "../../../../shared/pipeline/breaker.ts";
import { syncTicket } from "../../../../shared/pipeline/lane/sync-ticket.ts";
import { watchConnector } from "../../../../shared/pipeline/lane/watch-connector.ts";
import { createFakeTool } from "../../../fake-connector.ts";
import { createLane } from "../../../ticket-lane.ts";

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

describe("a tool that is told by another way than it is asked", () => {
  async function startTool() {
    const lane = await createLane({ canCreate: false });
    const state = { told: 0, failure: undefined as Error | undefined };
    const connector = watchConnector(
      {
        ...lane.deps.connector,
        async tell() {
          await Promise.resolve();
          state.told += 1;
          if (state.failure !== undefined) throw state.failure;
        },
      },
      lane.deps.breaker,
    );
    const tell = () => connector.tell?.({} as LifecycleEvent, signal);
    return { ...lane, state, connector, tell, breaker: lane.deps.breaker };
  }

  it("is left alone while what asks fails, however well it is told", async () => {
    const { breaker, connector, tell, tool, clock } = await startTool();
    for (let time = 0; time < 5; time += 1) {
      await tell();
      tool.fail("find", "before", AWAY);
      await expect(connector.find("key" as CorrelationKey, signal)).rejects.toBe(AWAY);
    }
    expect(await breaker.admit()).toMatchObject({ kind: "open" });
    await clock.advance(61_000);
    expect(await breaker.admit()).toEqual({ kind: "probe" });
    await tell();
    expect(await breaker.admit()).toMatchObject({ kind: "open" });
    await connector.find("key" as CorrelationKey, signal);
    expect(await breaker.admit()).toEqual({ kind: "closed" });
  });

  it("is left alone too where it cannot be told", async () => {
    const { breaker, tell, state } = await startTool();
    state.failure = AWAY;
    for (let time = 0; time < 5; time += 1) await expect(tell()).rejects.toBe(AWAY);
    expect(await breaker.admit()).toMatchObject({ kind: "open" });
  });

  it("is not let go on by what says nothing of it: this process ends", async () => {
    const { breaker, tell, state, clock } = await startTool();
    await breaker.tell(new RetryableError("unauthorized", "401"));
    await clock.advance(61_000);
    state.failure = new RetryableError("busy", "this process is ending");
    await expect(tell()).rejects.toBe(state.failure);
    expect(await breaker.admit()).toEqual({ kind: "probe" });
  });
});
