import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Tenant } from "../../../../local/simulators/start-tenant.ts";
import { type Answer, graphCall, useTenant } from "../with-tenant.ts";

const tenantFor = useTenant();
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** A receiver that answers the handshake; `next` is its next notification. */
async function startReceiver(answersToken: boolean): Promise<{ url: string; next: Promise<string> }> {
  let arrive: (body: string) => void = () => undefined;
  const next = new Promise<string>((resolve) => {
    arrive = resolve;
  });
  const server = createServer((request, response) => {
    const token = new URL(request.url ?? "/", "http://localhost").searchParams.get("validationToken");
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (token === null) arrive(body);
      response.writeHead(token === null ? 202 : 200, { "content-type": "text/plain" });
      response.end(answersToken ? token : "no");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bell`, next };
}

function subscribe(tenant: Tenant, notificationUrl: string, more: object = {}): Promise<Answer> {
  const expirationDateTime = new Date(Date.now() + 3_600_000).toISOString();
  const body = {
    resource: "security/incidents",
    changeType: "updated",
    clientState: "secret",
    notificationUrl,
    expirationDateTime,
    ...more,
  };
  return graphCall(tenant, "v1.0/subscriptions", { method: "POST", body });
}

describe("subscriptions", () => {
  it("are refused for incidents, as the documentation has it", async () => {
    const tenant = await tenantFor();
    const answer = await subscribe(tenant, "http://127.0.0.1:9/bell");
    expect(answer.status).toBe(400);
    expect(answer.json().error.message).toContain("security/incidents");
  });

  it("shake hands, notify, are renewed and deleted, when they are accepted", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { subscriptions: "accepted" } } });
    const receiver = await startReceiver(true);
    const made = await subscribe(tenant, receiver.url);
    expect(made.status).toBe(201);
    const { id } = made.json();
    const incident = tenant.graph.incidents.create();
    expect(JSON.parse(await receiver.next).value).toMatchObject([
      {
        subscriptionId: id,
        clientState: "secret",
        resource: `security/incidents/${incident.id}`,
        tenantId: tenant.graph.tenantId,
      },
    ]);
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const renewed = await graphCall(tenant, `v1.0/subscriptions/${id}`, {
      method: "PATCH",
      body: { expirationDateTime: later },
    });
    expect(renewed.json().expirationDateTime).toBe(later);
    expect((await graphCall(tenant, `v1.0/subscriptions/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await graphCall(tenant, `v1.0/subscriptions/${id}`)).status).toBe(404);
  });

  it("refuse an endpoint that fails the handshake, a foreign one, a long secret and a long life", async () => {
    const tenant = await tenantFor({ graph: { behaviour: { subscriptions: "accepted" } } });
    const receiver = await startReceiver(false);
    expect((await subscribe(tenant, receiver.url)).json().error.code).toBe("ValidationError");
    expect((await subscribe(tenant, "https://bells.example.net/x")).status).toBe(400);
    expect((await subscribe(tenant, receiver.url, { clientState: "x".repeat(129) })).status).toBe(400);
    const tooLate = new Date(Date.now() + 43_300 * 60_000).toISOString();
    expect((await subscribe(tenant, receiver.url, { expirationDateTime: tooLate })).status).toBe(400);
    expect((await subscribe(tenant, receiver.url, { resource: "security/alerts_v2" })).status).toBe(400);
  });
});
