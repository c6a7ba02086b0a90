import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../local/simulators/http/faults.ts";
import { createHttp } from "../../shared/http/request.ts";
import type { LifecycleEvent } from "../../shared/incident/lifecycle-event.ts";
import { createEventLane } from "../event-lane.ts";
import { type WebhookBench, startWebhookBench } from "./webhook-bench.ts";

/** With characters that an address writes in another way. */
const SIG = "s3cret/of+the address~9f2c";
const signal = new AbortController().signal;

let bench: WebhookBench;
beforeEach(async () => {
  bench = await startWebhookBench({ sig: SIG });
});
afterEach(() => bench.close());

async function anEvent(): Promise<LifecycleEvent> {
  const lane = createEventLane();
  await lane.run(await lane.change({ status: "inProgress" }));
  const [event] = lane.receiver.taken;
  if (event === undefined) throw new Error("no event");
  return event;
}

/** All that an error holds, to its last cause, as the most talkative log would print it. */
async function saidOf(sending: Promise<void>): Promise<string> {
  try {
    await sending;
  } catch (error) {
    return inspect(error, { depth: 30, showHidden: true, maxArrayLength: null, maxStringLength: null });
  }
  throw new Error("it did not fail");
}

/** What of an address lets somebody in, in every form. */
function partsIn(text: string): readonly string[] {
  const forms = [SIG, encodeURIComponent(SIG), new URLSearchParams({ SIG }).toString().slice(4), "s3cret", "9f2c"];
  return [...forms, "/hooks/dex", "triggers/manual", "sig="].filter((part) => text.includes(part));
}

describe("an address that is itself a secret", () => {
  it("lets in whoever has all of it, and nobody else", async () => {
    const event = await anEvent();
    await bench.connect({ isAddressSecret: true }).send(event, signal);
    expect(bench.receiver.deliveries).toHaveLength(1);
    const { origin, pathname } = new URL(bench.receiver.url);
    const bare = bench.connect({ url: `${origin}${pathname}`, isAddressSecret: true });
    await expect(bare.send(event, signal)).rejects.toMatchObject({ reason: "unauthorized" });
    expect(bench.receiver.deliveries).toHaveLength(1);
  });

  it.each<readonly [string, Fault | undefined, string]>([
    ["a refusal that says the address back", undefined, "answered 401"],
    ["401", { kind: "status", status: 401 }, "answered 401"],
    ["403", { kind: "status", status: 403 }, "answered 403"],
    ["404", { kind: "status", status: 404 }, "answered 404"],
    ["410", { kind: "status", status: 410 }, "answered 410"],
    ["422", { kind: "status", status: 422 }, "answered 422"],
    ["429", { kind: "status", status: 429, retryAfter: 7 }, "answered 429"],
    ["500", { kind: "status", status: 500 }, "answered 500"],
    ["a redirect", { kind: "status", status: 307 }, "answered 307"],
    ["a page for people", { kind: "html", status: 502 }, "answered 502"],
    ["an answer too long", { kind: "huge", status: 500, bytes: 5_000_000 }, "answered 500"],
    ["a cut connection", { kind: "cut" }, "got no answer"],
    ["taken, and then cut", { kind: "applyThenCut" }, "got no answer"],
  ])("is not in what is said of %s", async (_what, fault, words) => {
    if (fault === undefined) bench.receiver.sig = "another";
    else bench.receiver.faults.add(fault);
    const said = await saidOf(bench.connect({ isAddressSecret: true }).send(await anEvent(), signal));
    expect(said).toContain(words);
    expect(partsIn(said)).toEqual([]);
  });

  it("is not in what is said of no answer in time", async () => {
    bench.receiver.faults.add({ kind: "delay", delayMs: 5_000 });
    const connector = bench.connect({ isAddressSecret: true });
    const said = await saidOf(connector.send(await anEvent(), AbortSignal.timeout(100)));
    expect(said).toContain("127.0.0.1");
    expect(said).toContain("not answered in time");
    expect(partsIn(said)).toEqual([]);
  });

  it.each([
    ["nobody there", "http://127.0.0.1:1"],
    ["a name that leads nowhere", "https://nobody.test"],
    ["an address that is not let through", "https://10.1.2.3"],
  ])("is not in what is said of %s", async (_what, origin) => {
    const url = `${origin}/hooks/dex${new URL(bench.receiver.url).search}`;
    const http = createHttp({
      allowPrivate: ["127.0.0.0/8"],
      clock: { now: () => Date.now() },
      userAgent: "test",
      resolve: () => Promise.reject(Object.assign(new Error("no such name"), { code: "ENOTFOUND" })),
    });
    const connector = bench.connect({ url, http, isAddressSecret: true });
    expect(partsIn(await saidOf(connector.send(await anEvent(), signal)))).toEqual([]);
    await http.close();
  });

  it.each(["http", "https"])("is not in what is said of a receiver that speaks no %s", async (scheme) => {
    const event = await anEvent();
    const server = createServer((socket) => socket.on("error", () => undefined).end("no answer at all\r\n\r\n"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const url = `${scheme}://127.0.0.1:${port}/hooks/dex${new URL(bench.receiver.url).search}`;
    const said = await saidOf(bench.connect({ url, isAddressSecret: true }).send(event, AbortSignal.timeout(3_000)));
    server.close();
    expect(said).toContain("RetryableError");
    expect(partsIn(said)).toEqual([]);
  });

  it.each(["http://127.0.0.1/%zz?sig=s3cret", "nonsense s3cret"])(
    "is not in what is said of one that cannot be called: %s",
    async (url) => {
      const said = await saidOf(bench.connect({ url, isAddressSecret: true }).send(await anEvent(), signal));
      expect(said).not.toContain("s3cret");
    },
  );

  it("is in no span: no package that records requests is part of the product", () => {
    const lock = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const shipped = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
    expect(shipped.length).toBeGreaterThan(50);
    const recorders =
      /\/(?:@opentelemetry\/(?:auto-)?instrumentation|applicationinsights|@azure\/monitor-opentelemetry$)/;
    expect(shipped.map(([path]) => path).filter((path) => recorders.test(path))).toEqual([]);
  });

  it("would be there if it were not known to be one: this test can see", async () => {
    bench.receiver.sig = "another";
    const said = await saidOf(bench.connect({ isAddressSecret: false }).send(await anEvent(), signal));
    expect(partsIn(said)).toEqual(expect.arrayContaining([SIG, "/hooks/dex"]));
  });
});
