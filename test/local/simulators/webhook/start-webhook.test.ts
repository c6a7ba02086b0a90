import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  DEFAULT_WEBHOOK_SECRET,
  type WebhookSimulator,
  startWebhook,
} from "../../../../local/simulators/webhook/start-webhook.ts";

let receiver: WebhookSimulator;
beforeEach(async () => {
  receiver = await startWebhook();
});
afterEach(() => receiver.close());

const EVENT = { specversion: "1.0", id: "e1", source: "/s", type: "t", subject: "mdx:t:1", data: {} };

/** What the library of Standard Webhooks makes of it. */
function post(
  event: Record<string, unknown>,
  { secret = DEFAULT_WEBHOOK_SECRET, agoS = 0, type = "application/cloudevents+json", as = "e1", sent = "" } = {},
): Promise<Response> {
  const body = JSON.stringify(event);
  const at = new Date(Date.now() - agoS * 1_000);
  return fetch(receiver.url, {
    method: "POST",
    headers: {
      "content-type": type,
      "webhook-id": as,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": `v1a,other ${new Webhook(secret).sign(as, at, body)}`,
    },
    body: sent === "" ? body : sent,
  });
}

describe("the simulated receiver", () => {
  it("takes what the library signed, and keeps it as it came", async () => {
    expect((await post(EVENT)).status).toBe(204);
    expect(receiver.deliveries).toMatchObject([{ id: "e1", subject: "mdx:t:1", body: JSON.stringify(EVENT) }]);
  });

  it.each([
    ["another secret", { secret: `whsec_${Buffer.from("another secret, 32 bytes or so..").toString("base64")}` }],
    ["an old time", { agoS: 400 }],
    ["a time to come", { agoS: -400 }],
    ["another body", { sent: JSON.stringify({ ...EVENT, data: { x: 1 } }) }],
  ])("believes nobody with %s", async (_name, options) => {
    expect((await post(EVENT, options)).status).toBe(401);
    expect(receiver.deliveries).toEqual([]);
  });

  it.each([
    ["another type of content", EVENT, { type: "application/json" }],
    ["another version", { ...EVENT, specversion: "0.3" }, {}],
    ["no type", { ...EVENT, type: "" }, {}],
    ["another id than it is sent under", { ...EVENT, id: "e2" }, {}],
    ["no data", { ...EVENT, data: "text" }, {}],
  ])("refuses %s, and remembers that it came", async (_name, event, options) => {
    expect((await post(event, options)).status).toBe(400);
    expect(receiver.unexpected).toHaveLength(1);
  });

  it("remembers what came to another place", async () => {
    expect((await fetch(new URL("/elsewhere", receiver.url))).status).toBe(404);
    expect(receiver.unexpected).toEqual(["GET /elsewhere"]);
  });

  it("wants nothing more once it is told so", async () => {
    receiver.behaviour.isGone = true;
    expect((await post(EVENT)).status).toBe(410);
  });

  it("shows an event to people, as text", async () => {
    await post({ ...EVENT, data: { title: "<script>alert(1)</script>" } });
    const page = await (await fetch(new URL("/events/e1", receiver.url))).text();
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script>");
  });
});
