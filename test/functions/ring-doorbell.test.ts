import { describe, expect, it } from "vitest";
import { TENANT } from "../build.ts";
import { OTHER_TENANT, startBellRig } from "../bell-rig.ts";

const BELL = "ring-doorbell";
const ACCEPTED = { status: 202, body: JSON.stringify({ accepted: true }) };

function tenantsRung(rig: Awaited<ReturnType<typeof startBellRig>>): readonly string[] {
  return rig.bus.take("poll-requests").map((message) => (message.body as { tenantId: string }).tenantId);
}

describe("a signed bell", () => {
  it.each([
    ["an empty object", "{}", [TENANT, OTHER_TENANT]],
    ["nothing", "", [TENANT, OTHER_TENANT]],
    ["no JSON", "an owner changed", [TENANT, OTHER_TENANT]],
    ["a list", "[]", [TENANT, OTHER_TENANT]],
    ["a tenant of ours", JSON.stringify({ tenantId: OTHER_TENANT }), [OTHER_TENANT]],
    ["a tenant of ours in capitals", JSON.stringify({ tenantId: OTHER_TENANT.toUpperCase() }), [OTHER_TENANT]],
    ["a tenant that is none of ours", JSON.stringify({ tenantId: "nobody" }), []],
    ["a tenant that is no text", JSON.stringify({ tenantId: [TENANT] }), []],
    ["a tenant that is nothing", JSON.stringify({ tenantId: null }), []],
    ["a tenant named like a property of everything", JSON.stringify({ tenantId: "__proto__" }), []],
    ["a tenant by way of the prototype", `{"__proto__":{"tenantId":"${OTHER_TENANT}"}}`, [TENANT, OTHER_TENANT]],
  ])("with %s rings for whom it names", async (_name, body, tenants) => {
    const rig = await startBellRig();
    expect(await rig.ring(BELL, rig.signed(body))).toMatchObject(ACCEPTED);
    expect(tenantsRung(rig)).toEqual(tenants);
  });

  it("replayed does no work, and is answered the same", async () => {
    const rig = await startBellRig();
    const call = rig.signed("{}", "msg_1");
    expect(await rig.ring(BELL, call)).toMatchObject(ACCEPTED);
    await rig.clock.advance(60_000);
    expect(await rig.ring(BELL, call)).toMatchObject(ACCEPTED);
    expect(rig.bus.attempts).toHaveLength(2);
    expect(await rig.ring(BELL, rig.signed("{}", "msg_2"))).toMatchObject(ACCEPTED);
    expect(rig.bus.attempts).toHaveLength(4);
  });

  it("that was not kept may be sent again", async () => {
    const rig = await startBellRig();
    const call = rig.signed("{}", "msg_1");
    rig.bus.refuse("poll-requests", true);
    expect(await rig.ring(BELL, call)).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    rig.bus.refuse("poll-requests", false);
    expect(await rig.ring(BELL, call)).toMatchObject(ACCEPTED);
    expect(tenantsRung(rig)).toHaveLength(2);
  });

  it.each([
    ["@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/doorbell-secret)", 0],
    ["whsec_QW5vdGhlciBzZWNyZXQgb2YgYSB0ZXN0LCAyNCBieXRlcw==", 1],
  ])(
    "with the setting %j is refused, and the log tells a reference that did not resolve from a wrong signature",
    async (secret, secretsSet) => {
      const rig = await startBellRig({ secret });
      expect((await rig.ring(BELL, rig.signed("{}"))).status).toBe(401);
      expect(rig.log.lines).toMatchObject([{ message: "a doorbell was refused", fields: { secretsSet } }]);
    },
  );

  it("that is too long is refused before it is checked", async () => {
    const rig = await startBellRig();
    expect((await rig.ring(BELL, rig.signed("x".repeat(256 * 1_024 + 1)))).status).toBe(413);
    expect((await rig.ring(BELL, { headers: { "content-length": "9999999" } })).status).toBe(413);
  });
});
