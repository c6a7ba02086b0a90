import { Webhook } from "standardwebhooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BellRig,
  CLIENT_STATE,
  OTHER_TENANT,
  PREVIOUS_STATE,
  PREVIOUS_SUBSCRIPTION,
  type Ring,
  SUBSCRIPTION,
  aNotification,
  digest,
  startBellRig,
} from "../bell-rig.ts";
import { TENANT } from "../build.ts";
import { DOORBELL_SECRET } from "../product-process.ts";

const RUNS = { numRuns: 10_000 };
const MINUTES = 5 * 60_000;
/** In every body: it is neither to be answered nor to be logged. */
const CANARY = "canary-4b1f";

const SECRETS = [CLIENT_STATE, PREVIOUS_STATE, digest(CLIENT_STATE), DOORBELL_SECRET, DOORBELL_SECRET.slice(6)];

const TEXTS = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "",
    "null",
    "\u0000",
    "＜",
    "𝕏",
  ),
);
const ANYTHING = fc.oneof(
  TEXTS,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
);
const KEYS = fc.constantFrom("__proto__", "constructor", "prototype", "value", "tenantId", "clientState", "length");

/** One text of JSON with hostile keys as they are: `JSON.stringify` would not write an own `__proto__` that was set. */
const HOSTILE_OBJECT = fc
  .array(fc.tuple(KEYS, fc.oneof(ANYTHING, fc.constant({ polluted: CANARY }))), { minLength: 1, maxLength: 6 })
  .map((entries) => `{${entries.map(([key, value]) => `"${key}":${JSON.stringify(value)}`).join(",")}}`);

/** Not what anybody of ours would believe, though almost. */
const OTHER_STATES: fc.Arbitrary<unknown> = fc.oneof(
  ANYTHING,
  fc.constantFrom<unknown>(
    [CLIENT_STATE],
    [[CLIENT_STATE]],
    { toString: CLIENT_STATE },
    { 0: CLIENT_STATE, length: 1 },
    { type: "Buffer", data: [...Buffer.from(CLIENT_STATE)] },
    ` ${CLIENT_STATE}`,
    `${CLIENT_STATE}\u0000`,
    CLIENT_STATE.toUpperCase(),
    CLIENT_STATE.slice(0, -1),
    digest(CLIENT_STATE),
    PREVIOUS_STATE,
  ),
  fc.nat({ max: CLIENT_STATE.length - 1 }).map((at) => `${CLIENT_STATE.slice(0, at)}!${CLIENT_STATE.slice(at + 1)}`),
);
const OTHER_TENANTS: fc.Arbitrary<unknown> = fc.oneof(
  ANYTHING,
  fc.constantFrom<unknown>(OTHER_TENANT, [TENANT], `${TENANT} `, TENANT.slice(1), { id: TENANT }),
);
const OTHER_SUBSCRIPTIONS: fc.Arbitrary<unknown> = fc.oneof(
  ANYTHING,
  fc.constantFrom<unknown>(PREVIOUS_SUBSCRIPTION, [SUBSCRIPTION], SUBSCRIPTION.toUpperCase(), `${SUBSCRIPTION} `),
);

/** Valid, but for one of the fields that are checked. */
const BROKEN = fc
  .oneof(
    OTHER_STATES.map((clientState) => ({ clientState })),
    OTHER_TENANTS.map((tenantId) => ({ tenantId })),
    OTHER_SUBSCRIPTIONS.map((subscriptionId) => ({ subscriptionId })),
    fc.constantFrom("clientState", "tenantId", "subscriptionId").map((name) => ({ [name]: undefined })),
    fc.constant({ lifecycleEvent: { name: "missed" } }),
  )
  .chain((change) =>
    fc
      .constantFrom(undefined, "missed", "subscriptionRemoved", "reauthorizationRequired", CANARY)
      .map((lifecycleEvent) =>
        aNotification({
          ...(lifecycleEvent === undefined ? {} : { lifecycleEvent }),
          resource: CANARY,
          ...change,
        }),
      ),
  );

const HEAVY: fc.Arbitrary<string | Uint8Array> = fc.constantFrom(
  `{"value":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
  "[".repeat(200_000),
  '{"a":'.repeat(10_000),
  JSON.stringify({ value: [aNotification({ clientState: CANARY.repeat(95_000) })] }),
  JSON.stringify({ value: [aNotification({ clientState: CANARY.repeat(20_000) })] }),
  JSON.stringify({ value: Array.from({ length: 1_500 }, () => ({ tenantId: TENANT })) }),
  JSON.stringify({ value: [aNotification({ tenantId: CANARY.repeat(20_000) })] }),
);

const BODIES: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 40, arbitrary: fc.array(BROKEN, { minLength: 1, maxLength: 3 }).map((value) => JSON.stringify({ value })) },
  { weight: 15, arbitrary: fc.array(ANYTHING, { maxLength: 4 }).map((value) => JSON.stringify({ value, CANARY })) },
  { weight: 15, arbitrary: HOSTILE_OBJECT },
  { weight: 8, arbitrary: HOSTILE_OBJECT.map((item) => `{"value":[${item}]}`) },
  { weight: 10, arbitrary: fc.json().map((text) => text.replace(/^/, " ")) },
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  { weight: 4, arbitrary: fc.string({ unit: "grapheme", maxLength: 200 }).map((text) => CANARY + text) },
  { weight: 1, arbitrary: HEAVY },
);

/** No work was done, and nothing of the body or of a secret was said. */
async function refuses(rig: BellRig, bell: Parameters<BellRig["ring"]>[0], call: Ring, statuses: readonly number[]) {
  rig.log.lines.length = 0;
  const answer = await rig.ring(bell, call);
  expect(statuses).toContain(answer.status);
  expect(rig.bus.attempts).toEqual([]);
  expect(rig.writes()).toBe(0);
  const said = JSON.stringify([answer, rig.log.lines]);
  for (const word of [CANARY, ...SECRETS.map((secret) => secret.slice(0, 12))]) expect(said).not.toContain(word);
  expect(said.length).toBeLessThan(500);
  return answer;
}

function expectNothingPolluted(): void {
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
}

describe("10,000 bodies", () => {
  it(
    "against Graph's bell",
    async () => {
      const rig = await startBellRig();
      await fc.assert(
        fc.asyncProperty(BODIES, async (body) => {
          const answer = await refuses(rig, "ring-doorbell-graph", { body }, [202, 400, 413]);
          expect(answer).toMatchObject({ headers: {}, body: "" });
        }),
        RUNS,
      );
      expectNothingPolluted();
      // The rig was good all the time: the right one is heard.
      expect(
        (await rig.ring("ring-doorbell-graph", { body: JSON.stringify({ value: [aNotification()] }) })).status,
      ).toBe(202);
      expect(rig.bus.attempts).toHaveLength(1);
    },
    MINUTES,
  );

  it(
    "against the signed bell, with headers as wrong",
    async () => {
      const rig = await startBellRig();
      const at = new Date();
      const timestamp = `${Math.floor(at.getTime() / 1_000)}`;
      const another = new Webhook(`whsec_${Buffer.alloc(32, 3).toString("base64")}`);
      const ours = new Webhook(DOORBELL_SECRET);
      const signatures = fc.oneof(
        fc.constantFrom(
          "",
          "v1",
          "v1,",
          "v1,AAAA",
          "v1a,AAAA",
          another.sign("msg_1", at, "{}"),
          ours.sign("msg_1", at, "the body of another call"),
          ours.sign("msg_1", new Date(at.getTime() - 3_600_000), "{}"),
        ),
        fc.string({ maxLength: 80 }),
      );
      await fc.assert(
        fc.asyncProperty(BODIES, signatures, TEXTS, fc.boolean(), async (body, signature, id, isComplete) => {
          const headers = {
            "webhook-id": isComplete ? "msg_1" : id.replace(/[^\x20-\x7e]/g, ""),
            "webhook-timestamp": isComplete ? timestamp : "soon",
            "webhook-signature": signature.replace(/[^\x20-\x7e]/g, ""),
          };
          const answer = await refuses(rig, "ring-doorbell", { body, headers }, [401, 413]);
          expect(answer.body).toMatch(/^\{"error":"(?:not signed with a current secret|at most 256 KiB)"\}$/);
        }),
        RUNS,
      );
      expectNothingPolluted();
      expect((await rig.ring("ring-doorbell", rig.signed("{}"))).status).toBe(202);
      expect(rig.bus.attempts).toHaveLength(2);
    },
    MINUTES,
  );

  it(
    "against Sentinel's bell, for tenants that are none of ours",
    async () => {
      const rig = await startBellRig();
      const tenants = TEXTS.filter((text) => ![TENANT, OTHER_TENANT].includes(text as typeof TENANT));
      await fc.assert(
        fc.asyncProperty(BODIES, tenants, async (body, tenantId) => {
          const answer = await refuses(rig, "ring-doorbell-sentinel", { body, query: { tenantId } }, [202, 413]);
          expect(answer).toMatchObject({ headers: {}, body: "" });
        }),
        RUNS,
      );
      expectNothingPolluted();
      expect((await rig.ring("ring-doorbell-sentinel", { query: { tenantId: TENANT } })).status).toBe(202);
      expect(rig.bus.attempts).toHaveLength(1);
    },
    MINUTES,
  );
});
