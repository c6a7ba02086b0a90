import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FunctionKey } from "../../page/data/function-key.ts";
import { createOverviewFeed } from "../../page/data/overview-feed.ts";
import type { FeedState, OverviewFeed } from "../../page/data/overview-feed.ts";
import type { Overview } from "../../shared/pipeline/overview/overview.ts";
import { anIncident, anOverview, NOW } from "./overview-fixture.ts";

interface Bench {
  readonly feed: OverviewFeed;
  /** Headers of every request. */
  readonly requests: Record<string, string>[];
  readonly states: FeedState[];
  answer: () => Response | Promise<Response>;
  isVisible: boolean;
}

function createBench(): Bench {
  const requests: Record<string, string>[] = [];
  const states: FeedState[] = [];
  const bench: Bench = {
    requests,
    states,
    isVisible: true,
    answer: () => answerWith(anOverview()),
    feed: createOverviewFeed({
      async request(headers, signal) {
        requests.push(headers);
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        });
        return await Promise.race([bench.answer(), aborted]);
      },
      key: keyInMemory(),
      now: Date.now,
      isVisible: () => bench.isVisible,
      onChange: (state) => states.push(state),
    }),
  };
  return bench;
}

function keyInMemory(): FunctionKey {
  let kept = "";
  return {
    read: () => kept,
    keep(key) {
      kept = key;
    },
    forget() {
      kept = "";
    },
  };
}

function answerWith(overview: Overview, etag = '"1"'): Response {
  return new Response(JSON.stringify(overview), { status: 200, headers: { etag } });
}

async function pass(durationMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(durationMs);
}

describe("createOverviewFeed", () => {
  let bench: Bench;

  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    bench = createBench();
  });

  afterEach(() => {
    bench.feed.stop();
    vi.useRealTimers();
  });

  it("shows the first answer and asks every 2 s with its ETag", async () => {
    bench.feed.wake();
    await pass(0);
    expect(bench.states.at(-1)).toMatchObject({ kind: "showing", problem: "", version: 1, announcement: "" });
    bench.answer = () => new Response(null, { status: 304 });
    await pass(2_000);
    expect(bench.requests.map((headers) => headers["if-none-match"])).toEqual([undefined, '"1"']);
    expect(bench.states.at(-1)).toMatchObject({ kind: "showing", version: 1, confirmedAt: NOW + 2_000 });
  });

  it("reports what changed once", async () => {
    bench.feed.wake();
    await pass(0);
    const moved = anIncident({ stage: "awaitingCustomerAction", ball: "customer" });
    bench.answer = () => answerWith(anOverview({ incidents: [moved] }), '"2"');
    await pass(2_000);
    expect(bench.states.at(-1)).toMatchObject({
      version: 2,
      announcement: "Incident 101 is now awaiting your action.",
    });
    bench.answer = () => new Response(null, { status: 304 });
    await pass(2_000);
    expect(bench.states.at(-1)).toMatchObject({ version: 2, announcement: "", changed: new Set() });
  });

  it("keeps the last state while the connection is lost and asks every 5 s", async () => {
    bench.feed.wake();
    await pass(0);
    bench.answer = () => Promise.reject(new TypeError("fetch failed"));
    await pass(2_000);
    expect(bench.states.at(-1)).toMatchObject({
      kind: "showing",
      confirmedAt: NOW,
      problem: "the server cannot be reached",
    });
    await pass(4_999);
    expect(bench.requests).toHaveLength(2);
    bench.answer = () => answerWith(anOverview());
    await pass(1);
    expect(bench.states.at(-1)).toMatchObject({ kind: "showing", problem: "" });
  });

  it.each([
    [() => new Response("down", { status: 503 }), "the server answered with status 503"],
    [() => new Response("<html>"), "the answer is not JSON"],
    [() => new Response("{}"), "the answer is no overview of dex-sync"],
    [() => new Response('{"generatedAt":1,"tenants":[]}'), "the overview lacks its list of connectors"],
  ])("says what is wrong with the first answer", async (answer, problem) => {
    bench.answer = answer;
    bench.feed.wake();
    await pass(0);
    expect(bench.states).toEqual([{ kind: "failed", problem }]);
  });

  it("gives up on an answer after 10 s", async () => {
    bench.answer = () => new Promise<Response>(() => {});
    bench.feed.wake();
    await pass(10_000);
    expect(bench.states).toEqual([{ kind: "failed", problem: "the server did not answer in time" }]);
  });

  it("rests while nobody looks and asks at once when somebody does", async () => {
    bench.feed.wake();
    await pass(0);
    bench.isVisible = false;
    await pass(60_000);
    expect(bench.requests).toHaveLength(1);
    bench.isVisible = true;
    bench.feed.wake();
    await pass(0);
    expect(bench.requests).toHaveLength(2);
  });

  it("has one request under way, however often it is woken", async () => {
    bench.feed.wake();
    bench.feed.wake();
    bench.feed.wake();
    await pass(0);
    expect(bench.requests).toHaveLength(1);
  });

  it("asks for a key on 401, sends it, and says when it is refused", async () => {
    bench.answer = () => new Response(null, { status: 401 });
    bench.feed.wake();
    await pass(10_000);
    expect(bench.states).toEqual([{ kind: "locked", wasRefused: false }]);
    bench.feed.unlock("wrong");
    await pass(0);
    expect(bench.states.at(-1)).toEqual({ kind: "locked", wasRefused: true });
    bench.answer = () => answerWith(anOverview());
    bench.feed.unlock("right");
    await pass(0);
    expect(bench.requests.map((headers) => headers["x-functions-key"])).toEqual([undefined, "wrong", "right"]);
    expect(bench.states.at(-1)).toMatchObject({ kind: "showing" });
  });

  it("knows how far its clock is from the server's", async () => {
    bench.answer = () => answerWith(anOverview({ generatedAt: NOW - 90_000 }));
    bench.feed.wake();
    await pass(0);
    expect(bench.states.at(-1)).toMatchObject({ skewMs: -90_000 });
  });
});
