import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createMemoryTables } from "../../../../local/store/memory-tables.ts";
import { PermanentError, RetryableError } from "../../../../shared/errors.ts";
import { healthOf } from "../../../../shared/pipeline/overview/health.ts";
import { type SubscriptionDeps, keepSubscription } from "../../../../shared/pipeline/bells/keep-subscription.ts";
import { readGate } from "../../../../shared/pipeline/graph-gate.ts";
import { readOverview } from "../../../../shared/pipeline/overview/read-overview.ts";
import { requestSubscriptions } from "../../../../shared/pipeline/bells/request-subscriptions.ts";
import {
  type SubscriptionState,
  changeSubscription,
  readSubscription,
} from "../../../../shared/pipeline/bells/subscription-state.ts";
import type { SubscriptionPlan } from "../../../../shared/pipeline/bells/subscription-step.ts";
import type { TenantId } from "../../../../shared/incident/incident.ts";
import { TENANT } from "../../../build.ts";
import { createFakeSubscriptions } from "../../../fake-subscriptions.ts";
import { createRecordingBus } from "../../../recording-bus.ts";
import { createRecordingLog } from "../../../recording-log.ts";
import { createVirtualClock } from "../../../virtual-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const signal = new AbortController().signal;
const PLAN: SubscriptionPlan = {
  resource: "security/incidents",
  notificationUrl: "https://dex.contoso.com/api/doorbell/graph",
  reason: "",
};

function createRig() {
  const clock = createVirtualClock();
  const tables = createMemoryTables();
  const api = createFakeSubscriptions();
  const log = createRecordingLog();
  const bus = createRecordingBus();
  let plan = PLAN;
  let uuids = 0;
  const depsNow = (): SubscriptionDeps => ({
    tenantId: TENANT,
    plan,
    api,
    tables,
    clock,
    log,
    random: { next: () => 0, uuid: () => `uuid-${(uuids += 1)}` },
    deadlineMs: 45_000,
    claimMs: 105_000,
  });
  return {
    clock,
    tables,
    api,
    log,
    bus,
    want(wanted: SubscriptionPlan): void {
      plan = wanted;
    },
    look: () => keepSubscription(depsNow(), signal),
    /** What the timer would ask for now. */
    async isDue() {
      bus.sent.length = 0;
      const tenants = [TENANT];
      await requestSubscriptions({ bus, tables, clock, log, tenants, planOf: () => plan });
      return bus.take("poll-requests").length === 1;
    },
    state: async () => (await readSubscription(tables.control, TENANT)).state,
    note: (change: Partial<SubscriptionState>) =>
      changeSubscription(tables.control, TENANT, (state) => ({ ...state, ...change })),
    health: async () =>
      healthOf(
        await readOverview({
          tables,
          clock,
          isDemo: false,
          pollIntervalMs: 15_000,
          tenants: [{ id: TENANT, name: "Contoso", portalUrl: "https://security.microsoft.com" }],
          connectors: [],
        }),
      ).tenants[0]?.push,
  };
}

describe("a tenant's subscription", () => {
  it("is created for a day, its secret known to Graph alone", async () => {
    const rig = createRig();
    expect(await rig.look()).toBe("created");
    const [wanted] = rig.api.wanted;
    expect(wanted).toMatchObject({
      resource: "security/incidents",
      notificationUrl: "https://dex.contoso.com/api/doorbell/graph",
      until: rig.clock.now() + 24 * HOUR,
    });
    expect(Buffer.from(wanted?.clientState ?? "", "base64url")).toHaveLength(32);
    const state = await rig.state();
    expect(state).toMatchObject({ v: 1, status: "active", lastError: "", nextTryAt: rig.clock.now() + 12 * HOUR });
    expect(state.current?.stateDigest).toBe(
      createHash("sha256")
        .update(wanted?.clientState ?? "")
        .digest("hex"),
    );
    expect(state.claim).toBeUndefined();
    const everywhere = JSON.stringify([await rig.tables.control.range(TENANT), rig.log.lines]);
    expect(everywhere).not.toContain(wanted?.clientState);
    expect(await rig.health()).toEqual({ status: "on", reason: "" });
  });

  it("is renewed at half of its life, and not looked at before", async () => {
    const rig = createRig();
    await rig.look();
    await rig.clock.advance(12 * HOUR - 1);
    expect(await rig.isDue()).toBe(false);
    expect(await rig.look()).toBe("nothing");
    await rig.clock.advance(1);
    expect(await rig.isDue()).toBe(true);
    expect(await rig.look()).toBe("renewed");
    expect(rig.api.calls).toEqual(["create", "renew subscription-1"]);
    expect((await rig.state()).current).toMatchObject({ expiresAt: rig.clock.now() + 24 * HOUR });
    expect(await rig.isDue()).toBe(false);
  });

  it("never comes near what the alert waits for as long as Graph renews it, and does where Graph does not", async () => {
    const alerts = JSON.parse(readFileSync("infra/alerts.json", "utf8")) as readonly {
      readonly key: string;
      readonly threshold: number;
    }[];
    const alarmMs = (alerts.find(({ key }) => key === "subscription-expiring")?.threshold ?? Number.NaN) * 1_000;
    const rig = createRig();
    const leastLeft = async (hours: number): Promise<number> => {
      let least = Number.POSITIVE_INFINITY;
      for (let minutes = 0; minutes < hours * 60; minutes += 10) {
        await rig.look();
        await rig.clock.advance(10 * MINUTE);
        const endsAt = (await rig.state()).current?.expiresAt;
        least = Math.min(least, (endsAt ?? Number.NaN) - rig.clock.now());
      }
      return least;
    };
    expect(await leastLeft(48)).toBeGreaterThan(alarmMs + HOUR);
    rig.api.renew = () => Promise.reject(new RetryableError("unavailable", "503"));
    expect(await leastLeft(22)).toBeLessThan(alarmMs);
  });

  it("is created anew where Graph knows it no more, and where it expired meanwhile", async () => {
    const rig = createRig();
    await rig.look();
    rig.api.held.clear();
    await rig.clock.advance(12 * HOUR);
    expect(await rig.look()).toBe("created");
    expect(await rig.state()).toMatchObject({ current: { id: "subscription-2" } });
    expect((await rig.state()).previous).toBeUndefined();
    await rig.clock.advance(25 * HOUR);
    expect(await rig.health()).toMatchObject({ status: "off" });
    expect(await rig.look()).toBe("created");
    expect(rig.api.calls).toEqual(["create", "renew subscription-1", "create", "create"]);
  });

  it("gets a new secret once a week; the old one is believed until it expires", async () => {
    const rig = createRig();
    await rig.look();
    for (let half = 0; half < 14; half += 1) {
      await rig.clock.advance(12 * HOUR);
      await rig.look();
    }
    expect(rig.api.calls.filter((call) => call === "create")).toHaveLength(2);
    const state = await rig.state();
    expect(state).toMatchObject({ current: { id: "subscription-2" }, previous: { id: "subscription-1" } });
    expect(rig.api.wanted[0]?.clientState).not.toBe(rig.api.wanted[1]?.clientState);
  });

  it.each([400, 403, 404, 501])("refused with %d is said once, and asked for again in a day", async (status) => {
    const rig = createRig();
    rig.api.refusal = status;
    expect(await rig.look()).toBe("refused");
    for (let minute = 0; minute < 24 * 60 - 1; minute += 1) {
      await rig.clock.advance(MINUTE);
      expect(await rig.look()).toBe("nothing");
    }
    expect(await rig.health()).toEqual({
      status: "off",
      reason: `Microsoft Graph answered ${status} to a subscription; the timer reads everything`,
    });
    await rig.clock.advance(MINUTE);
    expect(await rig.look()).toBe("refused");
    expect(rig.api.calls).toEqual(["create", "create"]);
    expect(rig.log.of("warn")).toEqual([
      {
        level: "warn",
        message: "Graph refuses notifications; the timer reads everything",
        fields: { tenantId: TENANT, resource: "security/incidents", status },
      },
    ]);
  });

  it("refused is asked for at once where the configuration asks for something else", async () => {
    const rig = createRig();
    rig.api.refusal = 400;
    await rig.look();
    rig.want({ ...PLAN, resource: "security/alerts_v2" });
    expect(await rig.isDue()).toBe(true);
    rig.api.refusal = undefined;
    expect(await rig.look()).toBe("created");
  });

  it("with another address is created there; the old one is believed until it expires", async () => {
    const rig = createRig();
    await rig.look();
    rig.want({ ...PLAN, notificationUrl: "https://new.contoso.com/api/doorbell/graph" });
    expect(await rig.isDue()).toBe(true);
    expect(await rig.look()).toBe("created");
    expect(await rig.state()).toMatchObject({ current: { id: "subscription-2" }, previous: { id: "subscription-1" } });
  });

  it("is not asked for where the configuration asks for nothing, and then no row is written", async () => {
    const rig = createRig();
    rig.want({ ...PLAN, resource: "" });
    expect(await rig.isDue()).toBe(false);
    expect(await rig.look()).toBe("nothing");
    expect(rig.api.calls).toEqual([]);
    expect(await rig.tables.control.range(TENANT)).toEqual([]);
    expect(await rig.health()).toBeUndefined();
  });

  it("is removed once where the configuration asks for it no more", async () => {
    const rig = createRig();
    await rig.look();
    rig.want({ ...PLAN, resource: "" });
    expect(await rig.look()).toBe("removed");
    expect(await rig.look()).toBe("nothing");
    expect(rig.api.calls).toEqual(["create", "remove subscription-1"]);
    expect((await rig.state()).current).toBeUndefined();
    expect(await rig.health()).toBeUndefined();
    rig.want(PLAN);
    expect(await rig.look()).toBe("created");
  });

  it("needs an address: without one the reason is kept, and nobody is called", async () => {
    const rig = createRig();
    rig.want({ ...PLAN, notificationUrl: undefined, reason: "no public address is known" });
    expect(await rig.look()).toBe("explained");
    expect(await rig.isDue()).toBe(false);
    expect(rig.api.calls).toEqual([]);
    expect(await rig.health()).toMatchObject({ status: "off", reason: expect.stringContaining("no public address") });
    rig.want(PLAN);
    expect(await rig.look()).toBe("created");
  });

  it("is never created twice by looks at the same time", async () => {
    const rig = createRig();
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => rig.look()));
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(rig.api.calls).toEqual(["create"]);
    rig.api.during = async () => expect(await rig.look()).toBe("nothing");
    await rig.clock.advance(12 * HOUR);
    expect(await rig.look()).toBe("renewed");
  });

  it("of which a crash left no trace is created anew when the claim has ended", async () => {
    const rig = createRig();
    const dying = new Error("the process ended");
    rig.api.failures.push(dying);
    await expect(rig.look()).rejects.toBe(dying);
    await rig.clock.advance(104_000);
    expect(await rig.look()).toBe("nothing");
    await rig.clock.advance(1_000);
    expect(await rig.look()).toBe("created");
  });

  it("is not saved by a look that lost its claim: the newer one counts", async () => {
    const rig = createRig();
    rig.api.during = async () => {
      rig.api.during = () => Promise.resolve();
      await rig.clock.advance(106_000);
      expect(await rig.look()).toBe("created");
    };
    expect(await rig.look()).toBe("lost");
    expect((await rig.state()).current?.stateDigest).toBe(
      createHash("sha256")
        .update(rig.api.wanted[0]?.clientState ?? "")
        .digest("hex"),
    );
  });
});

describe("events of Graph", () => {
  it("ask for one renewal, at once, however many came before or during it", async () => {
    const rig = createRig();
    await rig.look();
    await rig.note({ wants: "renew" });
    expect(await rig.isDue()).toBe(true);
    rig.api.during = () => rig.note({ wants: "renew" });
    expect(await rig.look()).toBe("renewed");
    expect(await rig.look()).toBe("nothing");
    expect(rig.api.calls).toEqual(["create", "renew subscription-1"]);
  });

  it("ask for a new one, even where they come during a renewal", async () => {
    const rig = createRig();
    await rig.look();
    await rig.note({ wants: "recreate" });
    expect(await rig.look()).toBe("created");
    await rig.note({ wants: "renew" });
    rig.api.during = () => rig.note({ wants: "recreate" });
    expect(await rig.look()).toBe("renewed");
    rig.api.during = () => Promise.resolve();
    expect(await rig.look()).toBe("created");
    expect(await rig.look()).toBe("nothing");
    expect(rig.api.calls).toEqual(["create", "create", "renew subscription-2", "create"]);
  });
});

describe("what cannot be asked for now", () => {
  it.each([
    [new RetryableError("unavailable", "503"), [1, 2, 4, 8]],
    [new RetryableError("unauthorized", "401"), [5, 5, 5, 8]],
    [new PermanentError("rejected", "409 with words of Graph's"), [1, 2, 4, 8]],
    [new RetryableError("unavailable", "503", { retryAfterMs: 180_000 }), [3, 3, 4, 8]],
  ])("is asked for later and later (%s)", async (failure, minutes) => {
    const rig = createRig();
    rig.api.failures.push(failure, failure, failure, failure);
    const waited: number[] = [];
    for (let time = 0; time < 4; time += 1) {
      expect(await rig.look()).toBe("failed");
      const wait = (await rig.state()).nextTryAt - rig.clock.now();
      waited.push(wait / MINUTE);
      await rig.clock.advance(wait - 1);
      expect(await rig.look()).toBe("nothing");
      await rig.clock.advance(1);
    }
    expect(waited).toEqual(minutes);
    expect(await rig.health()).toMatchObject({ status: "off", reason: expect.stringContaining(failure.reason) });
    expect(await rig.look()).toBe("created");
  });

  it("says no word of Graph's, who may say back the secret", async () => {
    const rig = createRig();
    rig.api.failures.push(new RetryableError("unavailable", "503 (clientState hunter2 is not good)"));
    await rig.look();
    const everywhere = JSON.stringify([await rig.tables.control.range(TENANT), rig.log.lines, await rig.health()]);
    expect(everywhere).not.toContain("hunter2");
  });

  it("closes the gate for every caller where Graph is too busy, and waits with all of them", async () => {
    const rig = createRig();
    rig.api.failures.push(new RetryableError("throttled", "429", { retryAfterMs: 90_000 }));
    expect(await rig.look()).toBe("failed");
    expect((await readGate(rig.tables.control, TENANT)).notBefore).toBe(rig.clock.now() + 90_000);
    await rig.clock.advance(90_000);
    expect(await rig.look()).toBe("created");
    expect((await readGate(rig.tables.control, TENANT)).strikes).toBe(0);
  });

  it("waits where another function was asked to wait", async () => {
    const rig = createRig();
    const notBefore = rig.clock.now() + 30_000;
    await rig.tables.control.put(TENANT, "gate", { notBefore, strikes: 1, at: rig.clock.now() }, "absent");
    expect(await rig.look()).toBe("paused");
    await rig.clock.advance(30_000);
    expect(await rig.look()).toBe("created");
  });
});

describe("the timer's look at many tenants", () => {
  it("sends each that is due a message of its own, once a minute at most, whatever becomes of the others", async () => {
    const rig = createRig();
    await rig.look();
    const others = Array.from({ length: 70 }, (_unused, index) => `tenant-${index}` as TenantId);
    const { control } = rig.tables;
    const tables = {
      ...rig.tables,
      control: {
        ...control,
        get: (partition: string, row: string) =>
          partition === "tenant-3"
            ? Promise.reject(new RetryableError("unavailable", "the store is slow"))
            : control.get(partition, row),
      },
    };
    const deps = { ...rig, tables, tenants: [TENANT, ...others], planOf: () => PLAN };
    await requestSubscriptions(deps);
    await requestSubscriptions(deps);
    const sent = rig.bus.take("poll-requests").map((message) => message.body as { tenantId: string; cause: string });
    expect(new Set(sent.map((body) => body.cause))).toEqual(new Set(["subscription"]));
    expect(sent.map((body) => body.tenantId)).toEqual(others.filter((tenantId) => tenantId !== "tenant-3"));
  });
});
