import { Webhook } from "standardwebhooks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSignedBy, isUsableSecret } from "../../../shared/http/verify-signature.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const NEXT = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const BODY = JSON.stringify({ reason: "an owner changed" });

function signed(secret: string, body = BODY, at = new Date()): Record<string, string> {
  const id = "msg_1";
  return {
    "webhook-id": id,
    "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

const ask = (secrets: readonly string[], headers: Record<string, string>, body = BODY): Promise<boolean> =>
  isSignedBy(secrets, body, (name) => headers[name] ?? null);

describe("isSignedBy", () => {
  it("believes a signature by any current secret, so that they can be rotated", async () => {
    expect(await ask([SECRET], signed(SECRET))).toBe(true);
    expect(await ask([SECRET, NEXT], signed(NEXT))).toBe(true);
    expect(await ask([SECRET], signed(SECRET, "not JSON"), "not JSON")).toBe(true);
  });

  it("refuses everybody where there is no secret, or none that can be used", async () => {
    expect(await ask([], signed(SECRET))).toBe(false);
    expect(await ask(["", "short", "whsec_ not base64 at all, sorry"], signed(SECRET))).toBe(false);
    expect(isUsableSecret("whsec_c2hvcnQ=")).toBe(false);
  });

  it.each([
    ["another secret", () => signed(NEXT), BODY],
    ["another body", () => signed(SECRET), `${BODY} `],
    ["a signature of yesterday", () => signed(SECRET, BODY, new Date(Date.now() - 86_400_000)), BODY],
    ["a signature of tomorrow", () => signed(SECRET, BODY, new Date(Date.now() + 86_400_000)), BODY],
    ["no signature", () => ({ ...signed(SECRET), "webhook-signature": "" }), BODY],
    ["an older scheme", () => ({ ...signed(SECRET), "webhook-signature": "v0,abc" }), BODY],
    ["a signature without its value", () => ({ ...signed(SECRET), "webhook-signature": "v1" }), BODY],
    ["a time that is none", () => ({ ...signed(SECRET), "webhook-timestamp": "soon" }), BODY],
    ["another id", () => ({ ...signed(SECRET), "webhook-id": "msg_2" }), BODY],
  ])("refuses %s", async (_name, headers, body) => {
    expect(await ask([SECRET], headers(), body)).toBe(false);
  });

  it("answers whatever is sent", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.string(), fc.string(), async (body, id, timestamp, signature) => {
        const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
        expect(await ask([SECRET], headers, body)).toBe(false);
      }),
    );
  });
});
