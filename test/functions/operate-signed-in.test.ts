import { describe, expect, it, vi } from "vitest";
import { registerOperateSignedIn } from "../../functions/operate-signed-in.ts";
import { clientPrincipalOf } from "../../shared/http/client-principal.ts";
import { startBellRig } from "../bell-rig.ts";
import { TENANT } from "../build.ts";
import { startTestHost } from "../local/host/start-test-host.ts";

const JSON_TYPE = { "content-type": "application/json" };

function principal(claims: readonly { readonly typ: string; readonly val: string }[]): Record<string, string> {
  const value = { auth_typ: "aad", name_typ: "preferred_username", role_typ: "roles", claims };
  return { "x-ms-client-principal": Buffer.from(JSON.stringify(value)).toString("base64") };
}

const NAME = { typ: "preferred_username", val: "soc@contoso.example" };
const OPERATOR = principal([NAME, { typ: "roles", val: "operator" }]);

async function startOperator(env: Readonly<Record<string, string>>) {
  const rig = await startBellRig();
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const hostJson = { version: "2.0", extensions: { http: { routePrefix: "" } } };
  const host = await startTestHost({ hostJson, load: () => registerOperateSignedIn() });
  const poll = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${host.url}/api/operator/poll`, {
      method: "POST",
      headers,
      body: JSON.stringify({ tenant: TENANT, reason: "a test" }),
    });
  return { rig, host, poll };
}

const SIGNED_IN = { WEBSITE_AUTH_ENABLED: "True", DEX_SYNC_OPERATOR_ROLE: "operator" };

describe("an operator who is signed in", () => {
  it("gives orders, and is kept beside the reason", async () => {
    const { rig, poll } = await startOperator(SIGNED_IN);
    expect((await poll({ ...JSON_TYPE, ...OPERATOR })).status).toBe(202);
    expect(rig.bus.take("poll-requests")).toHaveLength(1);
    const [kept] = await rig.tables.control.range("operations");
    expect(kept?.value).toMatchObject({ operation: "poll", by: "soc@contoso.example", order: { reason: "a test" } });
  });

  it.each([
    ["nobody", {}, 401],
    ["a header that is none", { "x-ms-client-principal": "%%%" }, 401],
    ["JSON that is none of it", { "x-ms-client-principal": Buffer.from("[1]").toString("base64") }, 401],
    ["somebody without the role", principal([NAME, { typ: "roles", val: "reader" }]), 403],
    ["somebody whose name is the role", principal([{ typ: "preferred_username", val: "operator" }]), 403],
  ])("is not %s", async (_name, headers, status) => {
    const { rig, poll } = await startOperator(SIGNED_IN);
    expect((await poll({ ...JSON_TYPE, ...headers })).status).toBe(status);
    expect(rig.bus.take("poll-requests")).toEqual([]);
    expect(await rig.tables.control.range("operations")).toEqual([]);
  });

  it("is not another site's form", async () => {
    const { rig, poll } = await startOperator(SIGNED_IN);
    expect((await poll({ "content-type": "text/plain", ...OPERATOR })).status).toBe(415);
    expect(rig.bus.take("poll-requests")).toEqual([]);
  });

  it.each([
    ["the platform signs nobody in", { DEX_SYNC_OPERATOR_ROLE: "operator" }],
    ["no role is named", { WEBSITE_AUTH_ENABLED: "True" }],
    ["an empty role is named", { WEBSITE_AUTH_ENABLED: "True", DEX_SYNC_OPERATOR_ROLE: "" }],
  ])("is believed by nobody where %s, for then anybody could write the header", async (_name, env) => {
    const { rig, poll } = await startOperator(env);
    expect((await poll({ ...JSON_TYPE, ...OPERATOR })).status).toBe(404);
    expect(rig.bus.take("poll-requests")).toEqual([]);
  });

  it("is read from the claims alone, whatever else is in them", () => {
    const claims = [null, 7, { typ: "roles" }, { typ: "roles", val: 9 }, { typ: "roles", val: "operator" }, NAME];
    const header = Buffer.from(JSON.stringify({ claims })).toString("base64");
    expect(clientPrincipalOf(header)).toEqual({ name: "soc@contoso.example", roles: ["operator"] });
    expect(clientPrincipalOf("A".repeat(70_000))).toBeUndefined();
  });
});
