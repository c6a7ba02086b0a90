import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registerRingDoorbellSentinel } from "../../functions/ring-doorbell-sentinel.ts";
import { OTHER_TENANT, startBellRig } from "../bell-rig.ts";
import { TENANT } from "../build.ts";
import { KEYS, startTestHost } from "../local/host/start-test-host.ts";

const BELL = "ring-doorbell-sentinel";

function tenantsRung(rig: Awaited<ReturnType<typeof startBellRig>>): readonly string[] {
  return rig.bus.take("poll-requests").map((message) => (message.body as { tenantId: string }).tenantId);
}

describe("the bell for a Sentinel playbook", () => {
  it.each([
    ["no tenant", {}, [TENANT, OTHER_TENANT]],
    ["a tenant of ours", { tenantId: TENANT }, [TENANT]],
    ["a tenant that is none of ours", { tenantId: "nobody" }, []],
    ["an empty tenant", { tenantId: "" }, []],
  ])("with %s rings for whom it names", async (_name, query, tenants) => {
    const rig = await startBellRig();
    expect(await rig.ring(BELL, { query })).toMatchObject({ status: 202, body: "" });
    expect(tenantsRung(rig)).toEqual(tenants);
  });

  it("reads nothing of a body but its length", async () => {
    const rig = await startBellRig();
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 500 }), fc.json()), async (body) => {
        await rig.clock.advance(2_000);
        expect((await rig.ring(BELL, { body })).status).toBe(202);
        expect(tenantsRung(rig)).toEqual([TENANT, OTHER_TENANT]);
      }),
    );
    expect((await rig.ring(BELL, { body: "x".repeat(256 * 1_024 + 1) })).status).toBe(413);
    expect(rig.bus.take("poll-requests")).toEqual([]);
  });

  it("says when it could not be kept", async () => {
    const rig = await startBellRig();
    rig.bus.refuse("poll-requests", true);
    expect(await rig.ring(BELL, {})).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
  });

  it("is behind a function key", async () => {
    await startBellRig();
    const hostJson = { version: "2.0", extensions: { http: { routePrefix: "" } } };
    const host = await startTestHost({ hostJson, load: () => registerRingDoorbellSentinel() });
    const ring = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${host.url}/api/doorbell/sentinel`, { method: "POST", headers, body: "{}" });
    expect((await ring({})).status).toBe(401);
    expect((await ring({ "x-functions-key": "guess" })).status).toBe(401);
    expect((await ring({ "x-functions-key": KEYS.functions })).status).toBe(202);
    expect((await fetch(`${host.url}/api/doorbell/sentinel?code=${KEYS.functions}`)).status).toBe(404);
  });
});
