import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_WEBHOOK_SECRET } from "../../local/simulators/webhook/start-webhook.ts";
import { createHttp } from "../../shared/http/request.ts";
import type { LifecycleEvent } from "../../shared/incident/lifecycle-event.ts";
import { createEventLane } from "../event-lane.ts";
import { type WebhookBench, startWebhookBench } from "./webhook-bench.ts";

const OLD = `whsec_${Buffer.from("the secret of last year, 32 bytes").toString("base64")}`;
const signal = new AbortController().signal;

let bench: WebhookBench;
beforeEach(async () => {
  bench = await startWebhookBench();
});
afterEach(() => bench.close());

/** An event as the pipeline makes it. */
async function anEvent(): Promise<LifecycleEvent> {
  const lane = createEventLane();
  await lane.run(await lane.change({ status: "inProgress" }));
  const [event] = lane.receiver.taken;
  if (event === undefined) throw new Error("no event");
  return event;
}

function headersOf(index = 0): Record<string, string> {
  return bench.receiver.deliveries[index]?.headers as Record<string, string>;
}

describe("the signature", () => {
  it("is one that the library of Standard Webhooks takes", async () => {
    await bench.connect().send(await anEvent(), signal);
    const [delivery] = bench.receiver.deliveries;
    expect(new Webhook(DEFAULT_WEBHOOK_SECRET).verify(delivery?.body ?? "", headersOf())).toMatchObject({
      type: "dexsync.incident.inProgress",
    });
    expect(() => new Webhook(OLD).verify(delivery?.body ?? "", headersOf())).toThrow("No matching signature");
  });

  it("is there for the present and the previous secret while one is changed", async () => {
    const event = await anEvent();
    const both = bench.connect({ secrets: [DEFAULT_WEBHOOK_SECRET, OLD] });
    await both.send(event, signal);
    bench.receiver.secrets = [OLD];
    await both.send(event, signal);
    expect(bench.receiver.deliveries).toHaveLength(2);
    expect(headersOf()["webhook-signature"]?.split(" ")).toHaveLength(2);
    const onlyNew = bench.connect({ secrets: [DEFAULT_WEBHOOK_SECRET] });
    await expect(onlyNew.send(event, signal)).rejects.toMatchObject({ reason: "unauthorized" });
  });

  it("is of this sending, while id and body stay as they are", async () => {
    const event = await anEvent();
    let now = Date.now() - 10_000;
    const connector = bench.connect({ clock: { now: () => (now += 5_000) } });
    await connector.send(event, signal);
    await connector.send(event, signal);
    const [first, second] = bench.receiver.deliveries;
    expect(second?.body).toBe(first?.body);
    expect(headersOf(1)["webhook-id"]).toBe(headersOf(0)["webhook-id"]);
    expect(headersOf(1)["webhook-timestamp"]).not.toBe(headersOf(0)["webhook-timestamp"]);
  });

  it("is not made with a secret that is none", () => {
    expect(() => bench.connect({ secrets: ["changeme"] })).toThrow("cannot be used");
    expect(() => bench.connect({ secrets: [DEFAULT_WEBHOOK_SECRET, ""] })).toThrow("cannot be used");
  });
});

it("is a CloudEvent by the schema of CloudEvents 1.0", async () => {
  await bench.connect().send(await anEvent(), signal);
  const schema = JSON.parse(readFileSync(new URL("cloudevents.1.0.schema.json", import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;
  const formats = { "uri-reference": /^\S+$/, uri: /^\S+$/, "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ };
  const validate = new Ajv({ strict: false, formats }).compile(schema);
  const [delivery] = bench.receiver.deliveries;
  expect(validate(delivery?.event)).toBe(true);
  expect(validate({ ...delivery?.event, id: undefined })).toBe(false);
  expect(headersOf()["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  // Names of attributes: small letters and digits.
  expect(Object.keys(delivery?.event ?? {}).filter((name) => !/^[a-z0-9]+$/.test(name))).toEqual([]);
});

describe("an answer", () => {
  it.each([
    [400, { reason: "rejected" }],
    [401, { reason: "unauthorized" }],
    [403, { reason: "misconfigured" }],
    [404, { reason: "misconfigured" }],
    [405, { reason: "misconfigured" }],
    [409, { reason: "rejected" }],
    [410, { reason: "gone" }],
    [413, { reason: "tooLarge" }],
    [422, { reason: "rejected" }],
    [429, { reason: "throttled", retryAfterMs: 7_000 }],
    [500, { reason: "unavailable" }],
    [503, { reason: "unavailable", retryAfterMs: 7_000 }],
    [504, { reason: "timeout" }],
    [301, { reason: "unauthorized" }],
    [307, { reason: "unauthorized" }],
  ])("%i is %j", async (status, wanted) => {
    bench.receiver.faults.add({ kind: "status", status, retryAfter: 7 });
    await expect(bench.connect().send(await anEvent(), signal)).rejects.toMatchObject(wanted);
  });

  it.each([200, 201, 202, 204])("%i is a yes", async (status) => {
    bench.receiver.faults.add({ kind: "status", status });
    await expect(bench.connect().send(await anEvent(), signal)).resolves.toBeUndefined();
  });

  it("of 410 ends it for all incidents, until an operator resumes", async () => {
    const lane = createEventLane({ connector: bench.connect() });
    bench.receiver.behaviour.isGone = true;
    expect(await lane.run(await lane.change({ status: "active" }))).toBe("parked");
    expect((await lane.parked())?.value).toMatchObject({
      reason: "gone",
      mend: expect.stringContaining("dex-sync resume --connector soar"),
    });
    bench.receiver.behaviour.isGone = false;
    expect(await lane.run(await lane.change({ status: "active" }, "30"))).toBe("parked");
    expect(bench.receiver.requests.read().total).toBe(1);
  });

  it("of a page for people is a yes by its status alone, and is not read", async () => {
    bench.receiver.faults.add({ kind: "huge", bytes: 20_000_000, times: 1 });
    await expect(bench.connect().send(await anEvent(), signal)).resolves.toBeUndefined();
  });
});

it("goes to no other host than the configured one", async () => {
  const clock = { now: () => Date.now() };
  const http = createHttp({ allowPrivate: ["127.0.0.0/8"], allowedHosts: ["soar.example"], clock, userAgent: "test" });
  await expect(bench.connect({ http }).send(await anEvent(), signal)).rejects.toMatchObject({
    reason: "misconfigured",
  });
  await http.close();
});
