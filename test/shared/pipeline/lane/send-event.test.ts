import { describe, expect, it } from "vitest";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { pauseConnector, readBreaker } from "../../../../shared/pipeline/breaker.ts";
import { ConflictError } from "../../../../shared/pipeline/ports/table.ts";
import { SOAR, createEventLane } from "../../../event-lane.ts";
import type { DeltaMessage } from "../../../../shared/pipeline/schema.ts";

const TIMEOUT = new RetryableError("timeout", "no answer", { mayHaveHappened: true });
const DOWN = new RetryableError("unavailable", "503");
const GONE = new PermanentError("gone", "the receiver answered 410", { mend: "resume it" });

describe("a change", () => {
  it("is told once, and its link says what was told", async () => {
    const lane = createEventLane();
    const message = await lane.change({ status: "awaitingAction" });
    expect(await lane.run(message)).toBe("sent");
    expect(lane.receiver.taken).toMatchObject([{ type: "awaitingCustomerAction", seq: message.seq }]);
    expect(await lane.link()).toMatchObject({
      appliedSeq: message.seq,
      stage: "awaitingCustomerAction",
      ticket: { id: lane.receiver.taken[0]?.id, url: "" },
      sent: { type: "awaitingCustomerAction", seq: message.seq },
      lag: { changedAt: message.changedAt },
    });
    expect(await lane.run(message)).toBe("stale");
    expect(lane.receiver.calls).toBe(1);
  });

  it("that changed back before it was told is not told", async () => {
    const lane = createEventLane();
    await lane.run(await lane.change({ title: "one" }));
    await lane.change({ title: "two" });
    const back = await lane.change({ title: "one" });
    expect(await lane.run(back)).toBe("unchanged");
    expect((await lane.link()).appliedSeq).toBe(back.seq);
    expect(lane.receiver.calls).toBe(1);
  });

  it("late and out of order, is told as what is so now, with what was skipped", async () => {
    const lane = createEventLane();
    const opened = await lane.change({ status: "active" });
    await lane.run(opened);
    const started = await lane.change({ status: "inProgress" });
    const handed = await lane.change({ status: "awaitingAction" });
    expect(await lane.run(handed)).toBe("sent");
    expect(await lane.run(started)).toBe("stale");
    expect(lane.receiver.taken.map(({ type, from, skipped }) => [type, from, skipped])).toStrictEqual([
      ["opened", undefined, []],
      ["awaitingCustomerAction", "active", ["inProgress"]],
    ]);
  });

  it("of an incident that the route does not want is not told, until it is", async () => {
    const lane = createEventLane();
    Object.assign(lane.deps, { route: { severities: ["high"] } });
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("unrouted");
    expect(await lane.run(await lane.change({ severity: "high" }))).toBe("sent");
    expect(await lane.run(await lane.change({ severity: "low" }))).toBe("sent");
  });

  it.each(["an answer that is lost", "a process that dies"])(
    "of an incident that left the route is told to who may have taken it already, after %s",
    async (what) => {
      const lane = createEventLane();
      Object.assign(lane.deps, { route: { severities: ["high"] } });
      const message = await lane.change({ severity: "high" });
      if (what === "an answer that is lost") lane.receiver.fail("after", TIMEOUT);
      const { batch } = lane.tables.incident;
      if (what === "a process that dies") Object.assign(lane.tables.incident, { batch: () => Promise.reject(TIMEOUT) });
      await lane.run(message);
      Object.assign(lane.tables.incident, { batch });
      if (what === "a process that dies") lane.bus.sent.splice(0);
      expect(lane.receiver.taken).toHaveLength(1);
      expect(await lane.run(await lane.change({ severity: "low" }))).not.toBe("unrouted");
      await lane.drain();
      expect(lane.receiver.taken.at(-1)?.projection.severity).toBe("low");
    },
  );
});

describe("an incident that went into one that the route does not want", () => {
  const MERGED = { status: "redirected", redirectIncidentId: "30", severity: "high" } as const;

  async function merged(): Promise<ReturnType<typeof createEventLane>> {
    const lane = createEventLane();
    Object.assign(lane.deps, { route: { severities: ["high"] } });
    // Its worker was the first to look.
    expect(await lane.run(await lane.change({ severity: "low" }, "30"))).toBe("unrouted");
    return lane;
  }

  const asked = (lane: Awaited<ReturnType<typeof merged>>): unknown[] =>
    lane.bus.take("poll-requests").map(({ body }) => (body as { readonly incidents: unknown }).incidents);

  it("has that one looked at again once it is told", async () => {
    const lane = await merged();
    expect(await lane.run(await lane.change(MERGED))).toBe("sent");
    expect(asked(lane)).toStrictEqual([["30"]]);
  });

  it("has it looked at by a copy where it could not be asked for", async () => {
    const lane = await merged();
    lane.bus.refuse("poll-requests", true);
    expect(await lane.run(await lane.change(MERGED))).toBe("waiting");
    lane.bus.refuse("poll-requests", false);
    const [copy] = lane.bus.take("incident-deltas-soar");
    expect(await lane.run(copy?.body as DeltaMessage)).toBe("stale");
    expect(asked(lane)).toStrictEqual([["30"]]);
    expect(lane.receiver.taken).toHaveLength(1);
  });

  it("asks for nothing where that one was told already, or there is no route", async () => {
    const lane = await merged();
    await lane.run(await lane.change({ severity: "high" }, "30"));
    await lane.run(await lane.change(MERGED));
    const everything = createEventLane();
    await everything.run(await everything.change(MERGED));
    expect([...asked(lane), ...asked(everything)]).toStrictEqual([]);
  });
});

describe("at least once, under one id", () => {
  it.each(["before", "after"] as const)("where the call fails %s it was taken", async (when) => {
    const lane = createEventLane();
    lane.receiver.fail(when, TIMEOUT);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await lane.drain()).toStrictEqual(["sent"]);
    expect(lane.receiver.taken).toHaveLength(when === "before" ? 1 : 2);
    expect(new Set(lane.receiver.taken.map((event) => JSON.stringify(event.id))).size).toBe(1);
    expect(lane.receiver.taken.at(-1)).toStrictEqual(lane.receiver.taken[0]);
  });

  it("where the process dies before the link is saved", async () => {
    const lane = createEventLane();
    const message = await lane.change({ status: "inProgress" });
    const { batch } = lane.tables.incident;
    Object.assign(lane.tables.incident, { batch: () => Promise.reject(new RetryableError("unavailable", "no table")) });
    await lane.run(message);
    Object.assign(lane.tables.incident, { batch });
    lane.bus.sent.splice(0);
    expect(await lane.run({ ...message, n: 9 })).toBe("sent");
    expect(lane.receiver.taken).toHaveLength(2);
    expect(lane.receiver.taken[1]).toStrictEqual(lane.receiver.taken[0]);
  });

  it("where another worker wrote the link meanwhile, what it says decides", async () => {
    const lane = createEventLane();
    const message = await lane.change({ status: "inProgress" });
    const { batch } = lane.tables.incident;
    let isFirst = true;
    Object.assign(lane.tables.incident, {
      async batch(...args: Parameters<typeof batch>) {
        if (!isFirst) return batch(...args);
        isFirst = false;
        await batch(...args);
        throw new ConflictError("somebody else");
      },
    });
    expect(await lane.run(message)).toBe("stale");
    expect(lane.receiver.calls).toBe(1);
  });
});

it("is not sent twice where only something else on the link was written meanwhile", async () => {
  const lane = createEventLane();
  await lane.run(await lane.change({ status: "active" }));
  const message = await lane.change({ status: "inProgress" });
  const { batch } = lane.tables.incident;
  let isFirst = true;
  Object.assign(lane.tables.incident, {
    async batch(...args: Parameters<typeof batch>) {
      if (isFirst) await lane.setLink((link) => ({ ...link, dropped: { seq: 1, at: 1, reason: "a test" } }));
      isFirst = false;
      return batch(...args);
    },
  });
  expect(await lane.run(message)).toBe("sent");
  expect(lane.receiver.calls).toBe(2);
  expect(await lane.link()).toMatchObject({ appliedSeq: message.seq, dropped: { reason: "a test" } });
});

describe("a receiver that is away", () => {
  it("for 6 hours gets the newest once, and nothing is parked", async () => {
    const lane = createEventLane();
    for (let count = 0; count < 2_000; count += 1) lane.receiver.fail("before", DOWN);
    await lane.run(await lane.change({ status: "active" }));
    await lane.drain(6);
    // A probe a minute at most.
    expect(lane.receiver.calls).toBeGreaterThan(10);
    expect(lane.receiver.calls).toBeLessThanOrEqual(366);
    expect(await lane.parked()).toBeUndefined();
  });

  it("is asked as late as it says", async () => {
    const lane = createEventLane();
    lane.receiver.fail("before", new RetryableError("throttled", "429", { retryAfterMs: 3_600_000 }));
    const at = lane.clock.now();
    await lane.run(await lane.change({ status: "active" }));
    expect(await lane.drain()).toStrictEqual(["sent"]);
    expect(lane.clock.now() - at).toBeGreaterThanOrEqual(3_600_000);
  });

  it("gets what changed meanwhile in one event", async () => {
    const lane = createEventLane();
    await lane.run(await lane.change({ status: "active" }));
    lane.receiver.fail("before", DOWN);
    expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("waiting");
    expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("folded");
    expect(await lane.drain()).toStrictEqual(["sent"]);
    expect(lane.receiver.taken.at(-1)).toMatchObject({ from: "active", skipped: ["inProgress"] });
  });
});

it("an event that is refused is parked, and told with the next change", async () => {
  const lane = createEventLane();
  await lane.run(await lane.change({ status: "active" }));
  lane.receiver.fail("before", new PermanentError("rejected", "422", { mend: "look at the receiver" }));
  expect(await lane.run(await lane.change({ status: "inProgress" }))).toBe("parked");
  expect((await lane.parked())?.value).toMatchObject({ reason: "rejected", mend: "look at the receiver" });
  expect(await lane.run(await lane.change({ status: "awaitingAction" }))).toBe("sent");
  expect(lane.receiver.taken.at(-1)).toMatchObject({ from: "active", skipped: ["inProgress"] });
  expect(await lane.parked()).toBeUndefined();
  expect((await lane.link()).isParked).toBe(false);
});

describe("a receiver that wants nothing more", () => {
  it("gets nothing more of anything, until an operator resumes it and replays", async () => {
    const lane = createEventLane();
    lane.receiver.fail("before", GONE);
    const first = await lane.change({ status: "active" });
    expect(await lane.run(first)).toBe("parked");
    expect((await readBreaker(lane.tables.control, SOAR)).gone).toBeDefined();
    await lane.clock.advance(3_600_000);
    expect(await lane.run(await lane.change({ status: "active" }, "30"))).toBe("parked");
    expect((await lane.parked("30"))?.value).toMatchObject({
      reason: "gone",
      mend: expect.stringContaining("dex-sync resume --connector soar"),
    });
    expect(lane.receiver.calls).toBe(1);
    // To hold it, and let go of it by another hand's row, does not bring it back; to resume it does.
    await pauseConnector(lane.tables.control, SOAR, { at: 1, reason: "maintenance" });
    expect((await readBreaker(lane.tables.control, SOAR)).gone).toBeDefined();
    await pauseConnector(lane.tables.control, SOAR, undefined);
    await lane.clock.advance(10_000);
    expect(await lane.run({ ...first, cause: "replay" })).toBe("sent");
    expect(await lane.parked()).toBeUndefined();
    expect(await lane.parked("30")).toBeDefined();
  });
});

describe("asked for once more", () => {
  it("by a replay, the last event is sent under its own id, however often it must wait", async () => {
    const lane = createEventLane();
    const message = await lane.change({ status: "inProgress" });
    await lane.run(message);
    lane.receiver.fail("before", DOWN);
    expect(await lane.run({ ...message, cause: "replay" })).toBe("waiting");
    expect(await lane.drain()).toStrictEqual(["sent"]);
    expect(lane.receiver.taken).toHaveLength(2);
    expect(lane.receiver.taken[1]).toStrictEqual(lane.receiver.taken[0]);
    expect(await lane.run(message)).toBe("stale");
  });

  it("by a rebuild, too", async () => {
    const lane = createEventLane();
    const message = await lane.change({ status: "inProgress" });
    await lane.run(message);
    await lane.setLink((link) => ({ ...link, mappingVersion: 0 }));
    expect(await lane.run({ ...message, cause: "rebuild" })).toBe("sent");
    expect(lane.receiver.taken[1]).toStrictEqual(lane.receiver.taken[0]);
    expect((await lane.link()).mappingVersion).not.toBe(0);
  });
});
