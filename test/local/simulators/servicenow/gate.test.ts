import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { call, createManualClock, deskCall, useTenant } from "../with-tenant.ts";

const TABLE = "/api/now/table/incident";
const tenantFor = useTenant();
const JSON_ONLY = { accept: "application/json" } as const;

function tokenFor(tenant: Tenant, form: Record<string, string>, contentType = "application/x-www-form-urlencoded") {
  const { clientId, clientSecret } = tenant.serviceNow.credentials;
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form }).toString();
  return call(
    `${tenant.serviceNow.url}/oauth_token.do`,
    {},
    { method: "POST", body, headers: { "content-type": contentType } },
  );
}

describe("what stands before ServiceNow", () => {
  it("takes a password, an API key or a token, and nothing else", async () => {
    const tenant = await tenantFor();
    const { url, credentials } = tenant.serviceNow;
    const none = await call(`${url}${TABLE}`, JSON_ONLY, {});
    expect(none.status).toBe(401);
    expect(none.json()).toEqual({
      error: { message: "User Not Authenticated", detail: "Required to provide Auth information" },
      status: "failure",
    });
    const wrong = { headers: { authorization: `Basic ${Buffer.from("dex-sync:wrong").toString("base64")}` } };
    expect((await call(`${url}${TABLE}`, JSON_ONLY, wrong)).status).toBe(401);
    expect((await call(`${url}${TABLE}`, JSON_ONLY, { headers: { "x-sn-apikey": credentials.apiKey } })).status).toBe(
      200,
    );
    expect((await deskCall(tenant, TABLE)).status).toBe(200);
  });

  it("hands out tokens for a form, and only for a form; they end", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock });
    const granted = await tokenFor(tenant, { grant_type: "client_credentials" });
    expect(granted.json()).toMatchObject({ token_type: "Bearer", expires_in: 1_800 });
    const use = () =>
      call(`${tenant.serviceNow.url}${TABLE}`, JSON_ONLY, {
        headers: { authorization: `Bearer ${granted.json().access_token}` },
      });
    expect((await use()).status).toBe(200);
    clock.advance(1_800_000);
    expect((await use()).status).toBe(401);
    expect((await tokenFor(tenant, { grant_type: "client_credentials" }, "application/json")).status).toBe(401);
    expect((await tokenFor(tenant, { grant_type: "client_credentials", client_secret: "x" })).status).toBe(401);
    expect((await tokenFor(tenant, { grant_type: "password", username: "dex-sync", password: "x" })).status).toBe(401);
  });

  it("takes tokens back", async () => {
    const tenant = await tenantFor();
    const { access_token: token } = (await tokenFor(tenant, { grant_type: "client_credentials" })).json();
    tenant.serviceNow.revokeTokens();
    const answer = await call(`${tenant.serviceNow.url}${TABLE}`, JSON_ONLY, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
  });

  it("wants its headers and JSON", async () => {
    const tenant = await tenantFor();
    expect((await deskCall(tenant, TABLE, { headers: { accept: "*/*" } })).status).toBe(400);
    const post = { method: "POST", body: {} };
    expect((await deskCall(tenant, TABLE, { ...post, headers: { "content-type": "text/plain" } })).status).toBe(400);
    expect((await deskCall(tenant, TABLE, { method: "POST", body: "{" })).status).toBe(400);
    expect((await deskCall(tenant, "/api/now/other")).status).toBe(400);
    expect(tenant.serviceNow.tickets.size()).toBe(0);
  });

  it("throttles by the hour, with the body and headers of the documentation", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ clock, serviceNow: { behaviour: { quotaPerHour: 1 } } });
    await deskCall(tenant, TABLE);
    clock.advance(600_000);
    const answer = await deskCall(tenant, TABLE);
    expect(answer.status).toBe(429);
    expect(answer.json()).toEqual({
      error: { message: "Rate limit exceeded", detail: "Rate limit of 1 requests per hour for Table API exceeded" },
      status: "failure",
    });
    expect(answer.headers.get("retry-after")).toBe("3000");
    expect(answer.headers.get("x-ratelimit-limit")).toBe("1");
    expect(Number(answer.headers.get("x-ratelimit-reset"))).toBe((clock.now() + 3_000_000) / 1000);
    expect(answer.headers.get("x-ratelimit-rule")).toMatch(/^[0-9a-f]{32}$/);
    clock.advance(3_000_000);
    expect((await deskCall(tenant, TABLE)).status).toBe(200);
  });

  it("sleeps behind a page and 200", async () => {
    const tenant = await tenantFor({ serviceNow: { behaviour: { asleep: true } } });
    const answer = await deskCall(tenant, TABLE, { method: "POST", body: {} });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(tenant.serviceNow.tickets.size()).toBe(0);
  });
});
