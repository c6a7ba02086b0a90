import { describe, expect, it } from "vitest";
import { TENANT } from "../build.ts";
import {
  CLIENT_STATE,
  OTHER_TENANT,
  PREVIOUS_STATE,
  PREVIOUS_SUBSCRIPTION,
  aNotification,
  bodyOf,
  startBellRig,
} from "../bell-rig.ts";

const BELL = "ring-doorbell-graph";

describe("the handshake", () => {
  it.each([
    "Validation: Testing client application reachability for subscription Request-Id: 0ed4",
    "a b+c%20d&e=f\"'\\/{}[]",
    "déjà vu ✓",
    "x".repeat(2_048),
  ])("gives the token back as it is, as plain text (%#)", async (token) => {
    const rig = await startBellRig();
    expect(await rig.ring(BELL, { query: { validationToken: token }, body: "ignored" })).toEqual({
      status: 200,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
      },
      body: token,
    });
    expect(rig.log.lines).toEqual([]);
  });

  it.each([
    ["markup", "<script>alert(1)</script>"],
    ["an end of markup", "a>b"],
    ["a line break", "a\r\nset-cookie: b=c"],
    ["a tab", "a\tb"],
    ["NUL", "a\u0000b"],
    ["a C1 control", "a\u0085b"],
    ["text that turns around", "a\u202eb"],
    ["a line separator", "a\u2028b"],
    ["too much", "x".repeat(2_049)],
    ["too much in bytes", "ä".repeat(1_025)],
    ["nothing", ""],
  ])("gives nothing back of %s", async (_name, token) => {
    const rig = await startBellRig();
    const answer = await rig.ring(BELL, { query: { validationToken: token } });
    expect(answer).toMatchObject({ status: 400, body: "" });
    expect(answer.headers["content-type"]).toBeUndefined();
  });
});

describe("a notification", () => {
  it("of a subscription that the tenant holds rings for the tenant, at the end of the bucket", async () => {
    const rig = await startBellRig();
    expect(await rig.ring(BELL, bodyOf(aNotification()))).toMatchObject({ status: 202, body: "" });
    const [message, ...more] = rig.bus.take("poll-requests");
    expect(more).toEqual([]);
    expect(message?.body).toEqual({ v: 1, tenantId: TENANT, cause: "bell", requestedAt: rig.clock.now() });
    expect(message?.scheduledAt).toBe((Math.floor(rig.clock.now() / 2_000) + 1) * 2_000);
    expect(rig.log.of("warn")).toEqual([]);
  });

  it("of the subscription before rings until that expires", async () => {
    const rig = await startBellRig();
    const previous = aNotification({ subscriptionId: PREVIOUS_SUBSCRIPTION, clientState: PREVIOUS_STATE });
    await rig.ring(BELL, bodyOf(previous));
    expect(rig.bus.take("poll-requests")).toHaveLength(1);
    await rig.clock.advance(3_600_000);
    expect((await rig.ring(BELL, bodyOf(previous))).status).toBe(202);
    expect(rig.bus.attempts).toHaveLength(1);
  });

  it("rings whatever else it carries, and whatever the case of the tenant's id", async () => {
    const rig = await startBellRig();
    const encryptedContent = { data: "AAAA", dataSignature: "BBBB", dataKey: "CCCC" };
    await rig.ring(BELL, bodyOf(aNotification({ encryptedContent, tenantId: TENANT.toUpperCase(), resourceData: [] })));
    expect(rig.bus.take("poll-requests")).toHaveLength(1);
  });

  it.each([
    ["another tenant of ours", { tenantId: OTHER_TENANT }],
    ["a tenant that is none of ours", { tenantId: "11111111-297b-4c6b-ac7e-8d7f6befb514" }],
    ["an unknown subscription", { subscriptionId: "22222222-9b3a-4a57-8f0e-7d2f0a9f1c11" }],
    ["another secret", { clientState: `${CLIENT_STATE}x` }],
    ["the secret of the subscription before", { clientState: PREVIOUS_STATE }],
    ["no secret", { clientState: undefined }],
    ["an empty secret", { clientState: "" }],
    ["the secret in a list", { clientState: [CLIENT_STATE] }],
    ["an object that says that it is the secret", { clientState: { toString: CLIENT_STATE, length: 43 } }],
    ["a megabyte... of what fits", { clientState: "x".repeat(200_000) }],
  ])("with %s does nothing, and is answered the same", async (_name, change) => {
    const rig = await startBellRig();
    const good = await rig.ring(BELL, bodyOf(aNotification()));
    rig.bus.attempts.length = 0;
    expect(await rig.ring(BELL, bodyOf(aNotification(change)))).toEqual(good);
    expect(rig.bus.attempts).toEqual([]);
    expect(rig.writes()).toBe(0);
    expect(rig.log.lines).toEqual([
      { level: "warn", message: "notifications were dropped", fields: { items: 1, dropped: 1 } },
    ]);
  });

  it("is believed by nobody where the tenant holds no subscription", async () => {
    const rig = await startBellRig();
    await rig.tables.control.delete(TENANT, "subscription", "any");
    expect((await rig.ring(BELL, bodyOf(aNotification()))).status).toBe(202);
    expect(rig.bus.attempts).toEqual([]);
  });

  it("is not spoiled by bad ones in the same call, which are counted", async () => {
    const rig = await startBellRig();
    await rig.ring(BELL, bodyOf(null, aNotification({ clientState: 5 }), aNotification(), "text", aNotification()));
    expect(rig.bus.take("poll-requests")).toHaveLength(1);
    expect(rig.log.of("warn")).toMatchObject([{ fields: { items: 5, dropped: 3 } }]);
  });
});

describe("bounds", () => {
  const deep = (depth: number): string => `{"value":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
  it.each([
    ["no JSON", "value=1", 400],
    ["nothing", "", 400],
    ["bytes that are no text", Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400],
    ["depth 32", deep(32), 202],
    ["depth 33", deep(33), 400],
    ["depth 10,000", deep(10_000), 400],
    ["brackets in a text", JSON.stringify({ value: ['"['.repeat(100)] }), 202],
    ["256 KiB", `{"value":[]}${" ".repeat(256 * 1_024 - 12)}`, 202],
    ["a byte more", `{"value":[]}${" ".repeat(256 * 1_024 - 11)}`, 413],
    ["1,000 items", JSON.stringify({ value: Array.from({ length: 1_000 }, () => 0) }), 202],
    ["1,001 items", JSON.stringify({ value: Array.from({ length: 1_001 }, () => 0) }), 413],
    ["another shape", "[]", 202],
    ["a value that is none", JSON.stringify({ value: { length: 1 } }), 202],
  ])("of %s", async (_name, body, status) => {
    const rig = await startBellRig();
    expect(await rig.ring(BELL, { body })).toEqual({ status, headers: {}, body: "" });
    expect(rig.bus.attempts).toEqual([]);
    expect(rig.writes()).toBe(0);
  });
});

describe("lifecycle events", () => {
  const event = (lifecycleEvent: string, change: Readonly<Record<string, unknown>> = {}) =>
    aNotification({ lifecycleEvent, ...change });

  it("that ask for an authorisation are noted once, and looked after at once", async () => {
    const rig = await startBellRig();
    for (let time = 0; time < 20; time += 1) {
      await rig.ring(BELL, bodyOf(event("reauthorizationRequired"), event("reauthorizationRequired")));
    }
    expect((await rig.subscription(TENANT)).wants).toBe("renew");
    expect(rig.writes()).toBe(1);
    expect(rig.bus.attempts.map((message) => message.body)).toMatchObject([
      { tenantId: TENANT, cause: "subscription" },
    ]);
  });

  it("that come just after a renewal are answered by it", async () => {
    const rig = await startBellRig();
    const state = await rig.subscription(TENANT);
    if (state.current === undefined) throw new Error("no subscription");
    await rig.clock.advance(60_000);
    await rig.subscribe(TENANT, { current: { ...state.current, renewedAt: rig.clock.now() } });
    await rig.ring(BELL, bodyOf(event("reauthorizationRequired")));
    expect(rig.writes()).toBe(0);
  });

  it("that say that it is gone ask for a new one, whatever else they say", async () => {
    const rig = await startBellRig();
    await rig.ring(BELL, bodyOf(event("subscriptionRemoved"), event("reauthorizationRequired")));
    expect((await rig.subscription(TENANT)).wants).toBe("recreate");
    await rig.ring(BELL, bodyOf(event("reauthorizationRequired")));
    expect((await rig.subscription(TENANT)).wants).toBe("recreate");
  });

  it("that say that something was missed ring for a wide window", async () => {
    const rig = await startBellRig();
    await rig.ring(BELL, bodyOf(event("missed"), aNotification()));
    const bodies = rig.bus.take("poll-requests").map((message) => message.body);
    expect(bodies).toMatchObject([{ cause: "bell" }, { cause: "bell", sweep: true }]);
    expect(bodies[0]).not.toHaveProperty("sweep");
  });

  it.each(["reauthorizationRequired", "subscriptionRemoved"])(
    "of the subscription before ask for nothing: %s",
    async (name) => {
      const rig = await startBellRig();
      await rig.ring(BELL, bodyOf(event(name, { subscriptionId: PREVIOUS_SUBSCRIPTION, clientState: PREVIOUS_STATE })));
      expect(rig.writes()).toBe(0);
      expect(rig.bus.attempts).toEqual([]);
    },
  );

  it.each(["missed", "subscriptionRemoved", "reauthorizationRequired"])("forged do nothing: %s", async (name) => {
    const rig = await startBellRig();
    await rig.ring(BELL, bodyOf(event(name, { clientState: "guess" })));
    expect(rig.writes()).toBe(0);
    expect(rig.bus.attempts).toEqual([]);
  });

  it("of a kind that is not known do nothing", async () => {
    const rig = await startBellRig();
    expect((await rig.ring(BELL, bodyOf(event("somethingNew")))).status).toBe(202);
    expect(rig.writes()).toBe(0);
    expect(rig.bus.attempts).toEqual([]);
  });
});

describe("where the bell cannot be kept", () => {
  it("Graph is told to ring again, and nothing is said of it", async () => {
    const rig = await startBellRig();
    rig.bus.refuse("poll-requests", true);
    expect(await rig.ring(BELL, bodyOf(aNotification()))).toEqual({
      status: 503,
      headers: { "retry-after": "5" },
      body: "",
    });
    rig.bus.refuse("poll-requests", false);
    expect((await rig.ring(BELL, bodyOf(aNotification()))).status).toBe(202);
    expect(rig.bus.take("poll-requests")).toHaveLength(1);
  });
});
