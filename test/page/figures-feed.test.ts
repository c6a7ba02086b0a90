import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FiguresFeed, type FiguresState, createFiguresFeed } from "../../page/data/figures-feed.ts";

const PARKED = 'dexsync_parked{connector="itsm"} 1\n';

describe("createFiguresFeed", () => {
  let feed: FiguresFeed;
  let states: FiguresState[];
  let requests: Record<string, string>[];
  let isVisible: boolean;
  let key: string;
  let answer: () => Response | Promise<Response>;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000 });
    states = [];
    requests = [];
    isVisible = true;
    key = "";
    answer = () => new Response(PARKED);
    feed = createFiguresFeed({
      async request(headers, signal) {
        requests.push(headers);
        const aborted = new Promise<never>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        });
        return await Promise.race([answer(), aborted]);
      },
      key: { read: () => key },
      now: Date.now,
      isVisible: () => isVisible,
      onChange: (state) => states.push(state),
    });
  });

  afterEach(() => {
    feed.stop();
    vi.useRealTimers();
  });

  async function pass(durationMs: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(durationMs);
  }

  it("asks every 15 s, with the key where there is one", async () => {
    feed.wake();
    await pass(14_999);
    expect(requests).toEqual([{ accept: "text/plain" }]);
    expect(states).toMatchObject([{ kind: "showing", readAt: 1_000, problem: "" }]);
    key = "k";
    await pass(1);
    expect(requests.slice(1)).toEqual([{ accept: "text/plain", "x-functions-key": "k" }]);
  });

  it("asks nobody while it is hidden, and at once when it is seen again", async () => {
    feed.wake();
    await pass(0);
    isVisible = false;
    await pass(60_000);
    expect(requests).toHaveLength(1);
    isVisible = true;
    feed.wake();
    feed.wake();
    await pass(0);
    expect(requests).toHaveLength(2);
  });

  it("keeps what it showed while it cannot be read, and says why", async () => {
    feed.wake();
    await pass(0);
    answer = () => Promise.reject(new TypeError("fetch failed"));
    await pass(15_000);
    expect(states.at(-1)).toMatchObject({ kind: "showing", readAt: 1_000, problem: "the server cannot be reached" });
    answer = () => new Response(PARKED);
    await pass(15_000);
    expect(states.at(-1)).toMatchObject({ kind: "showing", readAt: 31_000, problem: "" });
  });

  it.each([
    [401, "", "the server refused the function key"],
    [503, "", "the server answered with status 503"],
    [200, "<html>", "the answer is no figures of dex-sync"],
  ])("says why where nothing was read yet: status %s %s", async (status, body, problem) => {
    answer = () => new Response(body, { status });
    feed.wake();
    await pass(0);
    expect(states).toEqual([{ kind: "failed", problem }]);
    await pass(15_000);
    expect(requests).toHaveLength(2);
  });

  it("gives up an answer that does not come", async () => {
    answer = () => new Promise(() => undefined);
    feed.wake();
    await pass(10_000);
    expect(states).toEqual([{ kind: "failed", problem: "the server did not answer in time" }]);
  });

  it("passes on where the figures are, and does not ask for them again by itself", async () => {
    answer = () => new Response(`they are elsewhere\n${" ".repeat(300)}x`, { status: 404 });
    feed.wake();
    await pass(60_000);
    expect(states).toEqual([{ kind: "elsewhere", said: expect.stringMatching(/^they are elsewhere\s+$/) as string }]);
    expect(requests).toHaveLength(1);
  });

  it("says nothing after it was stopped", async () => {
    feed.wake();
    feed.stop();
    await pass(60_000);
    expect([states, requests.length]).toEqual([[], 1]);
  });
});
