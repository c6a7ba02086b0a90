import { describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { type Answer, createManualClock, graphCall, useTenant } from "../with-tenant.ts";
import { useReceiver } from "./start-receiver.ts";

const tenantFor = useTenant();
const receiverFor = useReceiver();

const ACCEPTING = { graph: { behaviour: { subscriptions: "accepted" } } } as const;

function subscribe(tenant: Tenant, notificationUrl: string, more: object = {}): Promise<Answer> {
  const expirationDateTime = new Date(Date.now() + 3_600_000).toISOString();
  const body = {
    resource: "security/incidents",
    changeType: "created,updated",
    clientState: "secret",
    notificationUrl,
    expirationDateTime,
    ...more,
  };
  return graphCall(tenant, "v1.0/subscriptions", { method: "POST", body });
}

describe("subscriptions", () => {
  it("are refused for incidents, as the documentation has it, with the status that is set", async () => {
    const tenant = await tenantFor();
    const answer = await subscribe(tenant, "http://127.0.0.1:9/bell");
    expect(answer.status).toBe(400);
    expect(answer.json().error.message).toContain("security/incidents");
    tenant.graph.behaviour.subscriptionRefusal = 403;
    expect((await subscribe(tenant, "http://127.0.0.1:9/bell")).status).toBe(403);
    expect(tenant.graph.subscriptions()).toEqual([]);
  });

  it("shake hands with a token that must be URL-decoded exactly once", async () => {
    const tenant = await tenantFor(ACCEPTING);
    const receiver = await receiverFor();
    expect((await subscribe(tenant, receiver.urlOf("/bell"))).status).toBe(201);
    const [handshake] = receiver.received;
    expect(handshake).toMatchObject({ path: "/bell", contentType: "text/plain; charset=utf-8", body: "" });
    const token = handshake?.token ?? "";
    for (const character of " :&+%/=") expect(token).toContain(character);
    expect(token).not.toMatch(/[<>"']/);
    expect(handshake?.query).not.toContain(token);
    expect(decodeURIComponent(token)).not.toBe(token);
  });

  it("shake hands with both addresses, twice where they are one, and fail where one of them does", async () => {
    const tenant = await tenantFor(ACCEPTING);
    const receiver = await receiverFor(["/deaf"]);
    const [bell, life, deaf] = ["/bell", "/life", "/deaf"].map((path) => receiver.urlOf(path));
    const made = await subscribe(tenant, bell ?? "", { lifecycleNotificationUrl: life });
    expect(made.json().lifecycleNotificationUrl).toBe(life);
    expect((await subscribe(tenant, bell ?? "", { lifecycleNotificationUrl: bell })).status).toBe(201);
    expect(receiver.received.map(({ path }) => path)).toEqual(["/bell", "/life", "/bell", "/bell"]);
    const failed = await subscribe(tenant, bell ?? "", { lifecycleNotificationUrl: deaf });
    expect(failed.json().error.code).toBe("ValidationError");
    expect((await subscribe(tenant, deaf ?? "")).status).toBe(400);
    expect(tenant.graph.subscriptions()).toHaveLength(2);
  });

  it("notify of what they are for, with the secret, and count it", async () => {
    const tenant = await tenantFor(ACCEPTING);
    const { graph } = tenant;
    const receiver = await receiverFor();
    const { id } = (await subscribe(tenant, receiver.urlOf("/bell"))).json();
    const incident = graph.incidents.create();
    await subscribe(tenant, receiver.urlOf("/one"), { resource: `/security/incidents/${incident.id}` });
    await subscribe(tenant, receiver.urlOf("/new"), { changeType: "created" });
    const other = graph.incidents.create();
    graph.incidents.change(incident.id, { severity: "high" });
    await expect.poll(() => graph.notifications()).toEqual({ sent: 5, lost: 0 });
    const seen = (path: string) =>
      receiver.notifications(path).map(({ value: [item] }) => [item.changeType, item.resourceData.id]);
    expect(seen("/bell")).toHaveLength(3);
    expect(seen("/bell")).toEqual(
      expect.arrayContaining([
        ["created", incident.id],
        ["created", other.id],
        ["updated", incident.id],
      ]),
    );
    expect(seen("/one")).toEqual([["updated", incident.id]]);
    expect(seen("/new")).toEqual([["created", other.id]]);
    const [item] = receiver.notifications("/one")[0].value;
    const resource = `security/incidents/${incident.id}`;
    expect(item).toMatchObject({ clientState: "secret", resource, tenantId: graph.tenantId });
    expect(item.resourceData).toMatchObject({
      "@odata.type": "#microsoft.graph.security.incident",
      "@odata.id": resource,
    });
    expect(item).not.toHaveProperty("encryptedContent");
    expect(receiver.notifications("/bell")[0].value[0].subscriptionId).toBe(id);
  });

  it("send resource data nobody asked for, when told to, and refuse to be asked for it", async () => {
    const tenant = await tenantFor(ACCEPTING);
    tenant.graph.behaviour.notificationShape = "encrypted";
    const receiver = await receiverFor();
    expect((await subscribe(tenant, receiver.urlOf("/bell"), { includeResourceData: true })).status).toBe(400);
    expect((await subscribe(tenant, receiver.urlOf("/bell"), { includeResourceData: false })).status).toBe(201);
    tenant.graph.incidents.create();
    await expect.poll(() => receiver.notifications("/bell")).toHaveLength(1);
    const [body] = receiver.notifications("/bell");
    expect(body.validationTokens).toHaveLength(1);
    expect(Object.keys(body.value[0].encryptedContent).toSorted()).toEqual([
      "data",
      "dataKey",
      "dataSignature",
      "encryptionCertificateId",
      "encryptionCertificateThumbprint",
    ]);
  });

  it("are read without their secret, renewed, reauthorized and deleted", async () => {
    const tenant = await tenantFor(ACCEPTING);
    const receiver = await receiverFor();
    const made = await subscribe(tenant, receiver.urlOf("/bell"), {
      lifecycleNotificationUrl: receiver.urlOf("/life"),
    });
    expect(made.json().clientState).toBe("secret");
    const path = `v1.0/subscriptions/${made.json().id}`;
    const shown = { id: made.json().id, clientState: null, lifecycleNotificationUrl: receiver.urlOf("/life") };
    expect((await graphCall(tenant, path)).json()).toMatchObject(shown);
    expect((await graphCall(tenant, "v1.0/subscriptions")).json().value).toMatchObject([shown]);
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const renew = (body: object) => graphCall(tenant, path, { method: "PATCH", body });
    expect((await renew({ expirationDateTime: later })).json()).toMatchObject({ ...shown, expirationDateTime: later });
    expect((await renew({ expirationDateTime: later, lifecycleNotificationUrl: "http://127.0.0.1:9" })).status).toBe(
      400,
    );
    expect((await graphCall(tenant, `${path}/reauthorize`, { method: "POST" })).status).toBe(204);
    expect((await graphCall(tenant, `${path}/nothing`, { method: "POST" })).status).toBe(400);
    expect(tenant.graph.subscriptions()).toMatchObject([
      { clientState: "secret", expirationDateTime: later, reauthorizations: 1 },
    ]);
    expect(tenant.graph.requests.of("POST subscription/reauthorize")).toBe(1);
    expect((await graphCall(tenant, path, { method: "DELETE" })).status).toBe(204);
    expect((await graphCall(tenant, path)).status).toBe(404);
    expect((await graphCall(tenant, `${path}/reauthorize`, { method: "POST" })).status).toBe(404);
  });

  it("are forgotten when they expire", async () => {
    const clock = createManualClock();
    const tenant = await tenantFor({ ...ACCEPTING, clock });
    const receiver = await receiverFor();
    const expirationDateTime = new Date(clock.now() + 60_000).toISOString();
    await subscribe(tenant, receiver.urlOf("/bell"), { expirationDateTime });
    expect(tenant.graph.subscriptions()).toHaveLength(1);
    clock.advance(60_000);
    expect(tenant.graph.subscriptions()).toEqual([]);
    expect((await graphCall(tenant, "v1.0/subscriptions")).json().value).toEqual([]);
  });

  it.each(["reauthorizationRequired", "subscriptionRemoved", "missed"] as const)(
    "tell of their life: %s",
    async (event) => {
      const tenant = await tenantFor(ACCEPTING);
      const receiver = await receiverFor();
      const lifecycleNotificationUrl = receiver.urlOf("/life");
      const made = await subscribe(tenant, receiver.urlOf("/bell"), { lifecycleNotificationUrl });
      await subscribe(tenant, receiver.urlOf("/bell"));
      const { id: subscriptionId, expirationDateTime } = made.json();
      expect(await tenant.graph.sendLifecycle(event)).toBe(1);
      const item = {
        subscriptionId,
        subscriptionExpirationDateTime: expirationDateTime,
        tenantId: tenant.graph.tenantId,
        clientState: "secret",
        lifecycleEvent: event,
      };
      expect(receiver.notifications("/life")).toEqual([{ value: [item] }]);
      expect(tenant.graph.subscriptions()).toHaveLength(event === "subscriptionRemoved" ? 0 : 2);
      expect(tenant.graph.notifications()).toEqual({ sent: 0, lost: 0 });
    },
  );

  it("refuse a foreign address, a long secret, a long life, a strange change and a strange resource", async () => {
    const tenant = await tenantFor(ACCEPTING);
    const url = (await receiverFor()).urlOf("/bell");
    expect((await subscribe(tenant, "https://bells.example.net/x")).status).toBe(400);
    expect((await subscribe(tenant, url, { lifecycleNotificationUrl: "https://bells.example.net/x" })).status).toBe(
      400,
    );
    expect((await subscribe(tenant, url, { clientState: "x".repeat(129) })).status).toBe(400);
    const tooLate = new Date(Date.now() + 43_300 * 60_000).toISOString();
    expect((await subscribe(tenant, url, { expirationDateTime: tooLate })).status).toBe(400);
    expect((await subscribe(tenant, url, { changeType: "created,touched" })).status).toBe(400);
    expect((await subscribe(tenant, url, { resource: "security/alerts_v2" })).status).toBe(400);
    expect(tenant.graph.subscriptions()).toEqual([]);
  });
});
